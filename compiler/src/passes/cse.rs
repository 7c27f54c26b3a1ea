use std::collections::HashMap;

use crate::facts::Facts;
use crate::graph::{Graph, NodeId, NodeKind};
use crate::plan::FilterCall;

use super::pass::Pass;

/// Legal because a node is a function of its kind and its inputs: two that are alike in both make the same stream.
pub(super) const PASS: Pass = Pass {
    summary: "What a recipe asks for more than once is made once.",
    run,
};

fn run(graph: &Graph, _: &Facts) -> (Graph, Vec<String>) {
    let mut known: HashMap<(NodeKind, Vec<NodeId>), NodeId> = HashMap::new();
    let mut shared = 0;
    let rewritten = graph.rewrite(|new, node| {
        let key = (without_origins(&node.kind), node.inputs.clone());
        if let Some(id) = known.get(&key) {
            shared += 1;
            return *id;
        }
        let id = new.add(node);
        known.insert(key, id);
        id
    });
    let done = (shared > 0).then(|| format!("{shared} steps are not done again"));
    (rewritten, done.into_iter().collect())
}

/// A kind without the places in the recipe that asked for it.
fn without_origins(kind: &NodeKind) -> NodeKind {
    let bare = |call: &FilterCall| FilterCall {
        origin: None,
        ..call.clone()
    };
    match kind {
        NodeKind::Filter(filter) => {
            let mut filter = filter.clone();
            filter.calls = filter.calls.iter().map(bare).collect();
            NodeKind::Filter(filter)
        }
        NodeKind::Generate(call) => NodeKind::Generate(bare(call)),
        kind => kind.clone(),
    }
}
