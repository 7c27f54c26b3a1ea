//! The properties that an output is expected to have, for verification after the run.

use super::context::Context;
use crate::graph::{NodeId, NodeKind};
use crate::output::{AudioConcat, Encoding, Muxer, OutputSpec, TrackSpec, VideoConcat};
use crate::plan::{Expected, ExpectedAudio, ExpectedVideo};
use crate::time::Time;

/// The prediction for one output. A segment of a preview is not verified.
pub(super) fn of_output(context: Context<'_>, output: &OutputSpec) -> Expected {
    if output.clock.is_some() {
        return Expected::default();
    }
    let video = output
        .video
        .as_ref()
        .and_then(|track| video(context, output, track));
    let audio = output.audio.as_ref().and_then(|track| audio(context, track));
    let duration = match (
        video.as_ref().and_then(|v| v.duration),
        audio.as_ref().and_then(|a| a.duration),
    ) {
        (Some(video), Some(audio)) => Some(video.max(audio)),
        (video, audio) => video.or(audio),
    };
    let is_encoded = |track: &Option<TrackSpec>| track.as_ref().is_some_and(|t| t.encoding != Encoding::Copy);
    let has_both = video.is_some() && audio.is_some();
    Expected {
        duration,
        tolerance: tolerance(context, output),
        video,
        audio,
        subtitles: output.subtitles.len(),
        equal_lengths: has_both && is_encoded(&output.audio),
        seams: seams(output),
    }
}

/// The times at which segments of video or audio meet.
fn seams(output: &OutputSpec) -> Vec<Time> {
    let mut seams = output.video_concat().map(VideoConcat::seams).unwrap_or_default();
    seams.extend(output.audio_concat().map(AudioConcat::seams).unwrap_or_default());
    seams.sort_unstable();
    seams
}

/// The tolerance of the duration beyond a frame and a packet: FFmpeg guesses the duration of the last frame of VFR video,
/// and GIF rounds each frame's delay to hundredths of a second.
fn tolerance(context: Context<'_>, output: &OutputSpec) -> Time {
    let Some(video) = output
        .video
        .as_ref()
        .and_then(|track| context.graph.video(track.node))
    else {
        return Time::ZERO;
    };
    if output.container.muxer == Muxer::Gif {
        let frames = video.duration.unwrap_or_default().frames(video.frame_rate);
        return Time::millis(5) * frames + Time::millis(100);
    }
    if video.variable_rate {
        Time::from_frames(2, video.frame_rate) + Time::millis(100)
    } else {
        Time::ZERO
    }
}

fn video(context: Context<'_>, output: &OutputSpec, track: &TrackSpec) -> Option<ExpectedVideo> {
    let ty = context.graph.video(track.node)?;
    let is_copied = track.encoding == Encoding::Copy;
    let has_no_exact_rate =
        ty.variable_rate || is_copied || output.container.still || output.container.muxer == Muxer::Gif;
    let duration = match (is_copied, output.container.still) {
        (_, true) => None,
        (true, false) => copied_duration(context, track.node),
        (false, false) => ty.duration,
    };
    Some(ExpectedVideo {
        width: ty.width,
        height: ty.height,
        frame_rate: (!has_no_exact_rate).then_some(ty.frame_rate),
        duration,
        pts_jitter: output
            .video_concat()
            .map_or(Time::ZERO, |concat| concat.pts_jitter),
    })
}

fn audio(context: Context<'_>, track: &TrackSpec) -> Option<ExpectedAudio> {
    let ty = context.graph.audio(track.node)?;
    let duration = match track.encoding {
        Encoding::Copy => copied_duration(context, track.node),
        _ => ty.duration,
    };
    Some(ExpectedAudio {
        sample_rate: ty.sample_rate,
        channels: ty.channels,
        duration,
        gapless: matches!(track.encoding, Encoding::AudioConcat(_)),
    })
}

/// The duration of a copied stream.
fn copied_duration(context: Context<'_>, id: NodeId) -> Option<Time> {
    let NodeKind::Source { media, stream, .. } = &context.graph.node(id).kind else {
        return None;
    };
    let (media, stream) = context.stream(media, *stream)?;
    stream.duration.or(media.duration)
}
