//! What nodes do nothing, and what is left of a stream without them.

use super::{Graph, Node, NodeId, NodeKind};
use crate::facts::Facts;
use crate::time::Time;

impl Graph {
    /// Whether a node hands its first input on as it is.
    pub fn is_no_op(&self, node: &Node) -> bool {
        let of_one = node.inputs.len() == 1;
        match &node.kind {
            NodeKind::Filter(filter) => filter.identity && of_one,
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
            NodeKind::Concat | NodeKind::Mix => of_one,
            _ => false,
        }
    }

    /// The node that a stream really comes from, past those that do nothing.
    pub fn skip_no_ops(&self, mut id: NodeId) -> NodeId {
        while self.is_no_op(self.node(id)) {
            id = self.node(id).inputs[0];
        }
        id
    }

    /// The codec, by FFmpeg's name, of a node that is a whole stream of a file.
    pub fn source_codec<'f>(&self, id: NodeId, facts: &'f Facts) -> Option<&'f str> {
        match &self.node(id).kind {
            NodeKind::Source {
                media,
                stream,
                window,
                ..
            } if window.is_whole() => {
                let media = facts.media.get(media)?.as_ref().ok()?;
                let stream = media.stream(*stream)?;
                Some(&stream.codec)
            }
            _ => None,
        }
    }
}
