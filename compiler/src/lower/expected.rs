//! What an output must turn out to be.

use crate::facts::Facts;
use crate::graph::{Graph, NodeId, NodeKind};
use crate::output::{AudioConcat, Encoding, Muxer, OutputSpec, TrackSpec, VideoConcat};
use crate::plan::{Expected, ExpectedAudio, ExpectedVideo};
use crate::time::Time;

/// The prediction for one output.
pub(super) fn of(graph: &Graph, facts: &Facts, output: &OutputSpec) -> Expected {
    if output.clock.is_some() {
        return Expected::default();
    }
    let video = output
        .video
        .as_ref()
        .and_then(|track| video(graph, facts, output, track));
    let audio = output.audio.as_ref().and_then(|track| audio(graph, facts, track));
    let duration = match (
        video.as_ref().and_then(|v| v.duration),
        audio.as_ref().and_then(|a| a.duration),
    ) {
        (Some(video), Some(audio)) => Some(video.max(audio)),
        (video, audio) => video.or(audio),
    };
    let encoded = |track: &Option<TrackSpec>| track.as_ref().is_some_and(|t| t.encoding != Encoding::Copy);
    let both = video.is_some() && audio.is_some();
    Expected {
        duration,
        tolerance: tolerance(graph, output),
        video,
        audio,
        subtitles: output.subtitles.len(),
        equal_lengths: both && encoded(&output.audio),
        seams: seams(output),
    }
}

/// Where packets of different origin meet, of picture and sound.
fn seams(output: &OutputSpec) -> Vec<Time> {
    let mut seams = output.video_concat().map(VideoConcat::seams).unwrap_or_default();
    seams.extend(output.audio_concat().map(AudioConcat::seams).unwrap_or_default());
    seams.sort_unstable();
    seams
}

/// Beyond a frame and a packet: where frames are unevenly spaced, how long the last one lasts is anyone's guess; and
/// GIF counts in hundredths of a second.
fn tolerance(graph: &Graph, output: &OutputSpec) -> Time {
    let Some(video) = output.video.as_ref().and_then(|track| graph.video(track.node)) else {
        return Time::ZERO;
    };
    if output.container.muxer == Muxer::Gif {
        // Each frame's delay is rounded to a hundredth.
        let frames = video.duration.unwrap_or_default().frames(video.frame_rate);
        return Time::millis(5) * frames + Time::millis(100);
    }
    if video.variable_rate {
        Time::from_frames(2, video.frame_rate) + Time::millis(100)
    } else {
        Time::ZERO
    }
}

fn video(graph: &Graph, facts: &Facts, output: &OutputSpec, track: &TrackSpec) -> Option<ExpectedVideo> {
    let ty = graph.video(track.node)?;
    let copied = track.encoding == Encoding::Copy;
    let uneven = ty.variable_rate || copied || output.container.still || output.container.muxer == Muxer::Gif;
    let duration = match (copied, output.container.still) {
        (_, true) => None,
        (true, false) => length(graph, facts, track.node),
        (false, false) => ty.duration,
    };
    Some(ExpectedVideo {
        width: ty.width,
        height: ty.height,
        frame_rate: (!uneven).then_some(ty.frame_rate),
        duration,
        pts_jitter: output.video_concat().map_or(Time::ZERO, |join| join.pts_jitter),
    })
}

fn audio(graph: &Graph, facts: &Facts, track: &TrackSpec) -> Option<ExpectedAudio> {
    let ty = graph.audio(track.node)?;
    let duration = match track.encoding {
        Encoding::Copy => length(graph, facts, track.node),
        _ => ty.duration,
    };
    Some(ExpectedAudio {
        sample_rate: ty.sample_rate,
        channels: ty.channels,
        duration,
        gapless: matches!(track.encoding, Encoding::AudioConcat(_)),
    })
}

/// How long a copied stream is.
fn length(graph: &Graph, facts: &Facts, id: NodeId) -> Option<Time> {
    let NodeKind::Source { media, stream, .. } = &graph.node(id).kind else {
        return None;
    };
    let media = facts.media.get(media)?.as_ref().ok()?;
    let stream = media.stream(*stream)?;
    stream.duration.or(media.duration)
}
