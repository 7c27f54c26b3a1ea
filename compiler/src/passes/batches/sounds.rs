//! Sounds of many files, kept in between.

use std::collections::{BTreeSet, HashMap};

use crate::graph::{Graph, Kind, Node, NodeId, StreamType};
use crate::output::Encoding;

/// How many files of a sound are opened at once: measured, a run gets slow with more.
const MOST: usize = 32;

/// Keeps parts of the outputs' sounds in files, so that no run opens many; and says so. What several share is kept once.
pub(super) fn batched(graph: &mut Graph) -> Vec<String> {
    let mut outputs = std::mem::take(&mut graph.outputs);
    let mut batches = Batches {
        graph,
        made: HashMap::new(),
        opened: HashMap::new(),
        kept: 0,
    };
    let mut done = Vec::new();
    for output in &mut outputs {
        let Some(track) = &mut output.audio else { continue };
        if !matches!(track.encoding, Encoding::Encode(_) | Encoding::Auto(_)) {
            continue;
        }
        let before = batches.kept;
        track.node = batches.remade(track.node);
        let kept = batches.kept - before;
        if kept > 0 {
            done.push(format!(
                "the sound of `{}` is made of so many files that {kept} parts of it are kept in between, to save memory",
                output.name
            ));
        }
    }
    graph.outputs = outputs;
    done
}

struct Batches<'g> {
    graph: &'g mut Graph,
    /// The nodes that stand for others.
    made: HashMap<NodeId, NodeId>,
    /// How many files each node that was made opens.
    opened: HashMap<NodeId, usize>,
    kept: usize,
}

impl Batches<'_> {
    /// The node that stands for one, made of few files.
    fn remade(&mut self, root: NodeId) -> NodeId {
        for id in below(self.graph, root) {
            if self.made.contains_key(&id) {
                continue;
            }
            let node = self.graph.node(id).clone();
            let inputs: Vec<NodeId> = node
                .inputs
                .iter()
                .map(|input| self.made.get(input).copied().unwrap_or(*input))
                .collect();
            let inputs = self.fewer(&node, inputs);
            let own = usize::from(matches!(node.kind, Kind::Source { .. }));
            let opened = own + self.of(&inputs);
            let place = match inputs == node.inputs {
                true => id,
                false => self.graph.add(Node { inputs, ..node }),
            };
            self.opened.insert(place, opened);
            self.made.insert(id, place);
        }
        self.made.get(&root).copied().unwrap_or(root)
    }

    /// A node's inputs, some of them kept, so that they do not open many files together.
    fn fewer(&mut self, node: &Node, inputs: Vec<NodeId>) -> Vec<NodeId> {
        let mut inputs = inputs;
        while self.of(&inputs) > MOST {
            let before = self.of(&inputs);
            inputs = match node.kind {
                Kind::Concat => self.grouped(node, &inputs),
                _ => inputs.iter().map(|input| self.kept(*input)).collect(),
            };
            // What is heard at once has to be opened at once.
            if self.of(&inputs) == before {
                break;
            }
        }
        inputs
    }

    /// Neighbours put together, and kept.
    fn grouped(&mut self, node: &Node, inputs: &[NodeId]) -> Vec<NodeId> {
        let mut groups: Vec<Vec<NodeId>> = Vec::new();
        let mut opened = MOST;
        for input in inputs {
            let more = self.of(&[*input]);
            match groups.last_mut() {
                Some(group) if opened + more <= MOST => group.push(*input),
                _ => {
                    groups.push(vec![*input]);
                    opened = 0;
                }
            }
            opened += more;
        }
        let mut kept = Vec::new();
        for group in groups {
            kept.push(match group.as_slice() {
                [only] => self.kept(*only),
                _ => {
                    let opened = self.of(&group);
                    let whole = self.graph.concat(group, node.origin);
                    self.opened.insert(whole, opened);
                    self.kept(whole)
                }
            });
        }
        kept
    }

    /// A sound that is kept, if it ends and opens more than one file.
    fn kept(&mut self, id: NodeId) -> NodeId {
        let node = self.graph.node(id);
        if self.of(&[id]) < 2 || node.ty.duration().is_none() {
            return id;
        }
        let kept = self.graph.kept(id);
        self.opened.insert(kept, 1);
        self.kept += 1;
        kept
    }

    fn of(&self, nodes: &[NodeId]) -> usize {
        nodes.iter().filter_map(|id| self.opened.get(id)).sum()
    }
}

/// The sounds that one is made of, and itself, in order.
fn below(graph: &Graph, root: NodeId) -> BTreeSet<NodeId> {
    let mut found = BTreeSet::new();
    let mut next = vec![root];
    while let Some(id) = next.pop() {
        if matches!(graph.node(id).ty, StreamType::Audio(_)) && found.insert(id) {
            next.extend(&graph.node(id).inputs);
        }
    }
    found
}
