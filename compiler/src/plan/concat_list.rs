//! Lists for FFmpeg's `concat` demuxer.

use std::fmt::Write as _;

use super::{RunEnvironment, Segment, SegmentSource};
use crate::time::{Rational, Time};

/// Ticks per second of the demuxer's clock.
const MICROSECONDS: Rational = Rational::new_raw(1_000_000, 1);

/// The list of some segments (FFmpeg documentation, "concat demuxer").
///
/// The demuxer opens a file at the keyframe at or before `inpoint`, and leaves it before the first packet whose DTS is at or
/// after `outpoint`. Both count microseconds, so the one is rounded up and the other down. Every duration is written,
/// because the demuxer's own sums drift.
pub(super) fn concat_list(segments: &[Segment], environment: &dyn RunEnvironment) -> String {
    let mut out = String::from("ffconcat version 1.0\n");
    let mut start = Time::ZERO;
    for segment in segments {
        let (path, in_point, out_point) = match &segment.source {
            SegmentSource::Media {
                key,
                in_point,
                out_point,
            } => (environment.media_path(key), Some(*in_point), *out_point),
            SegmentSource::Artifact {
                id,
                in_point,
                out_point,
            } => (environment.artifact_path(*id), *in_point, *out_point),
        };
        let _ = writeln!(out, "file 'file:{}'", path.replace('\'', r"'\''"));
        if let Some(in_point) = in_point {
            let _ = writeln!(out, "inpoint {}us", -(-in_point).whole_frames(MICROSECONDS));
        }
        if let Some(out_point) = out_point {
            let _ = writeln!(out, "outpoint {}us", out_point.whole_frames(MICROSECONDS));
        }
        let end = start + segment.duration;
        let duration = end.frames(MICROSECONDS) - start.frames(MICROSECONDS);
        let _ = writeln!(out, "duration {duration}us");
        start = end;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::ArtifactId;
    use super::*;

    struct NoEnvironment;

    impl RunEnvironment for NoEnvironment {
        fn media_path(&self, key: &str) -> String {
            key.to_owned()
        }
        fn artifact_path(&self, _: ArtifactId) -> String {
            String::new()
        }
        fn concat_list_path(&self, _: usize) -> String {
            String::new()
        }
        fn generated_file_path(&self, _: usize) -> String {
            String::new()
        }
        fn output_path(&self, _: usize) -> String {
            String::new()
        }
        fn gain(&self, _: usize, _: Rational) -> String {
            String::new()
        }
    }

    /// Two hours into a file with the largest timescale of MP4.
    #[test]
    fn the_finest_timescales_are_rounded_to_microseconds() {
        let tick = |ticks: i64| Time::new(Rational::new(ticks, 2_147_483_647));
        let segment = Segment {
            source: SegmentSource::Media {
                key: "a.mp4".to_owned(),
                in_point: Time::seconds(7200) + tick(1),
                out_point: Some(Time::seconds(7300) + tick(1)),
            },
            duration: Time::seconds(100) + tick(-1),
        };
        assert_eq!(
            concat_list(&[segment], &NoEnvironment),
            "ffconcat version 1.0\nfile 'file:a.mp4'\ninpoint 7200000001us\noutpoint 7300000000us\n\
             duration 100000000us\n"
        );
    }
}
