//! Rewrites that save work and change nothing that is seen or heard.
//!
//! Each is a file with its legality stated, can be switched off by name, and tells what it saved.

mod batches;
mod cse;
mod dead_stream_elimination;
mod fps_reorder;
mod no_ops;
mod parallel_segments;
mod seek_pushdown;
mod smart_render;
mod sound_join;
mod stretches;
mod track_copy;

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::Facts;
use crate::graph::{Graph, StreamType};
use crate::time::Time;

/// A named rewrite.
pub struct Pass {
    /// Its name, for `--no-pass` and explanations.
    pub name: &'static str,
    /// What it is for, in a sentence.
    pub why: &'static str,
    run: fn(&Graph, &Facts) -> (Graph, Vec<String>),
}

/// Every pass, in order: dead tracks first, so that nothing is said of work that was never going to be done; no-ops
/// before those that look for a source right behind what they rewrite; the order of filters before the seeks, which go
/// through some of them; sharing after the seeks, which may have made two
/// of what was one; smart rendering before stretches of what it leaves, both before the sound beside them, and all before
/// the copying of tracks, which decides on an encoder for the rest; and batches of what is then still of very many files.
pub static PASSES: &[Pass] = &[
    dead_stream_elimination::PASS,
    no_ops::PASS,
    fps_reorder::PASS,
    seek_pushdown::PASS,
    cse::PASS,
    smart_render::PASS,
    parallel_segments::PASS,
    sound_join::PASS,
    track_copy::PASS,
    batches::PASS,
];

/// The passes that join packets to save time: what an exact result is made without. [`BATCHES`] is not one of them.
pub static JOINING: [&str; 3] = [
    smart_render::PASS.name,
    parallel_segments::PASS.name,
    sound_join::PASS.name,
];

/// The pass that copies whole tracks.
pub static COPYING: &str = track_copy::PASS.name;

/// The pass that joins what is encoded alike, so that memory does.
pub static BATCHES: &str = batches::PASS.name;

/// The pass that depends on how many processors there are.
pub static SEGMENTS: &str = parallel_segments::PASS.name;

/// What a pass did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Report {
    pub(crate) pass: &'static str,
    pub(crate) what: String,
}

/// What must be known of keyframes before the passes can decide, all but those switched off.
pub(crate) fn wanted(
    graph: Graph,
    facts: &Facts,
    without: &BTreeSet<String>,
) -> BTreeMap<String, BTreeSet<Time>> {
    if without.contains(smart_render::PASS.name) {
        return BTreeMap::new();
    }
    let before = PASSES
        .iter()
        .take_while(|pass| pass.name != smart_render::PASS.name);
    let graph = before
        .filter(|pass| !without.contains(pass.name))
        .fold(graph, |graph, pass| (pass.run)(&graph, facts).0);
    smart_render::wanted(&graph, facts)
}

/// Runs every pass but those switched off.
pub(crate) fn run(graph: Graph, facts: &Facts, without: &BTreeSet<String>) -> (Graph, Vec<Report>) {
    let mut graph = graph;
    let mut reports = Vec::new();
    for pass in PASSES.iter().filter(|pass| !without.contains(pass.name)) {
        let before = output_types(&graph);
        let (rewritten, done) = (pass.run)(&graph, facts);
        debug_assert_eq!(
            before,
            output_types(&rewritten),
            "{} changed what comes out",
            pass.name
        );
        debug_assert!(
            is_ordered(&rewritten),
            "{} put a node before its input",
            pass.name
        );
        reports.extend(done.into_iter().map(|what| Report {
            pass: pass.name,
            what,
        }));
        graph = rewritten;
    }
    (graph, reports)
}

fn output_types(graph: &Graph) -> Vec<StreamType> {
    graph
        .outputs
        .iter()
        .flat_map(|output| output.nodes())
        .map(|id| graph.node(id).ty.clone())
        .collect()
}

fn is_ordered(graph: &Graph) -> bool {
    graph
        .iter()
        .all(|(id, node)| node.inputs.iter().all(|input| *input < id))
}
