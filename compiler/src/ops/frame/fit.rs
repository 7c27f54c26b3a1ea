use crate::call::Call;
use crate::catalogue::{Param, ParamType, color, word};
use crate::ops::common::fitting;
use crate::ops::{Group, Input, Operation};
use crate::value::Value;

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "fit",
    group: Group::Frame,
    summary: "The picture brought to a size: whole, cut, stretched, or on a blurred copy of itself.",
    input: Input::Clip,
    params: &[
        Param::required("size", ParamType::Size, "the new size"),
        Param::with_default(
            "mode",
            ParamType::Enum(fitting::MODES),
            word("contain"),
            "how, in the words of CSS, and `blur`",
        ),
        Param::with_default(
            "color",
            ParamType::Color,
            color(0, 0, 0, 255),
            "what is put where the picture is not",
        ),
    ],
    examples: &[
        "phone | fit(1280x720, mode: blur)",
        "photo | fit(1080x1080, mode: cover)",
    ],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (video, ty) = call.video()?;
    let size = call.args.size("size")?;
    let mode = call.args.text("mode")?.to_owned();
    let color = call.args.color("color")?;
    let span = call.span;
    if mode != "none"
        && let Some(warning) = fitting::warn_if_upscaled(ty.display_size(), size, call.arg_span("size"))
    {
        call.report(warning);
    }
    let video = fitting::fit(call.graph(), video, size, &mode, color, span);
    call.with_video(video)
}
