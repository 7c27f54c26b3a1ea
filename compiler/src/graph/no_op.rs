//! Recognition of nodes that change nothing.

use super::{Graph, Node, NodeId, NodeKind};
use crate::facts::Facts;
use crate::time::Time;

impl Graph {
    /// Whether a node passes its first input on unchanged.
    pub fn is_no_op(&self, node: &Node) -> bool {
        let has_one_input = node.inputs.len() == 1;
        match &node.kind {
            NodeKind::Filter(filter) => filter.identity && has_one_input,
            NodeKind::Trim { start, end } => {
                let input = node.inputs.first().map(|id| &self.node(*id).ty);
                *start == Time::ZERO
                    && input.is_some_and(|ty| match (end, ty.duration()) {
                        (None, _) => true,
                        (Some(end), Some(duration)) => *end >= duration,
                        (Some(_), None) => false,
                    })
            }
            NodeKind::Delay { by } => *by == Time::ZERO,
            NodeKind::Concat | NodeKind::Mix => has_one_input,
            _ => false,
        }
    }

    /// The closest node upstream that is not a no-op, which may be the node itself.
    pub fn skip_no_ops(&self, mut id: NodeId) -> NodeId {
        while self.is_no_op(self.node(id)) {
            id = self.node(id).inputs[0];
        }
        id
    }

    /// FFmpeg's name of the codec, if a node is a whole stream of a file.
    pub fn source_codec<'f>(&self, id: NodeId, facts: &'f Facts) -> Option<&'f str> {
        match &self.node(id).kind {
            NodeKind::Source {
                media,
                stream,
                window,
                ..
            } if window.is_whole() => {
                let media = facts.media.get(media)?.as_ref().ok()?;
                Some(&media.stream(*stream)?.codec)
            }
            _ => None,
        }
    }
}
