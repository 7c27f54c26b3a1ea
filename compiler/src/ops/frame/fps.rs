use crate::call::Call;
use crate::catalogue::{Param, ParamType};
use crate::codes;
use crate::ops::{Group, Input, Operation};
use crate::value::Value;

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "fps",
    group: Group::Frame,
    summary: "The picture at another frame rate: frames are left out or repeated, the speed stays.",
    input: Input::Clip,
    params: &[Param::required("rate", ParamType::FrameRate, "frames per second")],
    examples: &["screen | fps(30)", "film | fps(24000/1001)"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (video, ty) = call.video()?;
    let rate = call.args.frame_rate("rate")?;
    let span = call.span;
    if let Some(duration) = ty.duration.filter(|duration| duration.frames(rate) < 1) {
        let message = format!("a frame would be longer than the clip of {duration}");
        let at = call.arg_span("rate");
        return call.fail(&codes::OUT_OF_RANGE, at, message);
    }
    let video = call.graph().fps(video, rate, span);
    call.with_video(video)
}
