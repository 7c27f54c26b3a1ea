//! The stages of a graph: which outputs share a run.

use std::collections::BTreeSet;

use super::consumer::Consumer;
use super::filter_graph::FilterGraphBuilder;
use super::stage_list::{StageList, reachable};
use super::{concat, outputs, tracks};
use crate::facts::Facts;
use crate::graph::{Graph, NodeId};
use crate::output::OutputSpec;
use crate::plan::{RunOutput, Stage, StageKind};
use crate::time::Time;

/// The stages of all outputs, measurements before the stages that use them.
pub(super) fn stages(graph: &Graph, facts: &Facts) -> Vec<Stage> {
    let mut stages = StageList::new(graph, facts);
    for group in groups(graph) {
        match group.as_slice() {
            [output] if output.is_joined() => concat::assemble(&mut stages, output),
            group => render(&mut stages, group),
        }
    }
    stages.into_stages()
}

/// Adds the stage of a group of outputs.
fn render(stages: &mut StageList<'_>, group: &[&OutputSpec]) {
    let consumers: Vec<Consumer> = group.iter().flat_map(|output| consumers(output)).collect();
    let roots: Vec<NodeId> = consumers.iter().map(|consumer| consumer.node).collect();
    stages.prepare(&roots);
    let context = stages.context();
    let mut filters = FilterGraphBuilder::new(context, roots);
    let mut written: Vec<RunOutput> = Vec::new();
    for output in group {
        let tracks = tracks::of_output(&mut filters, output);
        written.push(outputs::named(context, output, tracks));
    }
    let names: Vec<&str> = written.iter().filter_map(RunOutput::name).collect();
    let duration = written.iter().filter_map(|output| output.expected.duration).max();
    let (kind, verb) = match consumers.is_empty() {
        true => (StageKind::Copy, "copy"),
        false => (StageKind::Render, "render"),
    };
    let title = format!("{verb} {}", names.join(", "));
    let run = filters.into_run(written);
    // A still image weighs as much as one frame at 25 fps.
    let duration = duration.unwrap_or(Time::millis(40));
    stages.push(kind, title, duration, run, &consumers);
}

/// Groups outputs that decode something in common, so that one run decodes it once. Still images have runs of their own,
/// because those end with the first frame.
fn groups(graph: &Graph) -> Vec<Vec<&OutputSpec>> {
    let mut groups: Vec<(BTreeSet<NodeId>, Vec<&OutputSpec>)> = Vec::new();
    for output in &graph.outputs {
        let mut nodes = match output.container.still || output.is_joined() {
            true => BTreeSet::new(),
            false => reachable(graph, consumers(output).map(|consumer| consumer.node)),
        };
        let mut outputs = vec![output];
        let (sharing, others): (Vec<_>, Vec<_>) = groups
            .into_iter()
            .partition(|(decoded, _)| !decoded.is_disjoint(&nodes));
        groups = others;
        for (decoded, earlier) in sharing.into_iter().rev() {
            nodes.extend(decoded);
            outputs.splice(0..0, earlier);
        }
        groups.push((nodes, outputs));
    }
    groups.into_iter().map(|(_, outputs)| outputs).collect()
}

/// The encoders of an output's tracks.
fn consumers(output: &OutputSpec) -> impl Iterator<Item = Consumer> {
    let tracks = output.video.iter().chain(&output.audio);
    tracks.filter_map(Consumer::for_track)
}
