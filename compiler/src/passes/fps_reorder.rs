use std::collections::BTreeMap;

use crate::facts::Facts;
use crate::graph::{Filter, Graph, Node, NodeId, NodeKind, StreamType};
use crate::plan::Timing;
use crate::time::Rational;

use super::pass::Pass;

/// Legal because a change of rate repeats and drops whole frames by their times alone, and the filters it changes places
/// with treat each frame alone: what is done to the frames that stay is the same on either side.
pub(super) const PASS: Pass = Pass {
    summary: "Frames that are dropped are not worked on before, and those that are repeated are worked on once.",
    run,
};

fn run(graph: &Graph, _: &Facts) -> (Graph, Vec<String>) {
    let mut uses: BTreeMap<NodeId, usize> = BTreeMap::new();
    for (_, node) in graph.iter() {
        for input in &node.inputs {
            *uses.entry(*input).or_default() += 1;
        }
    }
    for id in graph.outputs.iter().flat_map(|output| output.nodes()) {
        *uses.entry(id).or_default() += 1;
    }
    let mut conform = FpsReorder {
        old: graph.iter().map(|(id, _)| id).collect::<Vec<_>>().into_iter(),
        uses,
        alone: BTreeMap::new(),
        done: Vec::new(),
    };
    let rewritten = graph.rewrite(|new, node| conform.rewrite(new, node));
    (rewritten, conform.done)
}

struct FpsReorder {
    /// The nodes in their order.
    old: std::vec::IntoIter<NodeId>,
    /// How many others each flows into.
    uses: BTreeMap<NodeId, usize>,
    /// The new nodes that flow into one other.
    alone: BTreeMap<NodeId, bool>,
    done: Vec<String>,
}

impl FpsReorder {
    fn rewrite(&mut self, new: &mut Graph, node: Node) -> NodeId {
        let uses = self.old.next().and_then(|id| self.uses.get(&id).copied());
        let id = match &node.kind {
            NodeKind::Filter(filter) if filter.is_rate_conversion() => self.move_before(new, &node),
            NodeKind::Filter(filter) if is_per_frame(filter, &node) => self.move_after(new, &node),
            _ => None,
        };
        let id = id.unwrap_or_else(|| new.add(node));
        self.alone.insert(id, uses == Some(1));
        id
    }

    fn has_single_use(&self, id: NodeId) -> bool {
        self.alone.get(&id).copied().unwrap_or(false)
    }

    /// A lower rate before the filters that work on each frame; none if it stays where it is.
    fn move_before(&mut self, new: &mut Graph, rate: &Node) -> Option<NodeId> {
        let mut input = *rate.inputs.first()?;
        let mut passed = Vec::new();
        while let NodeKind::Filter(filter) = &new.node(input).kind
            && is_per_frame(filter, new.node(input))
            && self.has_single_use(input)
        {
            passed.push(new.node(input).clone());
            input = new.node(input).inputs[0];
        }
        let (from, to) = (frame_rate(&new.node(input).ty)?, frame_rate(&rate.ty)?);
        if passed.is_empty() || to >= from {
            return None;
        }
        let mut id = new.add(Node {
            inputs: vec![input],
            ty: at_rate(&new.node(input).ty, &rate.ty),
            ..rate.clone()
        });
        for node in passed.iter().rev() {
            self.alone.insert(id, true);
            let ty = at_rate(&node.ty, &rate.ty);
            id = new.add(Node {
                inputs: vec![id],
                ty,
                ..node.clone()
            });
        }
        let names = passed.iter().rev().flat_map(|node| names(&node.kind));
        let names: Vec<&str> = names.collect();
        self.done.push(format!(
            "{from} frames a second become {to} before {}",
            names.join(", ")
        ));
        Some(id)
    }

    /// A filter that works on each frame before they become more; none if they do not.
    fn move_after(&mut self, new: &mut Graph, node: &Node) -> Option<NodeId> {
        let rate = *node.inputs.first()?;
        let NodeKind::Filter(filter) = &new.node(rate).kind else {
            return None;
        };
        if !filter.is_rate_conversion() || !self.has_single_use(rate) {
            return None;
        }
        let rate = new.node(rate).clone();
        let input = new.node(rate.inputs[0]).ty.clone();
        let (from, to) = (frame_rate(&input)?, frame_rate(&rate.ty)?);
        if to <= from {
            return None;
        }
        let worked = new.add(Node {
            inputs: rate.inputs.clone(),
            ty: at_rate(&node.ty, &input),
            ..node.clone()
        });
        self.alone.insert(worked, true);
        let names: Vec<&str> = names(&node.kind).collect();
        self.done.push(format!(
            "{from} frames a second become {to} behind {}",
            names.join(", ")
        ));
        Some(new.add(Node {
            inputs: vec![worked],
            ty: node.ty.clone(),
            ..rate
        }))
    }
}

fn is_per_frame(filter: &Filter, node: &Node) -> bool {
    let moves = matches!(&node.ty, StreamType::Video(ty) if !ty.still && !ty.variable_rate);
    filter.timing == Timing::PerFrame && node.inputs.len() == 1 && moves
}

fn frame_rate(ty: &StreamType) -> Option<Rational> {
    match ty {
        StreamType::Video(ty) if !ty.still && !ty.variable_rate => Some(ty.frame_rate),
        _ => None,
    }
}

/// A picture's type at another's rate, as long as that.
fn at_rate(ty: &StreamType, other: &StreamType) -> StreamType {
    let mut ty = ty.with_duration(other.duration());
    if let (StreamType::Video(ty), StreamType::Video(other)) = (&mut ty, other) {
        ty.frame_rate = other.frame_rate;
        ty.variable_rate = other.variable_rate;
    }
    ty
}

fn names(kind: &NodeKind) -> impl Iterator<Item = &str> {
    let calls = match kind {
        NodeKind::Filter(filter) => filter.calls.as_slice(),
        _ => &[],
    };
    calls.iter().map(|call| call.name.as_str())
}
