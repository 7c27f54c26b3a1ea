use vidc_dsl::Diagnostic;

use crate::call::Call;
use crate::catalogue::{PLACES, Param, ParamType, color, pixels, word};
use crate::codes;
use crate::ops::common::{cast, place::Place};
use crate::ops::{Group, Input, Operation};
use crate::value::Value;

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "pad",
    group: Group::Frame,
    summary: "The picture on a larger ground.",
    input: Input::Clip,
    params: &[
        Param::required("size", ParamType::Size, "the size of the ground"),
        Param::with_default(
            "position",
            ParamType::Variant(PLACES),
            word("center"),
            "where the picture lies on it",
        ),
        Param::with_default("margin", ParamType::Length, pixels(0), "from the ground's edges"),
        Param::with_default(
            "color",
            ParamType::Color,
            color(0, 0, 0, 255),
            "the ground's color",
        ),
    ],
    examples: &["clip | pad(1280x720, color: teal)"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (video, ty) = cast::square(call)?;
    let (size, span, at) = (call.args.size("size")?, call.span, call.arg_span("size"));
    let color = call.args.color("color")?;
    if size.width < ty.width || size.height < ty.height {
        let diagnostic = Diagnostic::new(
            &codes::OUT_OF_RANGE,
            at,
            format!("a picture of {} does not go onto {size}", ty.size()),
        )
        .help("`fit` brings a picture to a size whether it is larger or smaller");
        call.report(diagnostic);
        return None;
    }
    let (x, y) = Place::of(&call.args, size)?.corner(size, ty.size());
    let inside = |at: i64, outer: u32, inner: u32| at.clamp(0, i64::from(outer - inner));
    let corner = (inside(x, size.width, ty.width), inside(y, size.height, ty.height));
    let graph = call.graph();
    let video = match color.alpha {
        255 => graph.flatten_alpha(video, color, span),
        _ => video,
    };
    let video = graph.prepare_for_painting(video, color, span);
    let video = graph.pad(video, size, corner, cast::color(color), span);
    let video = graph.restore_color(video, ty.color_space, span);
    call.with_video(video)
}
