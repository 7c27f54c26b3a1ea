//! The filter graph of a run: lowers the nodes that its consumers need to filter chains.

use std::collections::HashMap;

use super::chains::{Chains, PadOrChain, with_origin};
use super::context::Context;
use super::inputs::Inputs;
use super::placement::Placement;
use super::sources::SourceWindow;
use super::{filters, multi_input, sources, start_anchor};
use crate::graph::{Filter, NodeId, NodeKind, StreamType};
use crate::plan::{Arg, FilterCall, FilterName, Pad, Run, RunOutput};

/// A filter graph under construction, with the inputs that it reads.
pub(super) struct FilterGraphBuilder<'g> {
    context: Context<'g>,
    inputs: Inputs<'g>,
    chains: Chains,
    /// How often each placement is used.
    uses: HashMap<Placement, usize>,
    /// The pads of placements with several uses that no use has taken yet.
    split_pads: HashMap<Placement, Vec<Pad>>,
}

impl<'g> FilterGraphBuilder<'g> {
    /// A filter graph that will lower exactly these nodes, each as often as it is listed.
    pub(super) fn new(context: Context<'g>, roots: impl IntoIterator<Item = NodeId>) -> Self {
        let mut builder = FilterGraphBuilder {
            context,
            inputs: Inputs::new(context.facts, false),
            chains: Chains::default(),
            uses: HashMap::new(),
            split_pads: HashMap::new(),
        };
        for root in roots {
            builder.count_uses(Placement::at_zero(root));
        }
        builder
    }

    /// The run with these outputs.
    pub(super) fn into_run(self, outputs: Vec<RunOutput>) -> Run {
        let mut graph = self.chains.into_graph();
        start_anchor::anchor_starts(self.context, &self.inputs, &mut graph);
        self.inputs.into_run(graph, outputs)
    }

