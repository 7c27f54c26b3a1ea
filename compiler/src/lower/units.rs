//! How much there is of pictures, sounds and packets.

use std::collections::BTreeMap;

use crate::cost::VerificationWork;
use crate::facts::{Media, Problem, Stream, StreamFacts};
use crate::graph::{AudioType, Filter, VideoType, Window};
use crate::plan::{Run, RunInput, RunOutput, Track};
use crate::time::Time;

/// How much of a joined picture is decoded where packets meet, in seconds: some frames and what they need from the keyframe
/// before.
const SEAM: f64 = 1.5;

/// What is looked at when a run is over.
pub(super) fn checked(run: &Run) -> VerificationWork {
    let mut checked = VerificationWork::default();
    for output in &run.outputs {
        let expected = &output.expected;
        if *expected == Default::default() {
            continue;
        }
        let indexed = is_indexed(output);
        checked.probed_files += u32::from(!indexed);
        if let Some(video) = expected.video.as_ref().filter(|_| !expected.seams.is_empty()) {
            let rate = video
                .frame_rate
                .map_or(0.0, |rate| *rate.numer() as f64 / *rate.denom() as f64);
            let pixels = f64::from(video.width) * f64::from(video.height) / 1e6;
            let seams = expected.seams.len() as f64;
            // One decodes around all seams; when packets are shown, another tells.
            checked.processes += 1 + u32::from(!indexed);
            checked.decoded_megapixels += seams * SEAM * rate * pixels;
        }
    }
    checked
}

/// Whether a file's own index tells what it is, without a process.
fn is_indexed(output: &RunOutput) -> bool {
    let plain = |track: &Track| matches!(track.encoder.as_str(), "copy" | "libx264" | "aac");
    output.muxer == "mp4" && output.tracks.iter().all(plain)
}

/// Whether a run copies packets of such files into one, which needs no process either.
pub(super) fn is_mere_copying(run: &Run, media: &BTreeMap<String, Result<Media, Problem>>) -> bool {
    let plain = |stream: &Stream| matches!(stream.codec.as_str(), "h264" | "aac" | "mov_text");
    let indexed = |media: &Media| media.format.contains("mp4") && media.streams.iter().all(plain);
    let copies = |output: &RunOutput| {
        output.muxer == "mp4" && output.tracks.iter().all(|track| track.encoder == "copy")
    };
    run.outputs.iter().all(copies)
        && run
            .media_keys()
            .all(|key| matches!(media.get(key), Some(Ok(media)) if indexed(media)))
}

/// Which part of a file an input reads, 0 to 1.
pub(super) fn part(input: &RunInput, media: &Media) -> f64 {
    let Some(whole) = media.duration.filter(|whole| whole.is_positive()) else {
        return 1.0;
    };
    let rest = whole - input.seek.unwrap_or_default();
    let read = input.duration.map_or(rest, |read| read.min(rest));
    (read.as_secs_f64() / whole.as_secs_f64()).clamp(0.0, 1.0)
}

/// Megabits per second of a stream: as the file says, else its share of the file's size.
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
    // Pictures are most of a file whose streams do not say how large they are.
    let unknown = media.streams.iter().filter(|other| other.bit_rate.is_none());
    let weight = |stream: &Stream| match stream.facts {
        StreamFacts::Video(_) => 9.0,
        StreamFacts::Audio(_) => 1.0,
        _ => 0.0,
    };
    let all: f64 = unknown.map(weight).sum();
    rest / 1e6 * weight(stream) / f64::max(all, 1.0)
}

/// How long a filter changes anything, of a beginning of so many seconds; none is always.
pub(super) fn active(filter: &Filter, seconds: f64) -> Option<f64> {
    let windows = filter.active.as_ref()?;
    let active: f64 = windows.iter().map(|window| within(*window, seconds)).sum();
    Some(active.min(finite(seconds)))
}

/// How much of a window lies in the first so many seconds.
pub(super) fn within(window: Window, seconds: f64) -> f64 {
    let end = window.end.map_or(seconds, |end| end.as_secs_f64().min(seconds));
    finite(end - window.start.as_secs_f64()).max(0.0)
}

/// What never ends is never made as a whole: nobody asks for it.
pub(super) fn finite(seconds: f64) -> f64 {
    if seconds.is_finite() { seconds } else { 0.0 }
}

/// Millions of pixels of one picture.
pub(super) fn megapixels(ty: &VideoType) -> f64 {
    f64::from(ty.width) * f64::from(ty.height) / 1e6
}

/// Megapixels per second.
pub(super) fn pace(ty: &VideoType) -> f64 {
    megapixels(ty) * *ty.frame_rate.numer() as f64 / *ty.frame_rate.denom() as f64
}

/// Of 48 kHz stereo.
pub(super) fn share(ty: &AudioType) -> f64 {
    f64::from(ty.sample_rate) / 48_000.0 * f64::from(ty.channels) / 2.0
}
