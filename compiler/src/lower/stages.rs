//! Which outputs are made by one run, and what must be measured or kept before.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::facts::Facts;
use crate::graph::{Graph, NodeId, NodeKind, StreamType, Window};
use crate::output::{Encoding, OutputSpec};
use crate::plan::{ArtifactId, RunOutput, Stage, StageKind};
use crate::time::Time;

use super::key;
use super::run::{Lowered, RunBuilder};

/// The stages of all outputs, measurements before what uses them.
pub(super) fn stages(graph: &Graph, facts: &Facts) -> Vec<Stage> {
    let mut stages = Stages {
        graph,
        facts,
        list: Vec::new(),
        before: Before {
            prerolled: prerolled(graph, facts),
            ..Before::default()
        },
    };
    for group in groups(graph) {
        match group.as_slice() {
            [output] if output.is_joined() => stages.assemble(output),
            group => stages.render(group),
        }
    }
    stages.list
}

pub(super) struct Stages<'g> {
    pub(super) graph: &'g Graph,
    pub(super) facts: &'g Facts,
    pub(super) list: Vec<Stage>,
    pub(super) before: Before,
}

/// What earlier stages did for nodes, and what all runs have to know of the graph.
#[derive(Default)]
pub(super) struct Before {
    /// The stage that measured each loudness node's input.
    pub(super) measured: HashMap<NodeId, usize>,
    /// Where each sound is kept.
    pub(super) kept: HashMap<NodeId, ArtifactId>,
    /// Windows of files whose sound needs a preroll, and with it their picture, which is read together with it.
    pub(super) prerolled: HashSet<(String, Window)>,
}

impl Stages<'_> {
    fn render(&mut self, outputs: &[&OutputSpec]) {
        let roots: Vec<NodeId> = outputs.iter().flat_map(|output| decoded(output)).collect();
        self.prepare(&roots);
        let mut builder = RunBuilder::new(self.graph, self.facts, &self.before, &roots);
        let outputs: Vec<RunOutput> = outputs.iter().map(|output| builder.output(output)).collect();
        let names: Vec<&str> = outputs.iter().filter_map(RunOutput::name).collect();
        let names = names.join(", ");
        let length = outputs.iter().filter_map(|output| output.expected.duration).max();
        let run = builder.finish(outputs);
        let (kind, verb) = match run.run.graph.is_empty() && roots.is_empty() {
            true => (StageKind::Copy, "copy"),
            false => (StageKind::Render, "render"),
        };
        self.push(
            kind,
            format!("{verb} {names}"),
            length.unwrap_or(Time::millis(40)),
            run,
        );
    }

    /// Adds the stages that nodes depend on.
    pub(super) fn prepare(&mut self, roots: &[NodeId]) {
        // Inputs come before what uses them, so what a stage depends on is there before it.
        for id in reached(self.graph, roots.iter().copied()) {
            match self.graph.node(id).kind {
                NodeKind::Loudness { .. } => self.measure(id),
                NodeKind::Materialize => self.keep(id),
                _ => {}
            }
        }
    }

    /// Adds the stage that measures what flows into a loudness node.
    fn measure(&mut self, id: NodeId) {
        if self.before.measured.contains_key(&id) {
            return;
        }
        let node = self.graph.node(id);
        let input = node.inputs[0];
        let mut builder = RunBuilder::new(self.graph, self.facts, &self.before, &[input]);
        let output = builder.measurement(input, node.origin);
        let run = builder.finish(vec![output]);
        let length = node.ty.duration().unwrap_or_default();
        let stage = self.push(StageKind::Measure, "measure loudness".to_owned(), length, run);
        self.before.measured.insert(id, stage);
    }

    /// Adds the stage that makes a sound that is kept.
    fn keep(&mut self, id: NodeId) {
        if self.before.kept.contains_key(&id) {
            return;
        }
        let node = self.graph.node(id);
        let input = node.inputs[0];
        let mut builder = RunBuilder::new(self.graph, self.facts, &self.before, &[input]);
        let output = builder.kept(input);
        let run = builder.finish(vec![output]);
        let length = node.ty.duration().unwrap_or_default();
        let stage = self.push(StageKind::Render, format!("keep {length} of sound"), length, run);
        self.before.kept.insert(id, ArtifactId { stage, output: 0 });
    }

    /// Adds a stage, unless there is one that makes the same for others; gives its index.
    pub(super) fn push(&mut self, kind: StageKind, title: String, length: Time, lowered: Lowered) -> usize {
        let Lowered { run, work } = lowered;
        let key = key::of(&run, &self.list, self.facts);
        if run.outputs.iter().all(|output| output.name().is_none())
            && let Some(known) = self.list.iter().position(|stage| stage.key == key)
        {
            return known;
        }
        self.list.push(Stage {
            kind,
            title,
            key,
            duration: length,
            work,
            run,
        });
        self.list.len() - 1
    }
}

/// Outputs that decode something in common are made together, so that it is decoded once; still images apart, since
/// their runs end at their first frame.
fn groups(graph: &Graph) -> Vec<Vec<&OutputSpec>> {
    let mut groups: Vec<(BTreeSet<NodeId>, Vec<&OutputSpec>)> = Vec::new();
    for output in &graph.outputs {
        let apart = output.container.still || output.is_joined();
        let mut nodes = if apart {
            BTreeSet::new()
        } else {
            reached(graph, decoded(output))
        };
        let mut outputs = vec![output];
        let (sharing, apart): (Vec<_>, Vec<_>) = groups
            .into_iter()
            .partition(|(known, _)| !known.is_disjoint(&nodes));
        groups = apart;
        for (known, before) in sharing.into_iter().rev() {
            nodes.extend(known);
            outputs.splice(0..0, before);
        }
        groups.push((nodes, outputs));
    }
    groups.into_iter().map(|(_, outputs)| outputs).collect()
}

/// The nodes of an output that are decoded for it.
fn decoded(output: &OutputSpec) -> impl Iterator<Item = NodeId> {
    let tracks = output.video.iter().chain(&output.audio);
    tracks
        .filter(|track| track.encoding != Encoding::Copy)
        .map(|track| track.node)
}

fn reached(graph: &Graph, roots: impl Iterator<Item = NodeId>) -> BTreeSet<NodeId> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<NodeId> = roots.collect();
    while let Some(id) = next.pop() {
        if reached.insert(id) {
            next.extend(&graph.node(id).inputs);
        }
    }
    reached
}

/// The windows of sounds whose codec makes each packet from the ones before.
fn prerolled(graph: &Graph, facts: &Facts) -> HashSet<(String, Window)> {
    let mut found = HashSet::new();
    for (_, node) in graph.iter() {
        let (
            NodeKind::Source {
                media,
                stream,
                window,
                ..
            },
            StreamType::Audio(_),
        ) = (&node.kind, &node.ty)
        else {
            continue;
        };
        let known = facts.media.get(media).and_then(|media| media.as_ref().ok());
        let stream = known.and_then(|media| media.stream(*stream));
        let lossless =
            stream.is_some_and(|s| s.codec.starts_with("pcm_") || matches!(&*s.codec, "flac" | "alac"));
        if window.start.is_positive() && !lossless {
            found.insert((media.clone(), *window));
        }
    }
    found
}
