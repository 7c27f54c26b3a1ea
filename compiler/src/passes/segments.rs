//! Stretches of a picture, each encoded by itself, and joined.

use crate::facts::Facts;
use crate::graph::{Graph, NodeId, Window};
use crate::output::{
    ConcatCodec, Encoder, Encoding, OutputSpec, VideoConcat, VideoSegment, VideoSegmentSource,
};
use crate::time::{Rational, Time};

use super::seek_pushdown::Cutter;

/// A picture that may be encoded in stretches.
pub(super) struct SegmentableVideo {
    pub(super) node: NodeId,
    pub(super) frames: i64,
    rate: Rational,
    encoder: Encoder,
    codec: ConcatCodec,
}

impl SegmentableVideo {
    /// An output's picture, if it is encoded as a whole, to a constant quality, in a codec and a container in which parts
    /// can be joined.
    pub(super) fn from_output(graph: &Graph, facts: &Facts, output: &OutputSpec) -> Option<SegmentableVideo> {
        let track = output.video.as_ref()?;
        let encoder = match &track.encoding {
            Encoding::Auto(encoder) if graph.check_copy(track.node, output.container, facts).is_err() => {
                encoder
            }
            Encoding::Encode(encoder) => encoder,
            _ => return None,
        };
        let constant = encoder
            .options
            .iter()
            .any(|(name, _)| matches!(name.as_str(), "crf" | "q"));
        let codec = ConcatCodec::joinable_in(output.container)
            .iter()
            .copied()
            .find(|codec| codec.encoder() == encoder.name)?;
        let ty = graph.video(track.node)?;
        if !constant || output.clock.is_some() || ty.still || ty.variable_rate {
            return None;
        }
        Some(SegmentableVideo {
            node: track.node,
            frames: ty.duration?.frames(ty.frame_rate),
            rate: ty.frame_rate,
            encoder: encoder.clone(),
            codec,
        })
    }

    /// How long it is.
    pub(super) fn length(&self) -> Time {
        Time::from_frames(self.frames, self.rate)
    }

    /// It, joined from parts that are encoded.
    pub(super) fn into_concat(self, parts: Vec<VideoSegment>) -> VideoConcat {
        VideoConcat {
            parts,
            timescale: exact_timescale(self.rate),
            rate: self.rate,
            encoder: self.encoder,
            codec: self.codec,
            pts_jitter: Time::ZERO,
            in_band: false,
        }
    }
}

/// So many frames of a picture in stretches of equal length, each made by reading less of the files; none if they cannot
/// be.
pub(super) fn split_evenly(
    graph: &mut Graph,
    facts: &Facts,
    node: NodeId,
    frames: i64,
    count: i64,
) -> Option<Vec<VideoSegment>> {
    let rate = graph.video(node)?.frame_rate;
    let origin = graph.node(node).origin;
    let ends: Vec<i64> = (0..=count).map(|n| frames * n / count).collect();
    let mut parts = Vec::new();
    for pair in ends.windows(2) {
        let (from, until) = (pair[0], pair[1]);
        let window = Window {
            start: Time::from_frames(from, rate),
            end: (until < frames).then(|| Time::from_frames(until, rate)),
        };
        let part = Cutter { new: graph, facts }.push_down(node, window, origin)?;
        let part = graph.fix_length(part, until - from, origin);
        parts.push(VideoSegment {
            length: Time::from_frames(until - from, rate),
            source: VideoSegmentSource::Encoded(part),
        });
    }
    Some(parts)
}

/// A clock that counts frames exactly: frames in a second, doubled until there are enough.
pub(super) fn exact_timescale(rate: Rational) -> i64 {
    let mut doubled = std::iter::successors(Some(*rate.numer()), |timescale| Some(timescale * 2));
    doubled.find(|timescale| *timescale >= 10_000).unwrap_or(90_000)
}
