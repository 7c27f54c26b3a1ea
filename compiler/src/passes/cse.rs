//! Common subexpression elimination.

use std::collections::HashMap;

use crate::facts::Facts;
use crate::graph::{Graph, NodeId, NodeKind};
use crate::plan::FilterCall;

use super::pass::Pass;

/// Legal because a node is a function of its kind and its inputs: two nodes that are equal in both produce the same
/// stream.
pub(super) const PASS: Pass = Pass {
    summary: "Nodes that compute the same stream are merged, so that each stream is computed once.",
    run,
};

fn run(graph: &Graph, _: &Facts) -> (Graph, Vec<String>) {
    let mut known: HashMap<(NodeKind, Vec<NodeId>), NodeId> = HashMap::new();
    let mut merged = 0;
    let rewritten = graph.rewrite(|new, node| {
        let key = (without_origins(&node.kind), node.inputs.clone());
        if let Some(id) = known.get(&key) {
            merged += 1;
            return *id;
        }
        let id = new.add(node);
        known.insert(key, id);
        id
    });
    let plural = if merged == 1 { "" } else { "s" };
    let report = (merged > 0).then(|| format!("{merged} duplicate node{plural} merged"));
    (rewritten, report.into_iter().collect())
}

/// A kind without the places in the recipe that its filters come from.
fn without_origins(kind: &NodeKind) -> NodeKind {
    let without_origin = |call: &FilterCall| FilterCall {
        origin: None,
        ..call.clone()
    };
    match kind {
        NodeKind::Filter(filter) => {
            let mut filter = filter.clone();
            filter.calls = filter.calls.iter().map(without_origin).collect();
            NodeKind::Filter(filter)
        }
        NodeKind::Generate(call) => NodeKind::Generate(without_origin(call)),
        kind => kind.clone(),
    }
}
