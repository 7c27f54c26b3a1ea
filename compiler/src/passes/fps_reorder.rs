//! Reordering of frame rate conversions and per-frame filters.

use std::collections::BTreeMap;

use crate::facts::Facts;
use crate::graph::{Filter, Graph, Node, NodeId, NodeKind, StreamType};
use crate::plan::Timing;
use crate::time::Rational;

use super::pass::Pass;

/// Legal because a frame rate conversion repeats and drops whole frames by their timestamps alone, and the filters it
/// changes places with treat each frame alone: the frames that remain are filtered the same in either order.
pub(super) const PASS: Pass = Pass {
    summary: "Filters run before frames are repeated and after frames are dropped, so that they process fewer.",
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
    let mut reorder = FpsReorder {
        old: graph.iter().map(|(id, _)| id).collect::<Vec<_>>().into_iter(),
        uses,
        single_use: BTreeMap::new(),
        reports: Vec::new(),
    };
    let rewritten = graph.rewrite(|new, node| reorder.rewrite(new, node));
    (rewritten, reorder.reports)
}

struct FpsReorder {
    /// The ids of the old nodes, in order.
    old: std::vec::IntoIter<NodeId>,
    /// The number of users of each old node.
    uses: BTreeMap<NodeId, usize>,
    /// Whether each new node has a single user.
    single_use: BTreeMap<NodeId, bool>,
    reports: Vec<String>,
}

impl FpsReorder {
    fn rewrite(&mut self, new: &mut Graph, node: Node) -> NodeId {
        let uses = self.old.next().and_then(|id| self.uses.get(&id).copied());
        let moved = match &node.kind {
            NodeKind::Filter(filter) if filter.is_rate_conversion() => self.move_before(new, &node),
            NodeKind::Filter(filter) if is_per_frame(filter, &node) => self.move_after(new, &node),
            _ => None,
        };
        let id = moved.unwrap_or_else(|| new.add(node));
        self.single_use.insert(id, uses == Some(1));
        id
    }

    fn has_single_use(&self, id: NodeId) -> bool {
        self.single_use.get(&id).copied().unwrap_or(false)
    }

    /// Moves a conversion to a lower rate before the per-frame filters upstream; `None` if it stays where it is.
    fn move_before(&mut self, new: &mut Graph, conversion: &Node) -> Option<NodeId> {
        let mut input = *conversion.inputs.first()?;
        let mut passed = Vec::new();
        while let NodeKind::Filter(filter) = &new.node(input).kind
            && is_per_frame(filter, new.node(input))
            && self.has_single_use(input)
        {
            passed.push(new.node(input).clone());
            input = new.node(input).inputs[0];
        }
        let (from, to) = (frame_rate(&new.node(input).ty)?, frame_rate(&conversion.ty)?);
        if passed.is_empty() || to >= from {
            return None;
        }
        let mut id = new.add(Node {
            inputs: vec![input],
            ty: with_rate_of(&new.node(input).ty, &conversion.ty),
            ..conversion.clone()
        });
        for node in passed.iter().rev() {
            self.single_use.insert(id, true);
            let ty = with_rate_of(&node.ty, &conversion.ty);
            id = new.add(Node {
                inputs: vec![id],
                ty,
                ..node.clone()
            });
        }
        let names = passed.iter().rev().flat_map(|node| filter_names(&node.kind));
        let names: Vec<&str> = names.collect();
        self.reports
            .push(format!("{from} to {to} fps before {}", names.join(", ")));
        Some(id)
    }

    /// Moves a per-frame filter before a conversion to a higher rate that is its input; `None` if it stays where it is.
    fn move_after(&mut self, new: &mut Graph, node: &Node) -> Option<NodeId> {
        let conversion = *node.inputs.first()?;
        let NodeKind::Filter(filter) = &new.node(conversion).kind else {
            return None;
        };
        if !filter.is_rate_conversion() || !self.has_single_use(conversion) {
            return None;
        }
        let conversion = new.node(conversion).clone();
        let input = new.node(conversion.inputs[0]).ty.clone();
        let (from, to) = (frame_rate(&input)?, frame_rate(&conversion.ty)?);
        if to <= from {
            return None;
        }
        let filtered = new.add(Node {
            inputs: conversion.inputs.clone(),
            ty: with_rate_of(&node.ty, &input),
            ..node.clone()
        });
        self.single_use.insert(filtered, true);
        let names: Vec<&str> = filter_names(&node.kind).collect();
        self.reports
            .push(format!("{from} to {to} fps after {}", names.join(", ")));
        Some(new.add(Node {
            inputs: vec![filtered],
            ty: node.ty.clone(),
            ..conversion
        }))
    }
}

/// Whether a node treats each frame of CFR video alone.
fn is_per_frame(filter: &Filter, node: &Node) -> bool {
    filter.timing == Timing::PerFrame && node.inputs.len() == 1 && frame_rate(&node.ty).is_some()
}

/// The frame rate of CFR video.
fn frame_rate(ty: &StreamType) -> Option<Rational> {
    match ty {
        StreamType::Video(ty) if !ty.still && !ty.variable_rate => Some(ty.frame_rate),
        _ => None,
    }
}

/// A video type with the frame rate and duration of another.
fn with_rate_of(ty: &StreamType, other: &StreamType) -> StreamType {
    let mut ty = ty.with_duration(other.duration());
    if let (StreamType::Video(ty), StreamType::Video(other)) = (&mut ty, other) {
        ty.frame_rate = other.frame_rate;
        ty.variable_rate = other.variable_rate;
    }
    ty
}

fn filter_names(kind: &NodeKind) -> impl Iterator<Item = &str> {
    let calls = match kind {
        NodeKind::Filter(filter) => filter.calls.as_slice(),
        _ => &[],
    };
    calls.iter().map(|call| call.name.as_str())
}
