use crate::facts::Facts;
use crate::graph::{Graph, Window};
use crate::output::{Encoding, OutputSpec, Slice, TrackSpec};

use super::Pass;

/// Legal where a sound is one stretch of a file's AAC and nothing was done to it: any packet is decoded from itself and
/// the one before. An edit list (ISO/IEC 14496-12, 8.6.6) hides those that are only there for decoding, so it begins at
/// the very sample; it ends with the packet that holds its last. Only beside a picture that is joined: elsewhere a run
/// decodes and encodes anyway.
pub(super) const PASS: Pass = Pass {
    name: "sound-cut",
    why: "Where the sound beside a joined picture is one stretch of a file, untouched, its packets are copied.",
    run,
};

fn run(graph: &Graph, facts: &Facts) -> (Graph, Vec<String>) {
    let mut graph = graph.clone();
    let mut done = Vec::new();
    for index in 0..graph.outputs.len() {
        let output = &graph.outputs[index];
        let Some(slice) = output
            .audio
            .as_ref()
            .and_then(|track| slice(&graph, facts, output, track))
        else {
            continue;
        };
        done.push(format!("the sound of `{}` is copied", output.name));
        if let Some(track) = &mut graph.outputs[index].audio {
            track.encoding = Encoding::Slice(slice);
        }
    }
    (graph, done)
}

fn slice(graph: &Graph, facts: &Facts, output: &OutputSpec, track: &TrackSpec) -> Option<Slice> {
    let hides = matches!(output.container.muxer, "mp4" | "mov");
    let auto = matches!(track.encoding, Encoding::Auto(_));
    // A whole sound is copied as it is.
    if !hides || !auto || output.join().is_none() || graph.whole_codec(track.node, facts).is_some() {
        return None;
    }
    let pieces = graph.pieces(track.node)?;
    let [piece] = pieces.as_slice() else { return None };
    let origin = piece.origin.as_ref()?;
    let media = facts.media.get(&origin.media)?.as_ref().ok()?;
    let stream = media
        .streams
        .iter()
        .find(|stream| stream.index == origin.stream)?;
    let base = stream.time_base?;
    let fits = stream.codec == "aac" && media.format.contains("mp4") && *base.numer() == 1;
    fits.then(|| Slice {
        media: origin.media.clone(),
        stream: origin.stream,
        ticks: *base.denom(),
        window: Window {
            start: origin.at,
            end: Some(origin.at + piece.length),
        },
    })
}
