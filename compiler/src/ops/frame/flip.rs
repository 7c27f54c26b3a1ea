use crate::catalogue::{Group, Input, Kind, Operation, Param};
use crate::check::Call;
use crate::graph::Filter;
use crate::plan::FilterCall;
use crate::value::Value;

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "flip",
    group: Group::Frame,
    summary: "The picture mirrored.",
    input: Input::Clip,
    params: &[Param::required(
        "direction",
        Kind::Enum(&["horizontal", "vertical"]),
        "horizontal swaps left and right, vertical top and bottom",
    )],
    examples: &["selfie | flip(horizontal)"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (video, _) = call.video()?;
    let filter = if call.args.text("direction")? == "horizontal" { "hflip" } else { "vflip" };
    let span = call.span;
    let filter = Filter::always(vec![FilterCall::plain(filter)]);
    let video = call.graph().filter_video(video, filter, span, |_| {});
    call.with_video(video)
}
