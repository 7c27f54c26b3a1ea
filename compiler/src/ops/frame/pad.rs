//! `pad`: places a video on a larger canvas.

use vidc_dsl::Diagnostic;
use vidc_dsl::ast::Color;

use crate::call::Call;
use crate::codes;
use crate::ops::common::placement::{PLACEMENTS, Placement};
use crate::ops::common::square_pixels::square_pixels;
use crate::ops::common::{filter_value, geometry};
use crate::ops::{Group, Input, Operation};
use crate::param::{Length, Param, color, pixels, word};
use crate::value::{Size, Value, Variant};

const SIZE: Param<Size> = Param::size("size", "canvas size");
const POSITION: Param<Variant> =
    Param::variant("position", PLACEMENTS, "position of the video on the canvas").default(word("center"));
const MARGIN: Param<Length> =
    Param::length("margin", "distance from the edges of the canvas").default(pixels(0));
const COLOR: Param<Color> = Param::color("color", "canvas color").default(color(0, 0, 0, 255));

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "pad",
    group: Group::Frame,
    summary: "Place the video on a larger canvas.",
    input: Input::Clip,
    params: &[SIZE.spec, POSITION.spec, MARGIN.spec, COLOR.spec],
    examples: &["clip | pad(1280x720, color: teal)"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (video, ty) = square_pixels(call)?;
    let (canvas, span, at) = (call.get(&SIZE), call.span, call.arg_span(&SIZE));
    let color = call.get(&COLOR);
    let size = ty.size();
    if canvas.width < size.width || canvas.height < size.height {
        let message = format!("a video of {size} does not fit on a canvas of {canvas}");
        let diagnostic = Diagnostic::new(&codes::OUT_OF_RANGE, at, message)
            .help("use `fit`, which scales larger and smaller videos to a size");
        call.report(diagnostic);
        return None;
    }
    let placement = Placement::new(&call.get(&POSITION), call.get(&MARGIN), canvas);
    let offset = geometry::clamped(placement.offset(canvas, size), canvas, size);
    let graph = call.graph();
    let video = match color.alpha {
        255 => graph.flatten_alpha(video, color, span),
        _ => video,
    };
    let video = graph.prepare_for_painting(video, color, span);
    let video = graph.pad(video, canvas, offset, filter_value::color(color), span);
    let video = graph.restore_color(video, ty.color_space, span);
    call.with_video(video)
}
