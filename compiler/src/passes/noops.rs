use crate::facts::Facts;
use crate::graph::{Graph, Kind};

use super::Pass;

/// Legal because a node is a no-op only by its own settings and its input's type: the same size, 0 dB, a trim to
/// the whole length, a delay of nothing. Frames and samples pass unchanged.
pub(super) const PASS: Pass = Pass {
    name: "no-op-removal",
    why: "Steps that change nothing are not done: a scale to the same size, 0 dB, a trim to the whole length.",
    run,
};

fn run(graph: &Graph, _: &Facts) -> (Graph, Vec<String>) {
    let mut removed = Vec::new();
    let rewritten = graph.rewritten(|new, node| {
        if !new.is_noop(&node) {
            return new.add(node);
        }
        // What the compiler itself put in for safety is not worth a word.
        if let Kind::Filter(filter) = &node.kind
            && let Some(call) = filter.calls.first()
            && !matches!(call.name.as_str(), "aresample" | "format" | "fps" | "setsar")
        {
            removed.push(format!("`{}` would change nothing", call.name));
        }
        node.inputs[0]
    });
    removed.dedup();
    (rewritten, removed)
}
