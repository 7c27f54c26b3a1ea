//! Which parts of a picture or sound are a file's as they are.

use super::{Filter, Graph, Node, NodeId, NodeKind, StreamType, Window};
use crate::time::Time;

/// A part of a picture's timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// How long it is.
    pub length: Time,
    /// The file whose pictures these are, untouched; none if anything was done to them.
    pub origin: Option<Origin>,
}

/// Where untouched pictures come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
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
    pub fn pieces(&self, id: NodeId) -> Option<Vec<Piece>> {
        let node = self.node(id);
        let length = node.ty.duration()?;
        let first = node.inputs.first().copied();
        // In Matroska, pictures wait for the priming of the sound; less than a frame does not count.
        let late = Time::from_frames(1, node.ty.grid());
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
                let origin = Origin {
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
                part(&self.pieces(input)?, *start, *start + length)
            }
            // Packets of sound cannot be put where it was asked for, which may be to bring it into step.
            (NodeKind::Delay { .. }, _) => vec![Piece::changed(length)],
            (NodeKind::FixedLength { .. }, Some(input)) if self.is_on_grid(input, node) => {
                part(&self.pieces(input)?, Time::ZERO, length)
            }
            (NodeKind::Concat, _) => {
                let inputs = node.inputs.iter().map(|input| self.pieces(*input));
                inputs.collect::<Option<Vec<_>>>()?.concat()
            }
            (NodeKind::Crossfade { overlap, offset, .. }, Some(before)) => {
                let after = *node.inputs.get(1)?;
                let mut pieces = part(&self.pieces(before)?, Time::ZERO, *offset);
                pieces.push(Piece::changed(*overlap));
                pieces.extend(part(&self.pieces(after)?, *overlap, length - *offset));
                pieces
            }
            (NodeKind::Overlay { during, .. }, Some(ground)) => {
                let seen = self.seen(*node.inputs.get(1)?, during.unwrap_or_default());
                without(&self.pieces(ground)?, &seen)
            }
            (NodeKind::Filter(filter), Some(input)) if node.inputs.len() == 1 => {
                match (&filter.active, filter.identity || is_kept_exactly(filter, node)) {
                    (_, true) => self.pieces(input)?,
                    (Some(active), false) => active
                        .iter()
                        .fold(self.pieces(input)?, |pieces, window| without(&pieces, window)),
                    (None, false) => vec![Piece::changed(length)],
                }
            }
            _ => vec![Piece::changed(length)],
        };
        Some(pieces)
    }

    /// Whether a node's frames are already where `exact` counts them.
    fn is_on_grid(&self, input: NodeId, exact: &Node) -> bool {
        let ty = &self.node(input).ty;
        let even = match ty {
            StreamType::Video(ty) => !ty.variable_rate && !ty.still,
            StreamType::Audio(_) => true,
        };
        even && ty.grid() == exact.ty.grid()
    }

    /// When a picture that is drawn onto another `during` some time is seen.
    fn seen(&self, inset: NodeId, during: Window) -> Window {
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
fn is_kept_exactly(filter: &Filter, node: &Node) -> bool {
    const NO_LESS: &[&str] = &["yuv420p", "yuv444p", "yuva420p", "yuva444p"];
    let StreamType::Video(ty) = &node.ty else {
        return false;
    };
    filter.only_changes_pixel_format() && NO_LESS.contains(&ty.pixels.name.as_str())
}

/// The pieces from one time to another; what they lack at the end counts as changed.
fn part(pieces: &[Piece], from: Time, to: Time) -> Vec<Piece> {
    let (mut begins, mut kept) = (Time::ZERO, Vec::new());
    for piece in pieces {
        let ends = begins + piece.length;
        let (start, end) = (begins.max(from), ends.min(to));
        if start < end {
            let origin = piece.origin.as_ref().map(|origin| Origin {
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
fn without(pieces: &[Piece], window: &Window) -> Vec<Piece> {
    let length: Time = pieces.iter().map(|piece| piece.length).sum();
    let end = window.end.unwrap_or(length).min(length);
    if window.start >= end {
        return pieces.to_vec();
    }
    let mut kept = part(pieces, Time::ZERO, window.start);
    kept.push(Piece::changed(end - window.start));
    kept.extend(part(pieces, end, length));
    kept
}
