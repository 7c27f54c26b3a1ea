//! Video divided into segments that are encoded separately and joined.

use crate::facts::Facts;
use crate::graph::{Graph, NodeId, Window};
use crate::output::{
    ConcatCodec, Encoder, Encoding, OutputSpec, VideoConcat, VideoSegment, VideoSegmentSource,
};
use crate::time::{Rational, Time};

use super::seek_pushdown::Cutter;

/// An output's video that can be encoded in segments.
pub(super) struct SegmentableVideo {
    pub(super) node: NodeId,
    /// Number of frames.
    pub(super) frames: i64,
    rate: Rational,
    encoder: Encoder,
    codec: ConcatCodec,
}

impl SegmentableVideo {
    /// An output's video, if it is encoded as a whole, with constant quality, in a codec and container that allow
    /// joining.
    pub(super) fn from_output(graph: &Graph, facts: &Facts, output: &OutputSpec) -> Option<SegmentableVideo> {
        let track = output.video.as_ref()?;
        let encoder = match &track.encoding {
            Encoding::Auto(encoder) if graph.check_copy(track.node, output.container, facts).is_err() => {
                encoder
            }
            Encoding::Encode(encoder) => encoder,
            _ => return None,
        };
        let has_constant_quality = encoder
            .options
            .iter()
            .any(|(name, _)| matches!(name.as_str(), "crf" | "q"));
        let codec = ConcatCodec::joinable_in(output.container)
            .iter()
            .copied()
            .find(|codec| codec.encoder() == encoder.name)?;
        let ty = graph.video(track.node)?;
        if !has_constant_quality || output.clock.is_some() || ty.still || ty.variable_rate {
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

    /// Its duration.
    pub(super) fn length(&self) -> Time {
        Time::from_frames(self.frames, self.rate)
    }

    /// The video, joined from encoded segments.
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

/// Splits the first `frames` frames of video into `count` segments of equal length, each of which reads only a part of
/// the files; `None` if that is impossible.
pub(super) fn split_evenly(
    graph: &mut Graph,
    facts: &Facts,
    node: NodeId,
    frames: i64,
    count: i64,
) -> Option<Vec<VideoSegment>> {
    let rate = graph.video(node)?.frame_rate;
    let origin = graph.node(node).origin;
    let boundaries: Vec<i64> = (0..=count).map(|n| frames * n / count).collect();
    let mut segments = Vec::new();
    for pair in boundaries.windows(2) {
        let (from, until) = (pair[0], pair[1]);
        let window = Window {
            start: Time::from_frames(from, rate),
            end: (until < frames).then(|| Time::from_frames(until, rate)),
        };
        let segment = Cutter { graph, facts }.push_down(node, window, origin)?;
        let segment = graph.fix_length(segment, until - from, origin);
        segments.push(VideoSegment {
            length: Time::from_frames(until - from, rate),
            source: VideoSegmentSource::Encoded(segment),
        });
    }
    Some(segments)
}

/// A timescale in which every frame has an integer duration: the numerator of the frame rate, doubled until it is at
/// least 10,000.
pub(super) fn exact_timescale(rate: Rational) -> i64 {
    let mut doubled = std::iter::successors(Some(*rate.numer()), |timescale| Some(timescale * 2));
    doubled.find(|timescale| *timescale >= 10_000).unwrap_or(90_000)
}
