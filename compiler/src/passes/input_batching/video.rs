//! Pictures of many files, in stretches one after the other.

use std::collections::HashMap;

use crate::facts::Facts;
use crate::graph::{Graph, Node, NodeId, NodeKind, StreamType};
use crate::output::{Encoding, VideoConcat, VideoSegment, VideoSegmentSource};
use crate::passes::segments::{SegmentableVideo, split_evenly};
use crate::time::{Rational, Time};

/// Megabytes that the files of a run may take.
const MOST: f64 = 800.0;
/// What a file takes, measured: so much for itself, and so much for each megapixel of a picture, of which its decoder
/// holds a dozen.
const FILE: f64 = 5.0;
const MEGAPIXEL: f64 = 22.0;
/// What a still takes: it is one picture, and kept in the size in which it is shown.
const STILL: f64 = 7.5;
/// Stretches are no shorter.
const SHORTEST: Time = Time::new(Rational::new_raw(1, 1));

/// Makes an output's picture, or what is encoded of it, in stretches of few files each; and says so.
pub(super) fn batch_video(graph: &mut Graph, facts: &Facts, index: usize) -> Option<String> {
    let output = graph.outputs[index].clone();
    let name = &output.name;
    let held = input_memory(graph, facts);
    let (encoding, count) = match &output.video.as_ref()?.encoding {
        Encoding::VideoConcat(join) => {
            let mut parts = Vec::new();
            for part in &join.parts {
                match split(graph, facts, &held, part) {
                    Some(more) => parts.extend(more),
                    None => parts.push(part.clone()),
                }
            }
            let count = parts.len();
            if count == join.parts.len() {
                return None;
            }
            (
                Encoding::VideoConcat(VideoConcat {
                    parts,
                    ..join.clone()
                }),
                count,
            )
        }
        _ => {
            let stretched = SegmentableVideo::from_output(graph, facts, &output)?;
            let whole = VideoSegment {
                length: stretched.length(),
                source: VideoSegmentSource::Encoded(stretched.node),
            };
            let parts = split(graph, facts, &held, &whole)?;
            let count = parts.len();
            (Encoding::VideoConcat(stretched.into_concat(parts)), count)
        }
    };
    graph.outputs[index].video.as_mut()?.encoding = encoding;
    Some(format!(
        "the picture of `{name}` is made of so many files that it is joined from {count} parts, to save memory"
    ))
}

/// An encoded part that is made of too many files, in smaller ones that are made of fewer. What is `held` for each node of
/// the graph may be of before others were added.
fn split(
    graph: &mut Graph,
    facts: &Facts,
    held: &HashMap<NodeId, f64>,
    part: &VideoSegment,
) -> Option<Vec<VideoSegment>> {
    let VideoSegmentSource::Encoded(node) = part.source else {
        return None;
    };
    let whole = *held.get(&node)?;
    if whole <= MOST {
        return None;
    }
    let frames = part.length.frames(graph.video(node)?.frame_rate);
    let room = (part.length.as_secs_f64() / SHORTEST.as_secs_f64()).floor();
    let count = (whole / MOST).ceil().min(room) as i64;
    let before = graph.clone();
    let parts = split_evenly(graph, facts, node, frames, count).filter(|parts| {
        let held = self::input_memory(graph, facts);
        parts.iter().all(|part| match part.source {
            VideoSegmentSource::Encoded(node) => held.get(&node).is_some_and(|held| *held < whole * 0.75),
            VideoSegmentSource::Packets { .. } => true,
        })
    });
    if parts.is_none() {
        *graph = before;
    }
    parts
}

/// Megabytes that the files take that each node is made of.
fn input_memory(graph: &Graph, facts: &Facts) -> HashMap<NodeId, f64> {
    let own = |node: &Node| match (&node.kind, &node.ty) {
        (NodeKind::Source { media, .. }, StreamType::Video(_)) => match facts.media.get(media) {
            Some(Ok(media)) => media.video().map_or(0.0, |(_, video)| {
                FILE + MEGAPIXEL * f64::from(video.width) * f64::from(video.height) / 1e6
            }),
            _ => 0.0,
        },
        (NodeKind::Still { .. }, _) => STILL,
        _ => 0.0,
    };
    let mut held: HashMap<NodeId, f64> = HashMap::new();
    for (id, node) in graph.iter() {
        // As often as it is used, for at different times it is made anew.
        let inputs: f64 = node.inputs.iter().filter_map(|input| held.get(input)).sum();
        held.insert(id, own(node) + inputs);
    }
    held
}
