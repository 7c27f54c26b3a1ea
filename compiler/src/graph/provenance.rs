//! Which parts of a picture or sound are a file's as they are.

use super::{Filter, Graph, Node, NodeId, NodeKind, StreamType, Window};
use crate::time::Time;

/// A part of a picture's timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// How long it is.
    pub length: Time,
    /// The file whose pictures these are, untouched; none if anything was done to them.
    pub origin: Option<SourcePosition>,
}

/// Where untouched pictures come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourcePosition {
    /// The file's key in the facts.
    pub media: String,
    /// Index of the stream in its file.
    pub stream: u32,
    /// The time in the file at which the piece begins.
    pub at: Time,
}

impl Piece {
    fn changed(length: Time) -> Piece {
        Piece { length, origin: None }
    }
}

impl Graph {
    /// A picture's or sound's timeline in pieces, each untouched or not; none if it never ends.
    ///
    /// Pictures stored with more precision in between count as untouched, if they end up as they were.
    pub fn provenance(&self, id: NodeId) -> Option<Vec<Piece>> {
        let node = self.node(id);
        let length = node.ty.duration()?;
        let first = node.inputs.first().copied();
        // In Matroska, pictures wait for the priming of the sound; less than a frame does not count.
        let late = Time::from_frames(1, node.ty.rate());
        let pieces = match (&node.kind, first) {
            (
                NodeKind::Source {
                    media,
                    stream,
                    window,
                    offset,
                },
                _,
            ) if *offset - window.start < late => {
                let origin = SourcePosition {
                    media: media.clone(),
                    stream: *stream,
                    at: window.start,
                };
                vec![Piece {
                    length,
                    origin: Some(origin),
                }]
            }
            (NodeKind::Trim { start, .. }, Some(input)) => {
                slice(&self.provenance(input)?, *start, *start + length)
            }
            // Packets of sound cannot be put where it was asked for, which may be to bring it into step.
            (NodeKind::Delay { .. }, _) => vec![Piece::changed(length)],
            (NodeKind::FixedLength { .. }, Some(input)) if self.has_same_frames(input, node) => {
                slice(&self.provenance(input)?, Time::ZERO, length)
            }
            (NodeKind::Concat, _) => {
                let inputs = node.inputs.iter().map(|input| self.provenance(*input));
                inputs.collect::<Option<Vec<_>>>()?.concat()
            }
            (NodeKind::Crossfade { overlap, offset, .. }, Some(before)) => {
                let after = *node.inputs.get(1)?;
                let mut pieces = slice(&self.provenance(before)?, Time::ZERO, *offset);
                pieces.push(Piece::changed(*overlap));
                pieces.extend(slice(&self.provenance(after)?, *overlap, length - *offset));
                pieces
            }
            (NodeKind::Overlay { during, .. }, Some(ground)) => {
                let seen = self.visible_window(*node.inputs.get(1)?, during.unwrap_or_default());
                mark_changed(&self.provenance(ground)?, &seen)
            }
            (NodeKind::Filter(filter), Some(input)) if node.inputs.len() == 1 => {
                match (
                    &filter.active,
                    filter.identity || is_lossless_conversion(filter, node),
                ) {
                    (_, true) => self.provenance(input)?,
                    (Some(active), false) => active.iter().fold(self.provenance(input)?, |pieces, window| {
                        mark_changed(&pieces, window)
                    }),
                    (None, false) => vec![Piece::changed(length)],
                }
            }
            _ => vec![Piece::changed(length)],
        };
        Some(pieces)
    }

    /// Whether a node's frames are already where `exact` counts them.
    fn has_same_frames(&self, input: NodeId, exact: &Node) -> bool {
        let ty = &self.node(input).ty;
        let even = match ty {
            StreamType::Video(ty) => !ty.variable_rate && !ty.still,
            StreamType::Audio(_) => true,
        };
        even && ty.rate() == exact.ty.rate()
    }

    /// When a picture that is drawn onto another `during` some time is seen.
    fn visible_window(&self, inset: NodeId, during: Window) -> Window {
        let node = self.node(inset);
        let begins = match node.kind {
            NodeKind::Delay { by } => by,
            _ => Time::ZERO,
        };
        let still = matches!(&node.ty, StreamType::Video(ty) if ty.still);
        let ends = node.ty.duration().filter(|_| !still);
        Window {
            start: during.start.max(begins),
            end: match (during.end, ends) {
                (Some(end), Some(over)) => Some(end.min(over)),
                (end, over) => end.or(over),
            },
        }
    }
}

/// Whether all that a filter does is to store 4:2:0 pictures with no less than they had.
fn is_lossless_conversion(filter: &Filter, node: &Node) -> bool {
    const NO_LESS: &[&str] = &["yuv420p", "yuv444p", "yuva420p", "yuva444p"];
    let StreamType::Video(ty) = &node.ty else {
        return false;
    };
    filter.only_changes_pixel_format() && NO_LESS.contains(&ty.pixels.name.as_str())
}

/// The pieces from one time to another; what they lack at the end counts as changed.
fn slice(pieces: &[Piece], from: Time, to: Time) -> Vec<Piece> {
    let (mut begins, mut kept) = (Time::ZERO, Vec::new());
    for piece in pieces {
        let ends = begins + piece.length;
        let (start, end) = (begins.max(from), ends.min(to));
        if start < end {
            let origin = piece.origin.as_ref().map(|origin| SourcePosition {
                at: origin.at + (start - begins),
                ..origin.clone()
            });
            let length = end - start;
            kept.push(Piece { length, origin });
        }
        begins = ends;
    }
    if begins < to {
        kept.push(Piece::changed(to - begins.max(from)));
    }
    kept
}

/// The pieces, those in a window changed.
fn mark_changed(pieces: &[Piece], window: &Window) -> Vec<Piece> {
    let length: Time = pieces.iter().map(|piece| piece.length).sum();
    let end = window.end.unwrap_or(length).min(length);
    if window.start >= end {
        return pieces.to_vec();
    }
    let mut kept = slice(pieces, Time::ZERO, window.start);
    kept.push(Piece::changed(end - window.start));
    kept.extend(slice(pieces, end, length));
    kept
}
