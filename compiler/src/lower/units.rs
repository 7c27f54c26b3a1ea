//! Amounts of media: megapixels, seconds of 48 kHz stereo, megabits, and the part of each that a run uses.

use crate::facts::{Media, Stream, StreamFacts};
use crate::graph::{AudioType, Filter, VideoType};
use crate::plan::RunInput;
use crate::time::{Time, Window};

/// Megapixels of one frame.
pub(super) fn megapixels(ty: &VideoType) -> f64 {
    f64::from(ty.width) * f64::from(ty.height) / 1e6
}

/// Frames per second.
pub(super) fn frames_per_second(ty: &VideoType) -> f64 {
    *ty.frame_rate.numer() as f64 / *ty.frame_rate.denom() as f64
}

/// Megapixels per second.
pub(super) fn megapixels_per_second(ty: &VideoType) -> f64 {
    megapixels(ty) * *ty.frame_rate.numer() as f64 / *ty.frame_rate.denom() as f64
}

/// Seconds of 48 kHz stereo per second.
pub(super) fn audio_units_per_second(ty: &AudioType) -> f64 {
    f64::from(ty.sample_rate) / 48_000.0 * f64::from(ty.channels) / 2.0
}

/// The share, 0 to 1, of a file that an input reads.
pub(super) fn share_read(input: &RunInput, media: &Media) -> f64 {
    let Some(whole) = media.duration.filter(|whole| whole.is_positive()) else {
        return 1.0;
    };
    let rest = whole - input.seek.unwrap_or_default();
    let read = input.duration.map_or(rest, |read| read.min(rest));
    (read.as_secs_f64() / whole.as_secs_f64()).clamp(0.0, 1.0)
}

/// Megabits per second of a stream: as the file reports it, else the stream's share of the file's size.
pub(super) fn bit_rate(media: &Media, stream: &Stream) -> f64 {
    if let Some(rate) = stream.bit_rate {
        return rate as f64 / 1e6;
    }
    let seconds = media.duration.map_or(0.0, Time::as_secs_f64);
    if seconds <= 0.0 {
        return 0.0;
    }
    let others = media.streams.iter().filter(|other| other.index != stream.index);
    let known: u64 = others.filter_map(|other| other.bit_rate).sum();
    let rest = (media.bytes as f64 * 8.0 / seconds - known as f64).max(0.0);
    // Video makes up most of a file whose streams do not report bit rates.
    let unknown = media.streams.iter().filter(|other| other.bit_rate.is_none());
    let weight = |stream: &Stream| match stream.facts {
        StreamFacts::Video(_) => 9.0,
        StreamFacts::Audio(_) => 1.0,
        _ => 0.0,
    };
    let all: f64 = unknown.map(weight).sum();
    rest / 1e6 * weight(stream) / f64::max(all, 1.0)
}

/// How much of the first so many seconds a filter changes; none if all of them.
pub(super) fn active_seconds(filter: &Filter, seconds: f64) -> Option<f64> {
    let windows = filter.active.as_ref()?;
    let active: f64 = windows
        .iter()
        .map(|window| seconds_within(*window, seconds))
        .sum();
    Some(active.min(finite(seconds)))
}

/// How much of a window lies in the first so many seconds.
pub(super) fn seconds_within(window: Window, seconds: f64) -> f64 {
    let end = window.end.map_or(seconds, |end| end.as_secs_f64().min(seconds));
    finite(end - window.start.as_secs_f64()).max(0.0)
}

/// Zero for an endless duration: no consumer reads an endless stream as a whole.
pub(super) fn finite(seconds: f64) -> f64 {
    if seconds.is_finite() { seconds } else { 0.0 }
}
