//! Joined video tracks: the stages that encode or extract segments, and the track that joins them.

use super::consumer::Consumer;
use super::filter_graph::FilterGraphBuilder;
use super::inputs::Inputs;
use super::stage_list::StageList;
use super::{outputs, tracks};
use crate::graph::NodeId;
use crate::output::{ConcatCodec, Muxer, OutputSpec, VideoConcat, VideoSegment, VideoSegmentSource};
use crate::plan::{ArtifactId, FilterGraph, RunOutput, Segment, SegmentSource, StageKind, Track, TrackKind};
use crate::time::{Rational, Time, Window};

/// The segments of a joined video track; adds the stages that encode or extract them.
pub(super) fn video_segments(
    stages: &mut StageList<'_>,
    output: &OutputSpec,
    concat: &VideoConcat,
) -> Vec<Segment> {
    let mut start = Time::ZERO;
    let mut segments = Vec::new();
    for segment in &concat.parts {
        let end = start + segment.length;
        let source = match &segment.source {
            VideoSegmentSource::Packets {
                media,
                stream,
                from,
                frames,
                as_is,
                ..
            } if !as_is || in_band_tag(concat).is_some() => {
                let packets = Packets {
                    media,
                    stream: *stream,
                    from: from.pts,
                    frames: *frames,
                };
                whole_artifact(extract_packets(stages, output, concat, &packets, segment.length))
            }
            VideoSegmentSource::Packets {
                media, from, until, ..
            } => {
                let file_start = stages
                    .context()
                    .media(media)
                    .map_or(Time::ZERO, |media| media.start);
                SegmentSource::Media {
                    key: media.clone(),
                    in_point: from.pts + file_start,
                    out_point: until.map(|until| until + file_start),
                }
            }
            VideoSegmentSource::Encoded(node) => {
                let title = format!("render {start}..{end} of {}", output.name);
                whole_artifact(encode_video_segment(stages, concat, segment, *node, title))
            }
        };
        segments.push(Segment {
            source,
            duration: segment.length,
        });
        start = end;
    }
    segments
}

/// Adds the stage that encodes a video segment.
fn encode_video_segment(
    stages: &mut StageList<'_>,
    concat: &VideoConcat,
    segment: &VideoSegment,
    node: NodeId,
    title: String,
) -> ArtifactId {
    let mut filters = FilterGraphBuilder::new(stages.context(), [node]);
    let mut track = tracks::encode(&mut filters, node, &concat.encoder, TrackKind::Video);
    track.options.extend(in_band_tag(concat));
    let run = filters.into_run(vec![video_artifact(concat, track)]);
    let consumer = Consumer::encode(node, concat.encoder.clone());
    let stage = stages.push(StageKind::Render, title, segment.length, run, &[consumer]);
    ArtifactId { stage, output: 0 }
}

/// Packets of a file's video.
struct Packets<'a> {
    media: &'a str,
    stream: u32,
    /// The PTS of the first.
    from: Time,
    /// How many.
    frames: i64,
}

/// Adds the stage that copies packets to a file of their own, because their stream's timescale or index in its file differs
/// from those of other segments.
fn extract_packets(
    stages: &mut StageList<'_>,
    output: &OutputSpec,
    concat: &VideoConcat,
    packets: &Packets<'_>,
    duration: Time,
) -> ArtifactId {
    let mut inputs = Inputs::new(stages.context().facts, false);
    let window = Window {
        start: packets.from,
        end: None,
    };
    let (media, stream) = (packets.media, packets.stream);
    let mut track = tracks::copy_window(&mut inputs, TrackKind::Video, media, stream, window);
    track
        .options
        .push(("frames".to_owned(), packets.frames.to_string()));
    if let Some(tag) = in_band_tag(concat) {
        track
            .options
            .push(("bsf".to_owned(), "hevc_mp4toannexb".to_owned()));
        track.options.push(tag);
    }
    let run = inputs.into_run(FilterGraph::default(), vec![video_artifact(concat, track)]);
    let title = format!("copy {duration} of the video of {}", output.name);
    let stage = stages.push(StageKind::Copy, title, duration, run, &[]);
    ArtifactId { stage, output: 0 }
}

/// A video track of joined packets.
pub(super) fn joined_video(
    inputs: &mut Inputs<'_>,
    output: &OutputSpec,
    concat: &VideoConcat,
    segments: Vec<Segment>,
) -> Track {
    let input = inputs.concat(segments);
    let mut track = tracks::copy_input(TrackKind::Video, input);
    // Other containers have no sample entry tags, and timescales of their own.
    if output.container.muxer.is_iso_media() {
        let tag = concat.codec.tag(concat.in_band);
        track
            .options
            .extend(tag.map(|tag| ("tag".to_owned(), tag.to_owned())));
        track.options.extend(snap_to_frames(concat));
    }
    track
}

/// An artifact that holds a video segment. In MP4 it has the timescale that all segments share. In AVI every frame has a
/// slot, and the first must not be shifted.
fn video_artifact(concat: &VideoConcat, track: Track) -> RunOutput {
    let muxer = concat.codec.segment_muxer();
    let option = match muxer {
        Muxer::Mp4 => ("video_track_timescale".to_owned(), concat.timescale.to_string()),
        _ => ("avoid_negative_ts".to_owned(), "disabled".to_owned()),
    };
    outputs::artifact(muxer.name(), track, vec![option])
}

/// The tag of a segment whose parameter sets are in band, where FFmpeg's `concat` demuxer does not insert them itself: it
/// does so only for H.264.
fn in_band_tag(concat: &VideoConcat) -> Option<(String, String)> {
    let tag = concat.codec.tag(concat.in_band)?;
    (concat.codec == ConcatCodec::H265 && concat.in_band).then(|| ("tag".to_owned(), tag.to_owned()))
}

/// A bitstream filter that snaps timestamps to frames, for packets of files whose clock is too coarse for them: Matroska
/// counts milliseconds.
fn snap_to_frames(concat: &VideoConcat) -> Option<(String, String)> {
    let frame = Rational::from_integer(concat.timescale) / concat.rate;
    let is_coarse = concat.pts_jitter > Time::from_frames(1, Rational::from_integer(concat.timescale));
    let step = (is_coarse && frame.is_integer()).then(|| frame.to_integer())?;
    let filter = format!("setts=pts=round(PTS/{step})*{step}:dts=round(DTS/{step})*{step}");
    Some(("bsf".to_owned(), filter))
}

/// A segment that is a whole artifact.
fn whole_artifact(id: ArtifactId) -> SegmentSource {
    SegmentSource::Artifact {
        id,
        in_point: None,
        out_point: None,
    }
}
