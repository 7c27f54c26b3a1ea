//! Removal of operations that change nothing.

use std::collections::BTreeMap;

use crate::facts::Facts;
use crate::graph::{Graph, NodeKind};
use crate::plan::FilterName;

use super::pass::Pass;

/// Legal because a node is a no-op only by its own settings and its input's type: the same size, 0 dB, a trim to the
/// full length, a delay of zero. Frames and samples would pass through it unchanged.
pub(super) const PASS: Pass = Pass {
    summary: "Operations that change nothing are removed: a scale to the same size, 0 dB, a trim to the full length.",
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
    let counts: Vec<String> = removed
        .iter()
        .map(|(name, count)| format!("{count} × {name}"))
        .collect();
    let report = (!counts.is_empty()).then(|| format!("removed {}", counts.join(", ")));
    (rewritten, report.into_iter().collect())
}
