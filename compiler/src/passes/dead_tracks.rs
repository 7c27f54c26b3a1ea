use std::collections::BTreeSet;

use crate::facts::Facts;
use crate::graph::{Graph, Kind, NodeId, StreamType};

use super::Pass;

/// Legal because outputs are made of nothing but the nodes they reach.
pub(super) const PASS: Pass = Pass {
    name: "dead-tracks",
    why: "What no output needs is neither read nor decoded.",
    run,
};

fn run(graph: &Graph, _: &Facts) -> (Graph, Vec<String>) {
    let mut live = BTreeSet::new();
    let mut next: Vec<NodeId> = graph.outputs.iter().flat_map(|output| output.nodes()).collect();
    while let Some(id) = next.pop() {
        if live.insert(id) {
            next.extend(&graph.node(id).inputs);
        }
    }
    let mut dropped = Vec::new();
    let mut ids = graph.iter().map(|(id, _)| id);
    let rewritten = graph.rewritten(|new, node| {
        let dead = ids.next().is_some_and(|id| !live.contains(&id));
        if !dead {
            return new.add(node);
        }
        if let Kind::Source { media, .. } | Kind::Still { media, .. } = &node.kind {
            let what = if matches!(node.ty, StreamType::Video(_)) {
                "picture"
            } else {
                "sound"
            };
            dropped.push(format!("the {what} of `{media}` is not used, and not decoded"));
        }
        // Nothing that is live has it as an input, so any place will do.
        NodeId::default()
    });
    dropped.sort();
    dropped.dedup();
    (rewritten, dropped)
}
