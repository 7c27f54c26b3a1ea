use crate::call::Call;
use crate::catalogue::{Param, ParamType};
use crate::graph::Filter;
use crate::ops::{Group, Input, Operation};
use crate::plan::{FilterCall, FilterName};
use crate::value::Value;

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "flip",
    group: Group::Frame,
    summary: "The picture mirrored.",
    input: Input::Clip,
    params: &[Param::required(
        "direction",
        ParamType::Enum(&["horizontal", "vertical"]),
        "horizontal swaps left and right, vertical top and bottom",
    )],
    examples: &["selfie | flip(horizontal)"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (video, ty) = call.video()?;
    let horizontal = call.args.text("direction")? == "horizontal";
    let span = call.span;
    let mut calls = vec![FilterCall::plain(if horizontal {
        FilterName::Hflip
    } else {
        FilterName::Vflip
    })];
    if !horizontal && ty.pixels.depth > 8 {
        // It only hands lines on in another order, on which FFmpeg 5.1 with x265 ends by a signal.
        calls.push(FilterCall::plain(FilterName::Copy));
    }
    let filter = Filter::new(calls);
    let video = call.graph().filter_video(video, filter, span, |_| {});
    call.with_video(video)
}
