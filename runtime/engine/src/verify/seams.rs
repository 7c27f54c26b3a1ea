//! Whether packets of different origin make one clean picture and one clean sound.

use std::path::Path;

use vidc_compiler::facts::{Media, Stream};
use vidc_compiler::plan::Expected;
use vidc_compiler::time::{Rational, Time};

use super::decoding::fault;
use crate::ffmpeg::Tools;
use crate::probe::packet_pts;

/// How much is looked at before a seam, and what that needs is decoded from the keyframe before.
const BEFORE: Time = Time::new(Rational::new_raw(1, 4));
/// How much is decoded behind it.
const BEHIND: Time = Time::new(Rational::new_raw(1, 2));
/// H.264 and HEVC keep back at most 16 frames to show them in order.
const REORDERED: i64 = 16;
/// How many stretches one run decodes.
const AT_ONCE: usize = 16;

/// What is wrong with a joined file: a frame too many or too few or in the wrong place, a packet of sound that does not
/// follow the one before, or anything that decodes with a complaint next to a seam.
pub(super) async fn faults(tools: &Tools, path: &Path, media: &Media, expected: &Expected) -> Vec<String> {
    let mut faults = Vec::new();
    let rate = expected.video.as_ref().and_then(|video| video.frame_rate);
    let stretches = stretches(&expected.seams, rate);
    let decoded = async {
        for some in stretches.chunks(AT_ONCE) {
            if fault(tools, path, some, rate).await.is_some() {
                // Once more, one by one, to tell which it is.
                for one in some {
                    if let Some(fault) = fault(tools, path, std::slice::from_ref(one), rate).await {
                        return Some(format!(
                            "it does not decode cleanly between {} and {}: {fault}",
                            one.0, one.1
                        ));
                    }
                }
            }
        }
        None
    };
    let (decoded, placed) = tokio::join!(decoded, places(tools, path, media, expected));
    faults.extend(placed);
    faults.extend(decoded);
    faults
}

/// What is decoded: around each seam, those that overlap together.
fn stretches(seams: &[Time], rate: Option<Rational>) -> Vec<(Time, Time)> {
    let some_frames = rate.map_or(Time::ZERO, |rate| Time::from_frames(REORDERED, rate));
    let mut stretches: Vec<(Time, Time)> = Vec::new();
    for seam in seams {
        let (from, until) = ((*seam - BEFORE).max(Time::ZERO), *seam + BEHIND.max(some_frames));
        match stretches.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(until),
            _ => stretches.push((from, until)),
        }
    }
    stretches
}

/// Where its frames and packets stand.
async fn places(tools: &Tools, path: &Path, media: &Media, expected: &Expected) -> Option<String> {
    let times = match packet_pts(tools, path, &media.streams).await {
        Ok(times) => times,
        Err(reason) => return Some(format!("its packets cannot be read: {reason}")),
    };
    let of = |stream: &Stream| times.get(&stream.index).cloned().unwrap_or_default();
    let pictures = media
        .video()
        .and_then(|(stream, _)| grid(of(stream), stream, expected));
    let gapless = expected.audio.as_ref().is_some_and(|audio| audio.gapless);
    let sound = media.audio().filter(|_| gapless);
    pictures.or_else(|| sound.and_then(|(stream, _)| steps(&of(stream), stream)))
}

/// Every frame must be where a steady rate puts it, to within a tick of the clock.
fn grid(mut times: Vec<Time>, stream: &Stream, expected: &Expected) -> Option<String> {
    let rate = expected.video.as_ref()?.frame_rate?;
    let length = expected.video.as_ref()?.duration?;
    let wanted = usize::try_from(length.frames(rate)).ok()?;
    times.sort_unstable();
    if times.len() != wanted {
        return Some(format!("it has {} frames and should have {wanted}", times.len()));
    }
    let tick = Time::new(stream.time_base?) + expected.video.as_ref()?.pts_jitter;
    let first = *times.first()?;
    let off = times.iter().zip(0..).find(|(time, index)| {
        let place = Time::from_frames(*index, rate);
        (**time - first).distance(place) > tick
    });
    off.map(|(time, index)| {
        format!(
            "frame {index} is shown at {time} and should be at {}",
            Time::from_frames(index, rate)
        )
    })
}

/// Every packet of sound must begin where the one before ends: packets of a codec are of one length.
fn steps(times: &[Time], stream: &Stream) -> Option<String> {
    let tick = Time::new(stream.time_base?);
    let usual = *times.get(1)? - *times.first()?;
    let off = times
        .windows(2)
        .find(|pair| (pair[1] - pair[0]).distance(usual) > tick);
    off.map(|pair| {
        format!(
            "the sound's packet at {} does not follow the one at {}",
            pair[1], pair[0]
        )
    })
}
