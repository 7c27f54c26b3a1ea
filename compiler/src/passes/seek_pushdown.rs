use crate::facts::Facts;
use crate::graph::{Graph, Kind, Node, NodeId, Timing, Window};
use crate::time::Time;

use super::Pass;

/// Legal because what stands between the trim and the source treats each frame or sample alone
/// ([`Timing::Always`]), so cutting before it is cutting after it; and because these demuxers seek to the keyframe
/// before a time and FFmpeg then drops frames up to it exactly (FFmpeg documentation, "-ss"). Others guess.
pub(super) const PASS: Pass = Pass {
    name: "seek-pushdown",
    why: "A trim becomes a seek in the file, so that what is cut off is not decoded.",
    run,
};

/// Demuxers that seek by an index or by counting packets, never by guessing from the bit rate.
const EXACT: &[&str] = &[
    "mov", "mp4", "matroska", "webm", "wav", "flac", "avi", "mp3", "ogg",
];

fn run(graph: &Graph, facts: &Facts) -> (Graph, Vec<String>) {
    let mut done = Vec::new();
    let rewritten = graph.rewritten(|new, node| {
        let Kind::Trim { start, end } = node.kind else {
            return new.add(node);
        };
        let window = Window { start, end };
        match push(new, node.inputs[0], window, &node, facts, &mut done) {
            Some(id) => id,
            None => new.add(node),
        }
    });
    done.sort();
    done.dedup();
    (rewritten, done)
}

/// The node that makes the part of `id` in a window by seeking; none if that cannot be.
fn push(
    new: &mut Graph,
    id: NodeId,
    window: Window,
    trim: &Node,
    facts: &Facts,
    done: &mut Vec<String>,
) -> Option<NodeId> {
    let node = new.node(id).clone();
    match node.kind {
        Kind::Source {
            media,
            stream,
            window: read,
            offset,
        } => {
            let known = facts.media.get(&media)?.as_ref().ok()?;
            if !known.format.split(',').any(|name| EXACT.contains(&name)) {
                return None;
            }
            let end = window.end.map(|end| read.start + end);
            let end = match (end, read.end) {
                (Some(end), Some(read)) => Some(end.min(read)),
                (end, read) => end.or(read),
            };
            let part = Window {
                start: read.start + window.start,
                end,
            };
            done.push(saving(&media, part, known.duration));
            let kind = Kind::Source {
                media,
                stream,
                window: part,
                offset,
            };
            let ty = node.ty.lasting(trim.ty.duration());
            Some(new.add(Node {
                kind,
                inputs: Vec::new(),
                ty,
                origin: trim.origin,
            }))
        }
        Kind::Filter(filter) if filter.timing == Timing::Always && node.inputs.len() == 1 => {
            let inner = push(new, node.inputs[0], window, trim, facts, done)?;
            let ty = node.ty.lasting(trim.ty.duration());
            Some(new.add(Node {
                kind: Kind::Filter(filter),
                inputs: vec![inner],
                ty,
                origin: node.origin,
            }))
        }
        _ => None,
    }
}

fn saving(media: &str, part: Window, whole: Option<Time>) -> String {
    let end = part.end.or(whole).unwrap_or_default();
    let saved = whole
        .map(|whole| whole - (end - part.start))
        .filter(|saved| saved.is_positive());
    let saved = saved
        .map(|saved| format!("; {saved} of decoding saved"))
        .unwrap_or_default();
    format!("only {}..{} of `{media}` is read{saved}", part.start, end)
}
