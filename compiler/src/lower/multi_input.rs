//! Nodes into which several streams flow: concatenation, crossfade, overlay, and mix.

use vidc_dsl::Span;

use super::chains::{Chains, PadOrChain, with_origin};
use super::filters::set_microseconds;
use super::last_frame::is_single_frame;
use crate::graph::{Graph, Node, NodeKind, StreamType};
use crate::plan::{FilterCall, FilterName, Pad};
use crate::time::{Time, Window};

/// The filters that each input passes first: `xfade` needs one time base.
pub(super) fn input_filters(node: &Node) -> Vec<FilterCall> {
    match (&node.kind, &node.ty) {
        (NodeKind::Crossfade { .. }, StreamType::Video(_)) => vec![set_microseconds()],
        _ => Vec::new(),
    }
}

/// Combines the pads of a node's inputs.
pub(super) fn combine(graph: &Graph, chains: &mut Chains, node: &Node, pads: Vec<Pad>) -> PadOrChain {
    let mut pads = pads;
    if matches!((&node.kind, &node.ty), (NodeKind::Concat, StreamType::Video(_))) {
        pads = prepend_single_frames(graph, chains, node, pads);
        if let [only] = pads.as_slice() {
            return PadOrChain::Pad(*only);
        }
    }
    let call = combining_filter(graph, node, pads.len());
    PadOrChain::Chain {
        inputs: pads,
        filters: with_origin(vec![call], node.origin),
    }
}

/// Puts inputs of a single frame before the input that follows them. FFmpeg's `concat` would drop them, because it derives
/// the duration of a frame from the next one (libavfilter, `avf_concat.c`).
fn prepend_single_frames(graph: &Graph, chains: &mut Chains, node: &Node, pads: Vec<Pad>) -> Vec<Pad> {
    let mut concatenated: Vec<Pad> = Vec::new();
    for (input, pad) in node.inputs.iter().zip(pads).rev() {
        match concatenated.pop() {
            Some(next) if is_single_frame(graph, *input) => {
                concatenated.push(prepend_frame(chains, pad, next, node.origin));
            }
            next => {
                concatenated.extend(next);
                concatenated.push(pad);
            }
        }
    }
    concatenated.reverse();
    concatenated
}

/// Makes room for a frame before a stream, and replaces the placeholder by the frame.
fn prepend_frame(chains: &mut Chains, frame: Pad, stream: Pad, origin: Span) -> Pad {
    let room = FilterCall::new(FilterName::Tpad, [("start", "1"), ("start_mode", "clone")]);
    let replace = FilterCall::new(
        FilterName::Freezeframes,
        [("first", "0"), ("last", "0"), ("replace", "0")],
    );
    let stream = chains.close(PadOrChain::Pad(stream).then(with_origin(vec![room], origin)));
    chains.close(PadOrChain::Chain {
        inputs: vec![stream, frame],
        filters: with_origin(vec![replace], origin),
    })
}

/// The filter into which so many streams flow.
fn combining_filter(graph: &Graph, node: &Node, count: usize) -> FilterCall {
    match (&node.kind, &node.ty) {
        (NodeKind::Concat, ty) => {
            let (v, a) = match ty {
                StreamType::Video(_) => ("1", "0"),
                StreamType::Audio(_) => ("0", "1"),
            };
            FilterCall::new(
                FilterName::Concat,
                [("n", count.to_string()), ("v", v.into()), ("a", a.into())],
            )
        }
        (
            NodeKind::Crossfade {
                transition,
                overlap,
                offset,
            },
            StreamType::Video(_),
        ) => FilterCall::new(
            FilterName::Xfade,
            [
                ("transition", transition.clone()),
                ("duration", overlap.decimal()),
                ("offset", offset.decimal()),
            ],
        ),
        (NodeKind::Crossfade { overlap, .. }, StreamType::Audio(ty)) => FilterCall::new(
            FilterName::Acrossfade,
            [("nb_samples", overlap.frames(ty.rate()).max(1).to_string())],
        ),
        (NodeKind::Overlay { x, y, during }, StreamType::Video(ty)) => {
            let inset = graph.video(node.inputs[1]);
            let still = inset.is_some_and(|inset| inset.still);
            let mut args = vec![
                ("x", x.to_string()),
                ("y", y.to_string()),
                (
                    "format",
                    ty.pixels.overlay_in_10_bits().unwrap_or("auto").to_owned(),
                ),
                // A still is one frame that stays; a clip that has ended disappears.
                ("eof_action", if still { "repeat" } else { "pass" }.to_owned()),
            ];
            args.extend(during.map(|window| {
                let half_a_frame = Time::from_frames(1, ty.frame_rate * 2);
                ("enable", enable(window, half_a_frame))
            }));
            FilterCall::new(FilterName::Overlay, args)
        }
        _ => FilterCall::new(
            FilterName::Amix,
            [
                ("inputs", count.to_string()),
                ("duration", "first".to_owned()),
                ("dropout_transition", "0".to_owned()),
                ("normalize", "0".to_owned()),
            ],
        ),
    }
}

/// The expression that enables a filter in a window. Its limits are half a frame early, so that no rounding of PTS decides.
fn enable(window: Window, half_a_frame: Time) -> String {
    let mut expression = format!("gte(t,{})", (window.start - half_a_frame).decimal());
    if let Some(end) = window.end {
        expression.push_str(&format!("*lt(t,{})", (end - half_a_frame).decimal()));
    }
    expression
}
