use std::collections::BTreeMap;

use crate::facts::Facts;
use crate::graph::{Graph, NodeKind};
use crate::plan::FilterName;

use super::pass::Pass;

/// Legal because a node is a no-op only by its own settings and its input's type: the same size, 0 dB, a trim to
/// the whole length, a delay of nothing. Frames and samples pass unchanged.
pub(super) const PASS: Pass = Pass {
    summary: "Steps that change nothing are not done: a scale to the same size, 0 dB, a trim to the whole length.",
    run,
};

fn run(graph: &Graph, _: &Facts) -> (Graph, Vec<String>) {
    let mut removed: BTreeMap<FilterName, usize> = BTreeMap::new();
    let rewritten = graph.rewrite(|new, node| {
        if !new.is_no_op(&node) {
            return new.add(node);
        }
        if let NodeKind::Filter(filter) = &node.kind
            && let Some(call) = filter.calls.first()
        {
            *removed.entry(call.name).or_default() += 1;
        }
        node.inputs[0]
    });
    let counted: Vec<String> = removed
        .iter()
        .map(|(name, count)| format!("{count} × {name}"))
        .collect();
    let done =
        (!counted.is_empty()).then(|| format!("steps that would change nothing: {}", counted.join(", ")));
    (rewritten, done.into_iter().collect())
}
