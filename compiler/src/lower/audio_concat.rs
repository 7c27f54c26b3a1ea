//! The audio of outputs joined from packets: its source, and the stages that copy or encode segments of it.

use super::consumer::Consumer;
use super::filter_graph::FilterGraphBuilder;
use super::inputs::Inputs;
use super::stage_list::StageList;
use super::{outputs, tracks};
use crate::graph::NodeId;
use crate::output::{
    AudioConcat, AudioSegment, AudioSegmentSource, Encoder, Encoding, OutputSpec, TrackSpec,
};
use crate::plan::{ArtifactId, Segment, SegmentSource, StageKind, Track, TrackKind};
use crate::time::{Time, Window};

/// The most audio segments that one run writes; each opens one or two files.
const MAX_SEGMENTS_PER_RUN: usize = 64;

/// The source of an output's audio.
pub(super) enum AudioSource<'o> {
    /// Segments of several files, or of files and encoded audio.
    Segments(&'o AudioConcat, Vec<Segment>),
    /// Packets of one file: its key, the stream, and the window.
    Window(&'o AudioConcat, (&'o str, u32, Window)),
    /// Audio encoded as a whole, in a file of its own.
    Artifact(ArtifactId),
    /// A whole track of a file.
    Copy(NodeId),
}

/// The source of an output's audio; adds the stages that write it.
pub(super) fn audio_source<'o>(
    stages: &mut StageList<'_>,
    output: &'o OutputSpec,
    track: &'o TrackSpec,
) -> AudioSource<'o> {
    match &track.encoding {
        Encoding::AudioConcat(concat) => match single_window(stages, output, concat) {
            Some(window) => AudioSource::Window(concat, window),
            None => AudioSource::Segments(concat, audio_segments(stages, output, concat)),
        },
        Encoding::Encode(encoder) | Encoding::Auto(encoder) | Encoding::Frame(encoder) => {
            AudioSource::Artifact(encode_whole_audio(stages, output, track.node, encoder))
        }
        Encoding::Copy | Encoding::VideoConcat(_) => AudioSource::Copy(track.node),
    }
}

/// The window of audio that is one file's from its start on, next to video that is copied as a whole: its packets need no
/// file of their own.
fn single_window<'o>(
    stages: &StageList<'_>,
    output: &OutputSpec,
    concat: &'o AudioConcat,
) -> Option<(&'o str, u32, Window)> {
    let [segment] = concat.parts.as_slice() else {
        return None;
    };
    let AudioSegmentSource::Packets {
        media,
        stream,
        window,
    } = &segment.source
    else {
        return None;
    };
    let from_file_start = stages
        .context()
        .media(media)
        .is_some_and(|media| media.lead == Time::ZERO && !window.start.is_positive());
    (from_file_start && output.video_concat().is_none()).then_some((media, *stream, *window))
}

/// The segments of joined audio; adds the stages that copy and encode them.
fn audio_segments(stages: &mut StageList<'_>, output: &OutputSpec, concat: &AudioConcat) -> Vec<Segment> {
    let mut segments = Vec::new();
    for batch in concat.parts.chunks(MAX_SEGMENTS_PER_RUN) {
        let (encoded, copied): (Vec<&AudioSegment>, Vec<&AudioSegment>) =
            batch.iter().partition(|segment| encoded_node(segment).is_some());
        let mut copied = audio_artifacts(stages, output, concat, &copied).into_iter();
        let mut encoded = audio_artifacts(stages, output, concat, &encoded).into_iter();
        segments.extend(batch.iter().filter_map(|segment| match segment.source {
            AudioSegmentSource::Packets { .. } => copied.next(),
            AudioSegmentSource::Encoded { .. } => encoded.next(),
        }));
    }
    segments
}

