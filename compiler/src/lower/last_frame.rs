//! Streams whose end FFmpeg does not know, so that a conversion of the frame rate would lose the last frame.

use crate::graph::{Graph, Node, NodeId, NodeKind};
use crate::plan::{FilterCall, FilterName, Timing};

/// Repeats the last frame of video that does not know its end, so that it lasts. The repetition is endless, because the
/// first copies after `xfade` carry the PTS of earlier frames; later filters cut it off.
pub(super) fn extend_last_frame(graph: &Graph, node: &Node) -> Option<FilterCall> {
    ends_at_last_pts(graph, node).then(repeat_last_frame)
}

/// Repeats the last frame without end.
pub(super) fn repeat_last_frame() -> FilterCall {
    FilterCall::new(FilterName::Tpad, [("stop", "-1"), ("stop_mode", "clone")])
}

/// Whether a filter reports the PTS of the last frame as the end (`overlay`, `freezeframes`), or that of another frame
/// (`xfade`). Measured with FFmpeg 5.1.
fn ends_at_last_pts(graph: &Graph, node: &Node) -> bool {
    let input = match &node.kind {
        NodeKind::Concat
            if node
                .inputs
                .iter()
                .rev()
                .nth(1)
                .is_some_and(|id| is_single_frame(graph, *id)) =>
        {
            return true;
        }
        NodeKind::Overlay { .. } | NodeKind::Crossfade { .. } => return true,
        NodeKind::Trim { .. } | NodeKind::Delay { .. } | NodeKind::Filter(_) => node.inputs.first(),
        NodeKind::Concat => node.inputs.last(),
        _ => None,
    };
    input.is_some_and(|input| ends_at_last_pts(graph, graph.node(*input)))
}

/// Whether a stream is one frame long.
pub(super) fn is_single_frame(graph: &Graph, id: NodeId) -> bool {
    let ty = &graph.node(id).ty;
    ty.duration()
        .is_some_and(|duration| duration.frames(ty.rate()) == 1)
}

/// Whether a node's frames are evenly spaced from zero on: by its last filter, or by an earlier one if the filters since
/// treat each frame alone.
pub(super) fn is_cfr_from_zero(graph: &Graph, node: &Node) -> bool {
    match &node.kind {
        NodeKind::StillToVideo { .. } | NodeKind::FixedLength { .. } => true,
        NodeKind::Filter(filter)
            if filter
                .calls
                .last()
                .is_some_and(|call| call.name == FilterName::Fps) =>
        {
            true
        }
        NodeKind::Filter(filter) if filter.timing == Timing::PerFrame => {
            is_cfr_from_zero(graph, graph.node(node.inputs[0]))
        }
        _ => false,
    }
}
