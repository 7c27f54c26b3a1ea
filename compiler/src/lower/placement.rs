//! Nodes placed on a run's timeline.

use crate::graph::{Graph, NodeId, NodeKind};
use crate::time::Time;

/// A node at a time of the timeline of a run's outputs.
///
/// A node may be needed at several times. Uses at the same time share it through a `split`. Uses at different times have
/// separate copies, each with a file input of its own: frames shared between them would pile up in memory until the later
/// time is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Placement {
    pub(super) node: NodeId,
    /// When the node's first frame is due; negative if the beginning of the node is cut off.
    pub(super) start: Time,
}

impl Placement {
    /// A node that begins with the outputs.
    pub(super) fn at_zero(node: NodeId) -> Placement {
        Placement {
            node,
            start: Time::ZERO,
        }
    }

    /// The node's inputs, each placed where this node needs it.
    pub(super) fn inputs(self, graph: &Graph) -> Vec<Placement> {
        let node = graph.node(self.node);
        let place = |index: usize, start: Time| Placement {
            node: node.inputs[index],
            start,
        };
        match node.kind {
            NodeKind::Trim { start, .. } => vec![place(0, self.start - start)],
            NodeKind::Delay { by } => vec![place(0, self.start + by)],
            NodeKind::Crossfade { offset, .. } => vec![place(0, self.start), place(1, self.start + offset)],
            NodeKind::Concat => {
                let mut next = self.start;
                let mut placements = Vec::new();
                for input in &node.inputs {
                    placements.push(Placement {
                        node: *input,
                        start: next,
                    });
                    next = next + graph.node(*input).ty.duration().unwrap_or_default();
                }
                placements
            }
            // An earlier stage has rendered it.
            NodeKind::Materialize => Vec::new(),
            _ => (0..node.inputs.len())
                .map(|index| place(index, self.start))
                .collect(),
        }
    }
}
