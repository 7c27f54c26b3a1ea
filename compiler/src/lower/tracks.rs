//! The tracks of a run's outputs: encoded, copied, or converted.

use vidc_dsl::Span;

use super::chains::with_origin;
use super::context::Context;
use super::filter_graph::FilterGraphBuilder;
use super::inputs::Inputs;
use super::{filters, threads};
use crate::graph::{NodeId, NodeKind, SubtitleSource, SubtitleTrack};
use crate::output::{Container, Encoder, Encoding, OutputSpec, TrackSpec};
use crate::plan::{GeneratedFile, Pad, Track, TrackKind, TrackSource};
use crate::time::Window;

/// The encoder's name of a stream copy.
const COPY: &str = "copy";

/// The tracks of an output whose video and audio are each encoded or copied as a whole.
pub(super) fn of_output(filters: &mut FilterGraphBuilder<'_>, output: &OutputSpec) -> Vec<Track> {
    let mut tracks = Vec::new();
    tracks.extend(
        output
            .video
            .as_ref()
            .map(|spec| whole(filters, spec, TrackKind::Video)),
    );
    tracks.extend(
        output
            .audio
            .as_ref()
            .map(|spec| whole(filters, spec, TrackKind::Audio)),
    );
    for spec in &output.subtitles {
        tracks.push(subtitles(filters.inputs(), spec, output.container));
    }
    tracks
}

fn whole(filters: &mut FilterGraphBuilder<'_>, spec: &TrackSpec, kind: TrackKind) -> Track {
    match &spec.encoding {
        Encoding::Encode(encoder) | Encoding::Auto(encoder) | Encoding::Frame(encoder) => {
            encode(filters, spec.node, encoder, kind)
        }
        // Tracks joined from segments have runs of their own, which never come here.
        Encoding::Copy | Encoding::VideoConcat(_) | Encoding::AudioConcat(_) => {
            copy_source(filters.context(), filters.inputs(), spec.node, kind)
        }
    }
}

/// Encodes a node.
pub(super) fn encode(
    filters: &mut FilterGraphBuilder<'_>,
    node: NodeId,
    encoder: &Encoder,
    kind: TrackKind,
) -> Track {
    let Encoder { name, mut options } = encoder.clone();
    options.extend(threads::option(name, filters.context().facts));
    let pad = filters.root(node, Vec::new());
    Track {
        options,
        ..from_pad(kind, pad, name)
    }
}

/// The track of a loudness measurement.
pub(super) fn measure_loudness(filters: &mut FilterGraphBuilder<'_>, node: NodeId, origin: Span) -> Track {
    let calls = with_origin(vec![filters::measure_loudness()], origin);
    let pad = filters.root(node, calls);
    from_pad(TrackKind::Audio, pad, "pcm_s16le")
}

/// Copies the stream of a node that is a whole source.
pub(super) fn copy_source(
    context: Context<'_>,
    inputs: &mut Inputs<'_>,
    node: NodeId,
    kind: TrackKind,
) -> Track {
    let (media, stream) = match &context.graph.node(node).kind {
        NodeKind::Source { media, stream, .. } | NodeKind::Still { media, stream } => {
            (media.clone(), *stream)
        }
        _ => (String::new(), 0),
    };
    let facts = context.stream(&media, stream);
    let language = facts.and_then(|(_, stream)| stream.language.clone());
    let input = inputs.copied_file(media);
    let metadata = language.map(|language| ("language".to_owned(), language));
    Track {
        source: TrackSource::Stream { input, stream },
        metadata: metadata.into_iter().collect(),
        ..copy_input(kind, input)
    }
}

/// Copies the packets of a window of a file's stream.
pub(super) fn copy_window(
    inputs: &mut Inputs<'_>,
    kind: TrackKind,
    media: &str,
    stream: u32,
    window: Window,
) -> Track {
    let input = inputs.packet_window(media.to_owned(), window);
    let mut track = copy_input(kind, input);
    track.source = TrackSource::Stream { input, stream };
    if window.start.is_positive() {
        // Demuxers seek back to a video keyframe, and some farther.
        track.options.push(("copypriorss".to_owned(), "0".to_owned()));
    }
    track
}

/// Copies the first stream of an input.
pub(super) fn copy_input(kind: TrackKind, input: usize) -> Track {
    from_pad(kind, Pad::Stream { input, stream: 0 }, COPY)
}

/// A subtitle track, converted to the container's default codec where it does not support the track's own.
pub(super) fn subtitles(inputs: &mut Inputs<'_>, spec: &SubtitleTrack, container: &Container) -> Track {
    let default = container
        .subtitles
        .first()
        .map_or("srt", |codec| codec.ffmpeg_name());
    let (pad, encoder) = match &spec.source {
        SubtitleSource::Stream { media, stream, codec } => {
            let input = inputs.copied_file(media.clone());
            let encoder = match container.supports_subtitles(codec) {
                true => COPY,
                false => default,
            };
            (
                Pad::Stream {
                    input,
                    stream: *stream,
                },
                encoder,
            )
        }
        SubtitleSource::Cues(cues) => {
            let srt = GeneratedFile {
                extension: "srt".to_owned(),
                text: crate::ass::srt(cues),
            };
            let input = inputs.generated(srt, "srt");
            (Pad::Stream { input, stream: 0 }, default)
        }
    };
    let encoder = if encoder == "subrip" { "srt" } else { encoder };
    let tag = |key: &str, value: &Option<String>| value.clone().map(|value| (key.to_owned(), value));
    // MP4 and QuickTime files store a track's title as the name of its handler.
    let title = match container.muxer.is_iso_media() {
        true => "handler_name",
        false => "title",
    };
    Track {
        metadata: tag("language", &spec.language)
            .into_iter()
            .chain(tag(title, &spec.title))
            .collect(),
        ..from_pad(TrackKind::Subtitle, pad, encoder)
    }
}

/// A track without options and metadata.
fn from_pad(kind: TrackKind, pad: Pad, encoder: &str) -> Track {
    let source = match pad {
        Pad::Stream { input, stream } => TrackSource::Stream { input, stream },
        Pad::Link(link) => TrackSource::Link(link),
    };
    Track {
        kind,
        source,
        encoder: encoder.to_owned(),
        options: Vec::new(),
        metadata: Vec::new(),
    }
}
