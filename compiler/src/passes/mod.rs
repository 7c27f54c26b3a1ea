//! Passes: rewrites of the graph that save work without changing what is seen or heard.
//!
//! Each is in a file of its own that states why it is legal, can be switched off by name, and reports what it saved.

mod audio_packet_join;
mod cse;
mod dead_stream_elimination;
mod fps_reorder;
mod input_batching;
mod no_op_removal;
mod parallel_segments;
mod pass;
mod seek_pushdown;
mod segments;
mod smart_render;
mod track_copy;

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::Facts;
use crate::graph::{Graph, StreamType};
use crate::time::Time;

use pass::Pass;
pub(crate) use pass::Report;
pub use pass::{GraphStage, PassId, UnknownPass};

// The order of passes:
// * dead streams first, so that no pass reports savings on work that was never going to be done;
// * no-ops before the passes that look for a source directly before the node they rewrite;
// * the order of filters before the seeks, which go through some of them;
// * CSE after the seeks, which may have split one node into two equal ones;
// * smart rendering before parallel segments, which split what it leaves, and both before the audio next to such video;
// * all of these before track copy, which decides on an encoder for the remaining tracks;
// * batching last, for what still reads very many files.
impl PassId {
    /// What the pass does, in a sentence.
    pub fn summary(self) -> &'static str {
        self.pass().summary
    }

    fn pass(self) -> &'static Pass {
        match self {
            PassId::DeadStreamElimination => &dead_stream_elimination::PASS,
            PassId::NoOpRemoval => &no_op_removal::PASS,
            PassId::FpsReorder => &fps_reorder::PASS,
            PassId::SeekPushdown => &seek_pushdown::PASS,
            PassId::Cse => &cse::PASS,
            PassId::SmartRender => &smart_render::PASS,
            PassId::ParallelSegments => &parallel_segments::PASS,
            PassId::AudioPacketJoin => &audio_packet_join::PASS,
            PassId::TrackCopy => &track_copy::PASS,
            PassId::InputBatching => &input_batching::PASS,
        }
    }
}

/// The times of each file around which keyframes must be known before the passes that are switched on can decide.
pub(crate) fn required_keyframes(
    graph: Graph,
    facts: &Facts,
    without: &BTreeSet<PassId>,
) -> BTreeMap<String, BTreeSet<Time>> {
    let is_on = |id: &PassId| !without.contains(id);
    if !PassId::all_that(PassId::needs_keyframes).any(|id| is_on(&id)) {
        return BTreeMap::new();
    }
    let earlier = PassId::ALL.into_iter().take_while(|id| !id.needs_keyframes());
    let graph = earlier
        .filter(is_on)
        .fold(graph, |graph, id| (id.pass().run)(&graph, facts).0);
    smart_render::required_keyframes(&graph, facts)
}

/// Runs every pass but those switched off.
pub(crate) fn run(graph: Graph, facts: &Facts, without: &BTreeSet<PassId>) -> (Graph, Vec<Report>) {
    run_until(graph, facts, without, PassId::ALL[PassId::ALL.len() - 1])
}

/// Runs the passes up to and including `last`, except those switched off.
pub(crate) fn run_until(
    graph: Graph,
    facts: &Facts,
    without: &BTreeSet<PassId>,
    last: PassId,
) -> (Graph, Vec<Report>) {
    let mut graph = graph;
    let mut reports = Vec::new();
    let passes = PassId::ALL.into_iter().filter(|id| *id <= last);
    for id in passes.filter(|id| !without.contains(id)) {
        let (rewritten, messages) = (id.pass().run)(&graph, facts);
        debug_assert_eq!(
            output_types(&graph),
            output_types(&rewritten),
            "{id} changed the type of an output"
        );
        debug_assert!(is_ordered(&rewritten), "{id} put a node before its input");
        reports.extend(messages.into_iter().map(|message| Report { pass: id, message }));
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
