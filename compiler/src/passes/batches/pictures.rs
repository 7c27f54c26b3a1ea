//! Pictures of many files, in stretches one after the other.

use std::collections::HashMap;

use crate::facts::Facts;
use crate::graph::{Graph, Kind, NodeId, StreamType};
use crate::output::{Encoding, Join, JoinPart, JoinSource};
use crate::passes::stretches::{Stretched, equal};
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
pub(super) fn batched(graph: &mut Graph, facts: &Facts, index: usize) -> Option<String> {
    let output = graph.outputs[index].clone();
    let name = &output.name;
    let (encoding, count) = match &output.video.as_ref()?.encoding {
        Encoding::Join(join) => {
            let mut parts = Vec::new();
            for part in &join.parts {
                match split(graph, facts, part) {
                    Some(more) => parts.extend(more),
                    None => parts.push(part.clone()),
                }
            }
            let count = parts.len();
            if count == join.parts.len() {
                return None;
            }
            (
                Encoding::Join(Join {
                    parts,
                    ..join.clone()
                }),
                count,
            )
        }
        _ => {
            let stretched = Stretched::of(graph, facts, &output)?;
            let whole = JoinPart {
                length: stretched.length(),
                source: JoinSource::Encoded(stretched.node),
            };
            let parts = split(graph, facts, &whole)?;
            let count = parts.len();
            (Encoding::Join(stretched.joined(parts)), count)
        }
    };
    graph.outputs[index].video.as_mut()?.encoding = encoding;
    Some(format!(
        "the picture of `{name}` is made of so many files that it is joined from {count} parts, to save memory"
    ))
}

/// An encoded part that is made of too many files, in smaller ones that are made of fewer.
fn split(graph: &mut Graph, facts: &Facts, part: &JoinPart) -> Option<Vec<JoinPart>> {
    let JoinSource::Encoded(node) = part.source else {
        return None;
    };
    let frames = part.length.frames(graph.video(node)?.frame_rate);
    let held = held(graph, facts, node);
    if held <= MOST {
        return None;
    }
    let room = (part.length.as_secs_f64() / SHORTEST.as_secs_f64()).floor();
    let count = (held / MOST).ceil().min(room) as i64;
    let before = graph.clone();
    let parts = equal(graph, facts, node, frames, count);
    let lighter = parts.filter(|parts| {
        parts.iter().all(|part| match part.source {
            JoinSource::Encoded(node) => self::held(graph, facts, node) < held * 0.75,
            JoinSource::Packets { .. } => true,
        })
    });
    if lighter.is_none() {
        *graph = before;
    }
    lighter
}

/// Megabytes that the files take that a picture is made of.
fn held(graph: &Graph, facts: &Facts, node: NodeId) -> f64 {
    let own = |id: NodeId| match (&graph.node(id).kind, &graph.node(id).ty) {
        (Kind::Source { media, .. }, StreamType::Video(_)) => match facts.media.get(media) {
            Some(Ok(media)) => media.video().map_or(0.0, |(_, video)| {
                FILE + MEGAPIXEL * f64::from(video.width) * f64::from(video.height) / 1e6
            }),
            _ => 0.0,
        },
        (Kind::Still { .. }, _) => STILL,
        _ => 0.0,
    };
    let mut weights: HashMap<NodeId, f64> = HashMap::new();
    for (id, of) in graph.iter().take_while(|(id, _)| *id <= node) {
        // As often as it is used, for at different times it is made anew.
        let inputs: f64 = of.inputs.iter().filter_map(|input| weights.get(input)).sum();
        weights.insert(id, own(id) + inputs);
    }
    weights.get(&node).copied().unwrap_or_default()
}
