//! The stages of a plan so far, and the prerequisite stages of nodes.

use std::collections::{BTreeSet, HashSet};

use super::consumer::{Consumer, Purpose};
use super::context::{Context, Prior};
use super::filter_graph::FilterGraphBuilder;
use super::workload::workload;
use super::{key, media_timing, outputs, tracks};
use crate::facts::Facts;
use crate::graph::{Graph, NodeId, NodeKind};
use crate::output::Encoder;
use crate::plan::{ArtifactId, Run, Stage, StageKind, TrackKind};
use crate::time::{Time, Window};

/// The stages of a plan, each after those it depends on.
pub(super) struct StageList<'g> {
    graph: &'g Graph,
    facts: &'g Facts,
    preroll_windows: HashSet<(String, Window)>,
    prior: Prior,
    list: Vec<Stage>,
}

impl<'g> StageList<'g> {
    /// No stages yet.
    pub(super) fn new(graph: &'g Graph, facts: &'g Facts) -> Self {
        StageList {
            graph,
            facts,
            preroll_windows: media_timing::preroll_windows(graph, facts),
            prior: Prior::default(),
            list: Vec::new(),
        }
    }

    /// All stages.
    pub(super) fn into_stages(self) -> Vec<Stage> {
        self.list
    }

    /// The data that a run is lowered from.
    pub(super) fn context(&self) -> Context<'_> {
        Context {
            graph: self.graph,
            facts: self.facts,
            preroll_windows: &self.preroll_windows,
            prior: &self.prior,
        }
    }

    /// Adds a stage and returns its index. A stage without named outputs is added once and then shared.
    pub(super) fn push(
        &mut self,
        kind: StageKind,
        title: String,
        duration: Time,
        run: Run,
        consumers: &[Consumer],
    ) -> usize {
        let key = key::content_key(&run, &self.list, self.facts);
        if run.outputs.iter().all(|output| output.name().is_none())
            && let Some(index) = self.list.iter().position(|stage| stage.key == key)
        {
            return index;
        }
        self.list.push(Stage {
            kind,
            title,
            key,
            duration,
            work: workload(self.context(), &run, consumers),
            run,
        });
        self.list.len() - 1
    }

    /// Adds the stages that these nodes depend on.
    pub(super) fn prepare(&mut self, roots: &[NodeId]) {
        // Inputs have lower ids than the nodes that use them, so a stage follows those it depends on.
        for id in reachable(self.graph, roots.iter().copied()) {
            match self.graph.node(id).kind {
                NodeKind::Loudness { .. } => self.measure_loudness(id),
                NodeKind::Materialize => self.materialize(id),
                _ => {}
            }
        }
    }

    /// Adds the stage that measures the input of a loudness node.
    fn measure_loudness(&mut self, id: NodeId) {
        if self.prior.loudness.contains_key(&id) {
            return;
        }
        let node = self.graph.node(id);
        let input = node.inputs[0];
        let consumer = Consumer {
            node: input,
            purpose: Purpose::MeasureLoudness,
        };
        let mut filters = FilterGraphBuilder::new(self.context(), [input]);
        let track = tracks::measure_loudness(&mut filters, input, node.origin);
        let run = filters.into_run(vec![outputs::null(track)]);
        let duration = node.ty.duration().unwrap_or_default();
        let title = "measure loudness".to_owned();
        let stage = self.push(StageKind::Measure, title, duration, run, &[consumer]);
        self.prior.loudness.insert(id, stage);
    }

    /// Adds the stage that renders audio to a file once, in the precision of filters.
    fn materialize(&mut self, id: NodeId) {
        if self.prior.materialized.contains_key(&id) {
            return;
        }
        let node = self.graph.node(id);
        let input = node.inputs[0];
        let encoder = Encoder {
            name: "pcm_f32le",
            options: Vec::new(),
        };
        let mut filters = FilterGraphBuilder::new(self.context(), [input]);
        let track = tracks::encode(&mut filters, input, &encoder, TrackKind::Audio);
        let run = filters.into_run(vec![outputs::artifact("wav", track, Vec::new())]);
        let duration = node.ty.duration().unwrap_or_default();
        let title = format!("render {duration} of intermediate audio");
        let consumer = Consumer::encode(input, encoder);
        let stage = self.push(StageKind::Render, title, duration, run, &[consumer]);
        let id_of_file = ArtifactId { stage, output: 0 };
        self.prior.materialized.insert(id, id_of_file);
    }
}

/// These nodes and all that they depend on.
pub(super) fn reachable(graph: &Graph, roots: impl Iterator<Item = NodeId>) -> BTreeSet<NodeId> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<NodeId> = roots.collect();
    while let Some(id) = next.pop() {
        if reached.insert(id) {
            next.extend(&graph.node(id).inputs);
        }
    }
    reached
}
