//! Lists for FFmpeg's `concat` demuxer.

use std::fmt::Write as _;

use super::{Names, Segment, SegmentSource};
use crate::time::Time;

/// The list of some segments (FFmpeg documentation, "concat demuxer").
///
/// Files are opened at the keyframe at or before `inpoint`, and left before the first packet that is decoded at or
/// after `outpoint`; both count microseconds, so the one is rounded up and the other down. Every duration is told,
/// because the demuxer's own sums drift.
pub(super) fn list(segments: &[Segment], names: &dyn Names) -> String {
    let mut out = String::from("ffconcat version 1.0\n");
    let mut begins = Time::ZERO;
    for segment in segments {
        let (path, from, until) = match &segment.source {
            SegmentSource::Media { key, from, until } => (names.media(key), Some(*from), *until),
            SegmentSource::Made { part, from, until } => (names.made(*part), *from, *until),
        };
        let _ = writeln!(out, "file 'file:{}'", path.replace('\'', r"'\''"));
        if let Some(from) = from {
            let _ = writeln!(out, "inpoint {}us", -micros(-from));
        }
        if let Some(until) = until {
            let _ = writeln!(out, "outpoint {}us", micros(until));
        }
        let ends = begins + segment.length;
        let _ = writeln!(out, "duration {}us", nearest(ends) - nearest(begins));
        begins = ends;
    }
    out
}

/// Microseconds, rounded down.
fn micros(time: Time) -> i64 {
    (time.as_rational() * 1_000_000).floor().to_integer()
}

fn nearest(time: Time) -> i64 {
    (time.as_rational() * 1_000_000).round().to_integer()
}
