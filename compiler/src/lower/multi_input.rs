//! What several streams flow into.

use vidc_dsl::Span;

use super::run::{Flow, Place, RunBuilder};
use super::{filters, placed};
use crate::graph::{NodeId, NodeKind, StreamType};
use crate::plan::Pad;

impl RunBuilder<'_> {
    /// The streams that a node has for its inputs, joined as it says.
    pub(super) fn several(&mut self, id: NodeId, inputs: &[Place], origin: Span) -> Flow {
        let node = self.graph.node(id);
        let before = filters::before_joining(node);
        let mut pads = Vec::new();
        for place in inputs {
            let flow = self.flow(*place).then(placed(before.clone(), origin));
            pads.push(self.ended(flow));
        }
        if matches!((&node.kind, &node.ty), (NodeKind::Concat, StreamType::Video(_))) {
            pads = self.without_singles(inputs, pads, origin);
            if let [only] = pads.as_slice() {
                return Flow::Pad(*only);
            }
        }
        let filters = placed(filters::joining(self.graph, node, pads.len()), origin);
        Flow::Chain {
            inputs: pads,
            filters,
        }
    }

    /// A frame that stands alone is put before what follows it: FFmpeg's `concat` takes it for none, because it tells how
    /// long a frame is from the next (libavfilter, `avf_concat.c`).
    fn without_singles(&mut self, inputs: &[Place], pads: Vec<Pad>, origin: Span) -> Vec<Pad> {
        let mut joined: Vec<Pad> = Vec::new();
        for ((input, _), pad) in inputs.iter().zip(pads).rev() {
            match joined.pop() {
                Some(next) if filters::is_single(self.graph, *input) => {
                    let [late, both] = filters::behind_a_frame();
                    let late = self.ended(Flow::Pad(next).then(placed(late, origin)));
                    let both = Flow::Chain {
                        inputs: vec![late, pad],
                        filters: placed(both, origin),
                    };
                    joined.push(self.ended(both));
                }
                next => {
                    joined.extend(next);
                    joined.push(pad);
                }
            }
        }
        joined.reverse();
        joined
    }
}
