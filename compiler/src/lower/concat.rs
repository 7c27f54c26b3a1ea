//! Outputs of which a track is joined from segments: a final stage joins what earlier stages encode or copy.

use super::audio_concat::{AudioSource, audio_source, joined_audio, movie_timescale};
use super::inputs::Inputs;
use super::stage_list::StageList;
use super::video_concat::{joined_video, video_segments};
use super::{outputs, tracks};
use crate::output::OutputSpec;
use crate::plan::{FilterGraph, StageKind, TrackKind};

/// Adds the stages of an output of which a track is joined from segments.
pub(super) fn assemble(stages: &mut StageList<'_>, output: &OutputSpec) {
    let video = output
        .video_concat()
        .map(|concat| (concat, video_segments(stages, output, concat)));
    let audio = output
        .audio
        .as_ref()
        .map(|track| audio_source(stages, output, track));
    let joins = video.is_some() || matches!(audio, Some(AudioSource::Segments(..)));

    let context = stages.context();
    // With joined segments FFmpeg must count by the files' own clocks: audio begins with its priming, before the video, and
    // would shift it otherwise.
    let mut inputs = Inputs::new(context.facts, joins);
    let mut list = Vec::new();
    if let Some((concat, segments)) = video {
        list.push(joined_video(&mut inputs, output, concat, segments));
    } else if let Some(track) = &output.video {
        list.push(tracks::copy_source(
            context,
            &mut inputs,
            track.node,
            TrackKind::Video,
        ));
    }
    let mut timescale = None;
    list.extend(audio.map(|source| match source {
        AudioSource::Segments(concat, segments) => {
            timescale = Some(movie_timescale(concat));
            joined_audio(&mut inputs, concat, segments)
        }
        AudioSource::Window(concat, (media, stream, window)) => {
            timescale = Some(movie_timescale(concat));
            tracks::copy_window(&mut inputs, TrackKind::Audio, media, stream, window)
        }
        AudioSource::Artifact(id) => {
            let input = inputs.artifact(id);
            tracks::copy_input(TrackKind::Audio, input)
        }
        AudioSource::Copy(node) => tracks::copy_source(context, &mut inputs, node, TrackKind::Audio),
    }));
    for spec in &output.subtitles {
        list.push(tracks::subtitles(&mut inputs, spec, output.container));
    }
    let mut written = outputs::named(context, output, list);
    written.options.extend(timescale);
    let run = inputs.into_run(FilterGraph::default(), vec![written]);
    let duration = output
        .nodes()
        .filter_map(|node| context.graph.node(node).ty.duration())
        .max();
    let (kind, verb) = match joins {
        true => (StageKind::Join, "join"),
        false => (StageKind::Copy, "copy"),
    };
    let title = format!("{verb} {}", output.name);
    stages.push(kind, title, duration.unwrap_or_default(), run, &[]);
}