    /// The inputs that the graph reads.
    pub(super) fn inputs(&mut self) -> &mut Inputs<'g> {
        &mut self.inputs
    }

    /// The data that the graph is lowered from.
    pub(super) fn context(&self) -> Context<'g> {
        self.context
    }

    /// The pad of a root, through more filters.
    pub(super) fn root(&mut self, node: NodeId, more: Vec<FilterCall>) -> Pad {
        let stream = self.stream(Placement::at_zero(node)).then(more);
        self.chains.close(stream)
    }

    fn count_uses(&mut self, placement: Placement) {
        let uses = self.uses.entry(placement).or_insert(0);
        *uses += 1;
        if *uses > 1 {
            return;
        }
        let graph = self.context.graph;
        let node = graph.node(placement.node);
        if node.kind == NodeKind::Loop && sources::demuxer_loop(graph, node.inputs[0]).is_some() {
            return;
        }
        for input in placement.inputs(graph) {
            self.count_uses(input);
        }
    }

    /// The stream of a placement, which may be requested as often as it was counted.
    fn stream(&mut self, placement: Placement) -> PadOrChain {
        if let Some(pads) = self.split_pads.get_mut(&placement) {
            // There are as many pads as uses were counted.
            return PadOrChain::Pad(pads.pop().unwrap_or(Pad::Link(u32::MAX)));
        }
        let stream = self.lower(placement);
        let uses = self.uses.get(&placement).copied().unwrap_or(1);
        match stream {
            // Any number of filters can read a stream of a file.
            PadOrChain::Pad(Pad::Stream { .. }) => stream,
            stream if uses < 2 => stream,
            stream => self.split(placement, stream, uses),
        }
    }

    /// Splits a stream among its uses, and returns the pad of the first.
    fn split(&mut self, placement: Placement, stream: PadOrChain, uses: usize) -> PadOrChain {
        let split = match self.context.graph.node(placement.node).ty {
            StreamType::Video(_) => FilterName::Split,
            StreamType::Audio(_) => FilterName::Asplit,
        };
        let count = u32::try_from(uses).unwrap_or(u32::MAX);
        let (inputs, mut filters) = match stream {
            PadOrChain::Pad(pad) => (vec![pad], Vec::new()),
            PadOrChain::Chain { inputs, filters } => (inputs, filters),
        };
        filters.push(FilterCall::new(split, [("outputs", count.to_string())]));
        let mut pads = self.chains.add(inputs, filters, count);
        pads.reverse();
        let first = pads.pop();
        self.split_pads.insert(placement, pads);
        PadOrChain::Pad(first.unwrap_or(Pad::Link(u32::MAX)))
    }

    /// Lowers a node and, first, its inputs.
    fn lower(&mut self, placement: Placement) -> PadOrChain {
        let Context { graph, prior, .. } = self.context;
        let node = graph.node(placement.node);
        let placed_inputs = placement.inputs(graph);
        let calls = match &node.kind {
            NodeKind::Source {
                media,
                stream,
                window,
                offset,
            } => {
                let source = SourceWindow {
                    media,
                    stream: *stream,
                    window: *window,
                    offset: *offset,
                };
                return sources::read(self.context, &mut self.inputs, node, source, placement.start);
            }
            NodeKind::Still { media, stream } => {
                return sources::read_still(&mut self.inputs, media, *stream);
            }
            NodeKind::Generate(call) => {
                return PadOrChain::Chain {
                    inputs: Vec::new(),
                    filters: vec![call.clone()],
                };
            }
            NodeKind::Materialize => {
                let id = prior.materialized.get(&placement.node).copied();
                let input = self.inputs.artifact(id.unwrap_or_default());
                return PadOrChain::Pad(Pad::Stream { input, stream: 0 });
            }
            NodeKind::Concat | NodeKind::Crossfade { .. } | NodeKind::Overlay { .. } | NodeKind::Mix => {
                let before = with_origin(multi_input::input_filters(node), node.origin);
                let mut pads = Vec::new();
                for input in placed_inputs {
                    let stream = self.stream(input).then(before.clone());
                    pads.push(self.chains.close(stream));
                }
                return multi_input::combine(graph, &mut self.chains, node, pads);
            }
            NodeKind::Loop => {
                let looped = &graph.node(node.inputs[0]).ty;
                if let Some(file) = sources::demuxer_loop(graph, node.inputs[0]) {
                    return sources::read_looped(&mut self.inputs, node, file, looped, placement.start);
                }
                filters::loop_in_memory(looped)
            }
            NodeKind::Filter(filter) => {
                let calls = self.with_run_files(filter);
                filters::for_filter(graph, node, calls)
            }
            NodeKind::Loudness { target, true_peak } => {
                let stage = prior.loudness.get(&placement.node).copied();
                filters::normalize_loudness(*target, *true_peak, stage.unwrap_or_default(), node.ty.rate())
            }
            NodeKind::StillToVideo { .. }
            | NodeKind::Trim { .. }
            | NodeKind::Delay { .. }
            | NodeKind::FixedLength { .. } => filters::for_single_input(graph, node),
        };
        let calls = with_origin(calls, node.origin);
        match placed_inputs.as_slice() {
            [only] => self.stream(*only).then(calls),
            several => {
                let mut pads = Vec::new();
                for input in several {
                    let stream = self.stream(*input);
                    pads.push(self.chains.close(stream));
                }
                PadOrChain::Chain {
                    inputs: pads,
                    filters: calls,
                }
            }
        }
    }

    /// The calls of a filter, whose file arguments name files of this run.
    fn with_run_files(&mut self, filter: &Filter) -> Vec<FilterCall> {
        let mut calls = filter.calls.clone();
        for (_, arg) in calls.iter_mut().flat_map(|call| &mut call.args) {
            if let Arg::File(index) = arg {
                *index = self.inputs.graph_file(self.context.graph, *index);
            }
        }
        calls
    }
}
