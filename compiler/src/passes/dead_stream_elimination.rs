use std::collections::BTreeSet;

use crate::facts::Facts;
use crate::graph::{Graph, StreamType};

use super::pass::Pass;

/// Legal because outputs are made of nothing but the nodes they reach.
pub(super) const PASS: Pass = Pass {
    summary: "What no output needs is neither read nor decoded.",
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
    let done = dropped
        .into_iter()
        .map(|source| format!("{source} is not used, and not decoded"));
    (rewritten, done.collect())
}

fn describe((media, ty, _): (&str, &StreamType, crate::graph::Window)) -> String {
    let what = if matches!(ty, StreamType::Video(_)) {
        "picture"
    } else {
        "sound"
    };
    format!("the {what} of `{media}`")
}