/// Adds the stage that writes segments of joined audio, either all copied or all encoded, if there are any.
fn audio_artifacts(
    stages: &mut StageList<'_>,
    output: &OutputSpec,
    concat: &AudioConcat,
    batch: &[&AudioSegment],
) -> Vec<Segment> {
    if batch.is_empty() {
        return Vec::new();
    }
    let roots: Vec<NodeId> = batch.iter().filter_map(|segment| encoded_node(segment)).collect();
    stages.prepare(&roots);
    let mut filters = FilterGraphBuilder::new(stages.context(), roots.iter().copied());
    let mut written = Vec::new();
    let mut points = Vec::new();
    for segment in batch {
        let (track, in_point, out_point) = audio_segment(&mut filters, concat, segment);
        written.push(outputs::artifact("mp4", track, vec![movie_timescale(concat)]));
        points.push((in_point, out_point));
    }
    let run = filters.into_run(written);
    let consumers: Vec<Consumer> = roots
        .iter()
        .map(|node| Consumer::encode(*node, concat.encoder.clone()))
        .collect();
    let (kind, verb) = match roots.is_empty() {
        true => (StageKind::Copy, "copy"),
        false => (StageKind::Render, "encode"),
    };
    let title = format!("{verb} audio segments of {}", output.name);
    let duration = batch.iter().map(|segment| segment.length).sum();
    let stage = stages.push(kind, title, duration, run, &consumers);
    batch
        .iter()
        .zip(points)
        .zip(0..)
        .map(|((segment, (in_point, out_point)), output)| Segment {
            source: SegmentSource::Artifact {
                id: ArtifactId { stage, output },
                in_point,
                out_point,
            },
            duration: segment.length,
        })
        .collect()
}

/// The track of one audio segment, and the in and out points of the packets that count.
fn audio_segment(
    filters: &mut FilterGraphBuilder<'_>,
    concat: &AudioConcat,
    segment: &AudioSegment,
) -> (Track, Option<Time>, Option<Time>) {
    match &segment.source {
        AudioSegmentSource::Encoded { node, skip, last } => {
            let track = tracks::encode(filters, *node, &concat.encoder, TrackKind::Audio);
            let out_point = (!last).then(|| skip.unwrap_or_default() + segment.length);
            (track, *skip, out_point)
        }
        AudioSegmentSource::Packets {
            media,
            stream,
            window,
        } => {
            let inputs = filters.inputs();
            let track = tracks::copy_window(inputs, TrackKind::Audio, media, *stream, *window);
            (track, None, None)
        }
    }
}

/// Adds the stage that encodes audio as a whole.
fn encode_whole_audio(
    stages: &mut StageList<'_>,
    output: &OutputSpec,
    node: NodeId,
    encoder: &Encoder,
) -> ArtifactId {
    stages.prepare(&[node]);
    let mut filters = FilterGraphBuilder::new(stages.context(), [node]);
    let track = tracks::encode(&mut filters, node, encoder, TrackKind::Audio);
    let muxer = audio_muxer(encoder.name);
    let run = filters.into_run(vec![outputs::artifact(muxer, track, Vec::new())]);
    let duration = stages.context().graph.node(node).ty.duration();
    let title = format!("render the audio of {}", output.name);
    let consumer = Consumer::encode(node, encoder.clone());
    let duration = duration.unwrap_or_default();
    let stage = stages.push(StageKind::Render, title, duration, run, &[consumer]);
    ArtifactId { stage, output: 0 }
}

/// An audio track of joined packets.
pub(super) fn joined_audio(inputs: &mut Inputs<'_>, concat: &AudioConcat, segments: Vec<Segment>) -> Track {
    let input = inputs.concat(segments);
    if concat.early.is_positive() {
        inputs.shift(input, -concat.early);
    }
    tracks::copy_input(TrackKind::Audio, input)
}

/// The node that is encoded for a segment.
fn encoded_node(segment: &AudioSegment) -> Option<NodeId> {
    match &segment.source {
        AudioSegmentSource::Encoded { node, .. } => Some(*node),
        AudioSegmentSource::Packets { .. } => None,
    }
}

/// The muxer of a file that preserves when audio begins. MP4 and MOV hide the priming of encoders; Matroska does so for
/// Opus, but delays other codecs.
fn audio_muxer(encoder: &str) -> &'static str {
    match encoder {
        "aac" | "libmp3lame" => "mp4",
        pcm if pcm.starts_with("pcm_") => "mov",
        _ => "matroska",
    }
}

/// An option that sets the movie's timescale, 1000 otherwise, in which the edit list stores when the first packet begins.
pub(super) fn movie_timescale(concat: &AudioConcat) -> (String, String) {
    ("movie_timescale".to_owned(), concat.rate.to_integer().to_string())
}
