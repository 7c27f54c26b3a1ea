//! Dead stream elimination.

use std::collections::BTreeSet;

use crate::facts::Facts;
use crate::graph::{Graph, StreamType, Window};

use super::pass::Pass;

/// Legal because an output depends on nothing but the nodes it reaches.
pub(super) const PASS: Pass = Pass {
    summary: "Streams that no output uses are neither read nor decoded.",
    run,
};

fn run(graph: &Graph, _: &Facts) -> (Graph, Vec<String>) {
    let rewritten = graph.rewrite(|new, node| new.add(node));
    let live: BTreeSet<String> = rewritten.sources().map(describe).collect();
    let dropped: BTreeSet<String> = graph
        .sources()
        .map(describe)
        .filter(|source| !live.contains(source))
        .collect();
    let reports = dropped
        .into_iter()
        .map(|source| format!("{source} is unused and not decoded"));
    (rewritten, reports.collect())
}

fn describe((media, ty, _): (&str, &StreamType, Window)) -> String {
    format!("{} of `{media}`", ty.kind())
}
