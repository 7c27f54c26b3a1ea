//! Verifies the seams where packets from different sources meet.

use std::path::Path;

use vidc_compiler::facts::{Media, Stream};
use vidc_compiler::plan::Expected;
use vidc_compiler::time::{Rational, Time};

use super::decoding::fault;
use crate::ffmpeg::Tools;
use crate::probe::packet_pts;

/// Time before a seam that is checked; decoding starts at the keyframe before.
const BEFORE: Time = Time::new(Rational::new_raw(1, 4));
/// Minimum time after a seam that is decoded.
const AFTER: Time = Time::new(Rational::new_raw(1, 2));
/// Maximum number of frames that H.264 and HEVC decoders hold back for reordering.
const MAX_REORDER: i64 = 16;
/// Maximum number of ranges decoded in one run.
const RANGES_PER_RUN: usize = 16;

/// Returns the faults of a joined file: missing, extra or misplaced frames, gaps between audio packets, and decoding
/// errors near a seam.
pub(super) async fn faults(tools: &Tools, path: &Path, media: &Media, expected: &Expected) -> Vec<String> {
    let mut faults = Vec::new();
    let rate = expected.video.as_ref().and_then(|video| video.frame_rate);
    let ranges = ranges(&expected.seams, rate);
    let decoded = async {
        for group in ranges.chunks(RANGES_PER_RUN) {
            if fault(tools, path, group, rate).await.is_some() {
                // Decode again one by one to find the faulty one.
                for range in group {
                    if let Some(fault) = fault(tools, path, std::slice::from_ref(range), rate).await {
                        return Some(format!(
                            "it does not decode cleanly between {} and {}: {fault}",
                            range.0, range.1
                        ));
                    }
                }
            }
        }
        None
    };
    let (decoding_fault, timing_fault) = tokio::join!(decoded, timing_fault(tools, path, media, expected));
    faults.extend(timing_fault);
    faults.extend(decoding_fault);
    faults
}

/// The time ranges to decode around the seams; overlapping ones are merged.
fn ranges(seams: &[Time], rate: Option<Rational>) -> Vec<(Time, Time)> {
    let reorder_delay = rate.map_or(Time::ZERO, |rate| Time::from_frames(MAX_REORDER, rate));
    let mut ranges: Vec<(Time, Time)> = Vec::new();
    for seam in seams {
        let (from, until) = ((*seam - BEFORE).max(Time::ZERO), *seam + AFTER.max(reorder_delay));
        match ranges.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(until),
            _ => ranges.push((from, until)),
        }
    }
    ranges
}

/// Checks the timestamps of frames and packets.
async fn timing_fault(tools: &Tools, path: &Path, media: &Media, expected: &Expected) -> Option<String> {
    let times = match packet_pts(tools, path, &media.streams).await {
        Ok(times) => times,
        Err(reason) => return Some(format!("its packets cannot be read: {reason}")),
    };
    let pts_of = |stream: &Stream| times.get(&stream.index).cloned().unwrap_or_default();
    let video = media
        .video()
        .and_then(|(stream, _)| off_grid_frame(pts_of(stream), stream, expected));
    let gapless = expected.audio.as_ref().is_some_and(|audio| audio.gapless);
    let audio = media.audio().filter(|_| gapless);
    video.or_else(|| audio.and_then(|(stream, _)| audio_gap(&pts_of(stream), stream)))
}

/// Every frame must be on the constant-rate grid, to within a tick of the time base.
fn off_grid_frame(mut times: Vec<Time>, stream: &Stream, expected: &Expected) -> Option<String> {
    let rate = expected.video.as_ref()?.frame_rate?;
    let length = expected.video.as_ref()?.duration?;
    let expected_frames = usize::try_from(length.frames(rate)).ok()?;
    times.sort_unstable();
    if times.len() != expected_frames {
        return Some(format!(
            "it has {} frames, but should have {expected_frames}",
            times.len()
        ));
    }
    let tick = Time::new(stream.time_base?) + expected.video.as_ref()?.pts_jitter;
    let first = *times.first()?;
    let off = times.iter().zip(0..).find(|(time, index)| {
        let place = Time::from_frames(*index, rate);
        (**time - first).distance(place) > tick
    });
    off.map(|(time, index)| {
        format!(
            "frame {index} has PTS {time}, but should have {}",
            Time::from_frames(index, rate)
        )
    })
}

/// Every audio packet must start where the one before ends; all packets have the same duration.
fn audio_gap(times: &[Time], stream: &Stream) -> Option<String> {
    let tick = Time::new(stream.time_base?);
    let usual = *times.get(1)? - *times.first()?;
    let off = times
        .windows(2)
        .find(|pair| (pair[1] - pair[0]).distance(usual) > tick);
    off.map(|pair| {
        format!(
            "the audio packet at {} does not follow the one at {}",
            pair[1], pair[0]
        )
    })
}
