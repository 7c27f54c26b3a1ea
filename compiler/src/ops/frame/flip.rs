//! `flip`: mirrors a video.

use crate::call::Call;
use crate::graph::Filter;
use crate::ops::{Group, Input, Operation};
use crate::param::{Param, choice};
use crate::plan::{FilterCall, FilterName};
use crate::value::Value;

choice! {
    enum Direction {
        Horizontal = "horizontal",
        Vertical = "vertical",
    }
}

const DIRECTION: Param<Direction> = Param::choice(
    "direction",
    "`horizontal` swaps left and right, `vertical` swaps top and bottom",
);

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "flip",
    group: Group::Frame,
    summary: "Mirror the video horizontally or vertically.",
    input: Input::Clip,
    params: &[DIRECTION.spec],
    examples: &["selfie | flip(horizontal)"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (video, ty) = call.video()?;
    let direction = call.get(&DIRECTION);
    let span = call.span;
    let mut calls = vec![FilterCall::plain(match direction {
        Direction::Horizontal => FilterName::Hflip,
        Direction::Vertical => FilterName::Vflip,
    })];
    if direction == Direction::Vertical && ty.pixels.depth > 8 {
        // `vflip` only negates the line stride, and FFmpeg 5.1 with x265 crashes on such 10-bit frames.
        calls.push(FilterCall::plain(FilterName::Copy));
    }
    let filter = Filter::new(calls);
    let video = call.graph().filter_video(video, filter, span, |_| {});
    call.with_video(video)
}
