//! Provenance: which parts of a stream are unchanged parts of a media file.

use super::{Filter, Graph, Node, NodeId, NodeKind, StreamType, Window};
use crate::time::Time;

/// A part of a stream's timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its duration.
    pub length: Time,
    /// The part of a file whose frames or samples these are, unchanged; `None` if anything changed them.
    pub source: Option<SourcePosition>,
}

/// A position in a stream of a media file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourcePosition {
    /// The file's key in the facts.
    pub media: String,
    /// Index of the stream in its file.
    pub stream: u32,
    /// The time in the file.
    pub at: Time,
}

impl Piece {
    fn changed(length: Time) -> Piece {
        Piece { length, source: None }
    }
}

impl Graph {
    /// Divides a stream's timeline into pieces, each unchanged or not; `None` if it is endless.
    ///
    /// Video that is temporarily converted to a pixel format with more precision counts as unchanged if it ends up in
    /// its own format.
    pub fn provenance(&self, id: NodeId) -> Option<Vec<Piece>> {
        let node = self.node(id);
        let length = node.ty.duration()?;
        let first = node.inputs.first().copied();
        // In Matroska, video is delayed by the priming of the audio; less than a frame does not count as a delay.
        let tolerance = Time::from_frames(1, node.ty.rate());
        let pieces = match (&node.kind, first) {
            (
                NodeKind::Source {
                    media,
                    stream,
                    window,
                    offset,
                },
                _,
            ) if *offset - window.start < tolerance => {
                let source = SourcePosition {
                    media: media.clone(),
                    stream: *stream,
                    at: window.start,
                };
                vec![Piece {
                    length,
                    source: Some(source),
                }]
            }
            (NodeKind::Trim { start, .. }, Some(input)) => {
                slice(&self.provenance(input)?, *start, *start + length)
            }
            // Copied audio packets land on a fixed grid, not exactly where the delay asks for, and the delay may be there
            // to fix lip sync.
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
            (NodeKind::Overlay { during, .. }, Some(background)) => {
                let visible = self.visible_window(*node.inputs.get(1)?, during.unwrap_or_default());
                mark_changed(&self.provenance(background)?, &visible)
            }
            (NodeKind::Filter(filter), Some(input)) if node.inputs.len() == 1 => {
                let keeps_frames = filter.identity || is_lossless_conversion(filter, node);
                match (&filter.active, keeps_frames) {
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

    /// Whether a [`NodeKind::FixedLength`] counts the frames that its input has.
    fn has_same_frames(&self, input: NodeId, fixed: &Node) -> bool {
        let ty = &self.node(input).ty;
        let is_regular = match ty {
            StreamType::Video(ty) => !ty.variable_rate && !ty.still,
            StreamType::Audio(_) => true,
        };
        is_regular && ty.rate() == fixed.ty.rate()
    }

    /// The window in which an inset that is drawn `during` some time is visible.
    fn visible_window(&self, inset: NodeId, during: Window) -> Window {
        let node = self.node(inset);
        let start = match node.kind {
            NodeKind::Delay { by } => by,
            _ => Time::ZERO,
        };
        let still = matches!(&node.ty, StreamType::Video(ty) if ty.still);
        let end = node.ty.duration().filter(|_| !still);
        Window {
            start: during.start.max(start),
            end: match (during.end, end) {
                (Some(during), Some(end)) => Some(during.min(end)),
                (during, end) => during.or(end),
            },
        }
    }
}

/// Whether a filter only converts 4:2:0 video to pixel formats that hold all of it.
fn is_lossless_conversion(filter: &Filter, node: &Node) -> bool {
    const LOSSLESS: &[&str] = &["yuv420p", "yuv444p", "yuva420p", "yuva444p"];
    let StreamType::Video(ty) = &node.ty else {
        return false;
    };
    filter.only_changes_pixel_format() && LOSSLESS.contains(&ty.pixels.name.as_str())
}

/// The part of a timeline from one time to another. Where the pieces end early, the rest counts as changed.
fn slice(pieces: &[Piece], from: Time, to: Time) -> Vec<Piece> {
    let (mut piece_start, mut sliced) = (Time::ZERO, Vec::new());
    for piece in pieces {
        let piece_end = piece_start + piece.length;
        let (start, end) = (piece_start.max(from), piece_end.min(to));
        if start < end {
            let source = piece.source.as_ref().map(|source| SourcePosition {
                at: source.at + (start - piece_start),
                ..source.clone()
            });
            let length = end - start;
            sliced.push(Piece { length, source });
        }
        piece_start = piece_end;
    }
    if piece_start < to {
        sliced.push(Piece::changed(to - piece_start.max(from)));
    }
    sliced
}

/// A timeline with the part in a window marked as changed.
fn mark_changed(pieces: &[Piece], window: &Window) -> Vec<Piece> {
    let length: Time = pieces.iter().map(|piece| piece.length).sum();
    let end = window.end.unwrap_or(length).min(length);
    if window.start >= end {
        return pieces.to_vec();
    }
    let mut marked = slice(pieces, Time::ZERO, window.start);
    marked.push(Piece::changed(end - window.start));
    marked.extend(slice(pieces, end, length));
    marked
}
