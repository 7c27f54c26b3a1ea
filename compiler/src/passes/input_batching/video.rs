//! Splits video that reads very many files into segments that read few.

use std::collections::HashMap;

use crate::facts::Facts;
use crate::graph::{Graph, Node, NodeId, NodeKind, StreamType};
use crate::output::{Encoding, VideoConcat, VideoSegment, VideoSegmentSource};
use crate::passes::segments::{SegmentableVideo, split_evenly};
use crate::time::{Rational, Time};

/// The memory that the open inputs of one process may take, in megabytes.
const MAX_MEMORY: f64 = 800.0;
/// The memory of an open video file, measured, in megabytes: a base, and an amount for each megapixel of a frame, because
/// the decoder holds a dozen frames.
const FILE_MEMORY: f64 = 5.0;
const MEGAPIXEL_MEMORY: f64 = 22.0;
/// The memory of a still image, in megabytes: one frame, kept in the size in which it is shown.
const STILL_MEMORY: f64 = 7.5;
/// The shortest segment.
const MIN_LENGTH: Time = Time::new(Rational::new_raw(1, 1));

/// Splits an output's video, or the encoded segments of it, until each reads few files. Returns a report if it did.
pub(super) fn batch_video(graph: &mut Graph, facts: &Facts, index: usize) -> Option<String> {
    let output = graph.outputs[index].clone();
    let name = &output.name;
    let memory = input_memory(graph, facts);
    let (encoding, count) = match &output.video.as_ref()?.encoding {
        Encoding::VideoConcat(concat) => {
            let mut parts = Vec::new();
            for segment in &concat.parts {
                match split(graph, facts, &memory, segment) {
                    Some(smaller) => parts.extend(smaller),
                    None => parts.push(segment.clone()),
                }
            }
            let count = parts.len();
            if count == concat.parts.len() {
                return None;
            }
            (
                Encoding::VideoConcat(VideoConcat {
                    parts,
                    ..concat.clone()
                }),
                count,
            )
        }
        _ => {
            let video = SegmentableVideo::from_output(graph, facts, &output)?;
            let whole = VideoSegment {
                length: video.length(),
                source: VideoSegmentSource::Encoded(video.node),
            };
            let segments = split(graph, facts, &memory, &whole)?;
            let count = segments.len();
            (Encoding::VideoConcat(video.into_concat(segments)), count)
        }
    };
    graph.outputs[index].video.as_mut()?.encoding = encoding;
    Some(format!(
        "`{name}`: video encoded in {count} segments to limit the number of open files"
    ))
}

/// Splits an encoded segment that reads too many files into smaller ones; `None` if it does not, or cannot be split.
/// `memory` is that of the nodes before any were added.
fn split(
    graph: &mut Graph,
    facts: &Facts,
    memory: &HashMap<NodeId, f64>,
    segment: &VideoSegment,
) -> Option<Vec<VideoSegment>> {
    let VideoSegmentSource::Encoded(node) = segment.source else {
        return None;
    };
    let whole = *memory.get(&node)?;
    if whole <= MAX_MEMORY {
        return None;
    }
    let frames = segment.length.frames(graph.video(node)?.frame_rate);
    let max_by_length = (segment.length.as_secs_f64() / MIN_LENGTH.as_secs_f64()).floor();
    let count = (whole / MAX_MEMORY).ceil().min(max_by_length) as i64;
    let before = graph.clone();
    let segments = split_evenly(graph, facts, node, frames, count).filter(|segments| {
        let memory = input_memory(graph, facts);
        segments.iter().all(|segment| match segment.source {
            VideoSegmentSource::Encoded(node) => {
                memory.get(&node).is_some_and(|memory| *memory < whole * 0.75)
            }
            VideoSegmentSource::Packets { .. } => true,
        })
    });
    if segments.is_none() {
        *graph = before;
    }
    segments
}

/// The memory taken by the input files that each node reads, in megabytes.
fn input_memory(graph: &Graph, facts: &Facts) -> HashMap<NodeId, f64> {
    let own = |node: &Node| match (&node.kind, &node.ty) {
        (NodeKind::Source { media, .. }, StreamType::Video(_)) => match facts.media.get(media) {
            Some(Ok(media)) => media.video().map_or(0.0, |(_, video)| {
                FILE_MEMORY + MEGAPIXEL_MEMORY * f64::from(video.width) * f64::from(video.height) / 1e6
            }),
            _ => 0.0,
        },
        (NodeKind::Still { .. }, _) => STILL_MEMORY,
        _ => 0.0,
    };
    let mut memory: HashMap<NodeId, f64> = HashMap::new();
    for (id, node) in graph.iter() {
        // A node counts once for each use, because it is computed again for uses at different times.
        let inputs: f64 = node.inputs.iter().filter_map(|input| memory.get(input)).sum();
        memory.insert(id, own(node) + inputs);
    }
    memory
}
