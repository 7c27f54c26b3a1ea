//! `fit`: fits a video into a frame of another size.

use vidc_dsl::ast::Color;

use crate::call::Call;
use crate::ops::common::object_fit::{self, FitMode};
use crate::ops::{Group, Input, Operation};
use crate::param::{Param, color, word};
use crate::value::{Size, Value};

const SIZE: Param<Size> = Param::size("size", "new frame size");
const MODE: Param<FitMode> = Param::choice(
    "mode",
    "fitting mode, as in CSS `object-fit`; `blur` places the video over a blurred copy of itself",
)
.default(word(FitMode::Contain.word()));
const COLOR: Param<Color> =
    Param::color("color", "color of the areas that the video does not cover").default(color(0, 0, 0, 255));

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "fit",
    group: Group::Frame,
    summary: "Fit the video into a frame of another size by padding, cropping, stretching or a blurred background.",
    input: Input::Clip,
    params: &[SIZE.spec, MODE.spec, COLOR.spec],
    examples: &[
        "phone | fit(1280x720, mode: blur)",
        "photo | fit(1080x1080, mode: cover)",
    ],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (video, ty) = call.video()?;
    let (size, mode, color) = (call.get(&SIZE), call.get(&MODE), call.get(&COLOR));
    let span = call.span;
    if mode != FitMode::None
        && let Some(warning) = object_fit::upscaling_warning(ty.display_size(), size, call.arg_span(&SIZE))
    {
        call.report(warning);
    }
    let video = object_fit::fit(call.graph(), video, size, mode, color, span);
    call.with_video(video)
}
