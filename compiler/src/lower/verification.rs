//! The work around a run: processes that start, and the verification of its outputs.

use super::context::Context;
use crate::cost::VerificationWork;
use crate::facts::{Media, Stream};
use crate::plan::{Run, RunOutput, Track};

/// How much of a joined video is decoded around each seam, in seconds: a few frames, and those since the previous keyframe.
const DECODED_PER_SEAM: f64 = 1.5;

/// The work of verifying a run's outputs.
pub(super) fn verification_work(run: &Run) -> VerificationWork {
    let mut work = VerificationWork::default();
    for output in &run.outputs {
        let expected = &output.expected;
        if *expected == Default::default() {
            continue;
        }
        let is_indexed = is_indexed_output(output);
        work.probed_files += u32::from(!is_indexed);
        if let Some(video) = expected.video.as_ref().filter(|_| !expected.seams.is_empty()) {
            let rate = video
                .frame_rate
                .map_or(0.0, |rate| *rate.numer() as f64 / *rate.denom() as f64);
            let megapixels = f64::from(video.width) * f64::from(video.height) / 1e6;
            let seams = expected.seams.len() as f64;
            // One process decodes around all seams. Without an index another one reads the PTS of packets.
            work.processes += 1 + u32::from(!is_indexed);
            work.decoded_megapixels += seams * DECODED_PER_SEAM * rate * megapixels;
        }
    }
    work
}

/// Whether the engine verifies a file from its index, without a process.
fn is_indexed_output(output: &RunOutput) -> bool {
    let plain = |track: &Track| matches!(track.encoder.as_str(), "copy" | "libx264" | "aac");
    output.muxer == "mp4" && output.tracks.iter().all(plain)
}

/// Whether the engine muxes a run's packets itself, without a process: from MP4 files into MP4 files.
pub(super) fn needs_no_process(context: Context<'_>, run: &Run) -> bool {
    let plain = |stream: &Stream| matches!(stream.codec.as_str(), "h264" | "aac" | "mov_text");
    let is_indexed = |media: &Media| media.format.contains("mp4") && media.streams.iter().all(plain);
    let copies = |output: &RunOutput| {
        output.muxer == "mp4" && output.tracks.iter().all(|track| track.encoder == "copy")
    };
    run.outputs.iter().all(copies)
        && run
            .media_keys()
            .all(|key| context.media(key).is_some_and(is_indexed))
}
