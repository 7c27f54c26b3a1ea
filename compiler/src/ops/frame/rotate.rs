//! `rotate`: rotates a video.

use vidc_dsl::ast::Color;

use crate::call::Call;
use crate::graph::{Filter, NodeId};
use crate::ops::common::filter_value;
use crate::ops::common::square_pixels::square_pixels;
use crate::ops::{Group, Input, Operation};
use crate::param::{Param, color};
use crate::plan::{FilterCall, FilterName};
use crate::time::Rational;
use crate::value::Value;

const ANGLE: Param<Rational> = Param::angle(
    "angle",
    "clockwise angle; negative angles rotate counterclockwise",
);
const COLOR: Param<Color> =
    Param::color("color", "color of the uncovered corners").default(color(0, 0, 0, 255));

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "rotate",
    group: Group::Frame,
    summary: "Rotate the video clockwise, enlarging the frame so that no corner is cut off.",
    input: Input::Clip,
    params: &[ANGLE.spec, COLOR.spec],
    examples: &["phone | rotate(90deg)", "photo | rotate(-5deg, color: white)"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (video, ty) = square_pixels(call)?;
    let (angle, background) = (call.get(&ANGLE), call.get(&COLOR));
    let span = call.span;
    let full_turn = Rational::from_integer(360);
    let angle = angle - (angle / full_turn).floor() * full_turn;
    let transpose = |direction: &str| FilterCall::new(FilterName::Transpose, [("dir", direction)]);
    let video = match (angle.is_integer(), angle.to_integer()) {
        (true, 0) => video,
        (true, 90) => transposed(call, video, transpose("clock")),
        (true, 180) => {
            let flips = vec![
                FilterCall::plain(FilterName::Hflip),
                FilterCall::plain(FilterName::Vflip),
            ];
            call.graph().filter_video(video, Filter::new(flips), span, |_| {})
        }
        (true, 270) => transposed(call, video, transpose("cclock")),
        _ => {
            let radians = filter_value::float(angle).to_radians();
            let (sin, cos) = (radians.sin().abs(), radians.cos().abs());
            let (w, h) = (f64::from(ty.width), f64::from(ty.height));
            let even_sum = |a: f64, b: f64| ((a + b) / 2.0 - 1e-6).ceil().max(1.0) as u32 * 2;
            let (width, height) = (even_sum(w * cos, h * sin), even_sum(w * sin, h * cos));
            let rotate = FilterCall::new(
                FilterName::Rotate,
                [
                    ("angle", format!("{radians:.9}")),
                    ("out_w", width.to_string()),
                    ("out_h", height.to_string()),
                    ("fillcolor", filter_value::color(background)),
                ],
            );
            let graph = call.graph();
            let paintable = graph.prepare_for_painting(video, background, span);
            let rotated = graph.filter_video(paintable, Filter::new(vec![rotate]), span, |ty| {
                (ty.width, ty.height) = (width, height);
            });
            graph.restore_color(rotated, ty.color_space, span)
        }
    };
    call.with_video(video)
}

/// A quarter turn, which swaps width and height.
fn transposed(call: &mut Call<'_>, video: NodeId, transpose: FilterCall) -> NodeId {
    let span = call.span;
    call.graph()
        .filter_video(video, Filter::new(vec![transpose]), span, |ty| {
            std::mem::swap(&mut ty.width, &mut ty.height);
        })
}
