//! `fps`: converts a video to another frame rate.

use crate::call::Call;
use crate::codes;
use crate::ops::{Group, Input, Operation};
use crate::param::Param;
use crate::time::Rational;
use crate::value::Value;

const RATE: Param<Rational> = Param::frame_rate("rate", "frame rate");

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "fps",
    group: Group::Frame,
    summary: "Convert the video to another frame rate by dropping or repeating frames, without changing its speed.",
    input: Input::Clip,
    params: &[RATE.spec],
    examples: &["screen | fps(30)", "film | fps(24000/1001)"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (video, ty) = call.video()?;
    let rate = call.get(&RATE);
    let span = call.span;
    if let Some(duration) = ty.duration.filter(|duration| duration.frames(rate) < 1) {
        let message = format!("at this frame rate, one frame is longer than the clip of {duration}");
        let at = call.arg_span(&RATE);
        return call.fail(&codes::OUT_OF_RANGE, at, message);
    }
    let video = call.graph().fps(video, rate, span);
    call.with_video(video)
}
