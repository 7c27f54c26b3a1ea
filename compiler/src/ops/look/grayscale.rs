//! `grayscale`: removes color from a video.

use crate::call::Call;
use crate::graph::Filter;
use crate::ops::{Group, Input, Operation};
use crate::plan::{FilterCall, FilterName};
use crate::value::Value;

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "grayscale",
    group: Group::Look,
    summary: "Convert the video to shades of gray.",
    input: Input::Clip,
    params: &[],
    examples: &["talk | grayscale"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (video, _) = call.video()?;
    let span = call.span;
    let filter = Filter::new(vec![FilterCall::new(FilterName::Hue, [("s", "0")])]);
    let graph = call.graph();
    // `hue` converts to limited range without updating the color range of its frames.
    let video = graph.ensure_limited_range(video, span);
    let video = graph.filter_video(video, filter, span, |_| {});
    call.with_video(video)
}
