//! Lists for FFmpeg's `concat` demuxer.

use std::fmt::Write as _;

use super::{RunEnvironment, Segment, SegmentSource};
use crate::time::{Rational, Time};

/// The demuxer's own grain of time.
const MICROS: Rational = Rational::new_raw(1_000_000, 1);

/// The list of some segments (FFmpeg documentation, "concat demuxer").
///
/// Files are opened at the keyframe at or before `inpoint`, and left before the first packet that is decoded at or
/// after `outpoint`; both count microseconds, so the one is rounded up and the other down. Every duration is told,
/// because the demuxer's own sums drift.
pub(super) fn list(segments: &[Segment], names: &dyn RunEnvironment) -> String {
    let mut out = String::from("ffconcat version 1.0\n");
    let mut begins = Time::ZERO;
    for segment in segments {
        let (path, from, until) = match &segment.source {
            SegmentSource::Media {
                key,
                in_point: from,
                out_point: until,
            } => (names.media_path(key), Some(*from), *until),
            SegmentSource::Artifact {
                id: part,
                in_point: from,
                out_point: until,
            } => (names.artifact_path(*part), *from, *until),
        };
        let _ = writeln!(out, "file 'file:{}'", path.replace('\'', r"'\''"));
        if let Some(from) = from {
            let _ = writeln!(out, "inpoint {}us", -(-from).whole_frames(MICROS));
        }
        if let Some(until) = until {
            let _ = writeln!(out, "outpoint {}us", until.whole_frames(MICROS));
        }
        let ends = begins + segment.duration;
        let _ = writeln!(out, "duration {}us", ends.frames(MICROS) - begins.frames(MICROS));
        begins = ends;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::ArtifactId;
    use super::*;

    struct Nameless;

    impl RunEnvironment for Nameless {
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

    /// Two hours into a file whose clock has as many ticks as MP4 allows.
    #[test]
    fn the_finest_clocks_are_told_in_microseconds() {
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
            list(&[segment], &Nameless),
            "ffconcat version 1.0\nfile 'file:a.mp4'\ninpoint 7200000001us\noutpoint 7300000000us\n\
             duration 100000000us\n"
        );
    }
}
