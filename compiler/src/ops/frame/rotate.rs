use crate::call::Call;
use crate::catalogue::{Param, ParamType, color};
use crate::graph::Filter;
use crate::ops::common::cast;
use crate::ops::{Group, Input, Operation};
use crate::plan::{FilterCall, FilterName};
use crate::time::Rational;
use crate::value::Value;

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "rotate",
    group: Group::Frame,
    summary: "The picture turned clockwise; it grows so that no corner is lost.",
    input: Input::Clip,
    params: &[
        Param::required(
            "angle",
            ParamType::Angle,
            "how far, clockwise; negative is the other way",
        ),
        Param::with_default(
            "color",
            ParamType::Color,
            color(0, 0, 0, 255),
            "what is put behind the corners",
        ),
    ],
    examples: &["phone | rotate(90deg)", "photo | rotate(-5deg, color: white)"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (video, ty) = cast::square(call)?;
    let angle = call.args.angle("angle")?;
    let ground = call.args.color("color")?;
    let span = call.span;
    let full = Rational::from_integer(360);
    let angle = angle - (angle / full).floor() * full;
    let transpose = |direction: &str| FilterCall::new(FilterName::Transpose, [("dir", direction)]);
    let quarter = |calls, turned: bool, call: &mut Call<'_>| {
        call.graph().filter_video(video, Filter::new(calls), span, |ty| {
            if turned {
                std::mem::swap(&mut ty.width, &mut ty.height);
            }
        })
    };
    let video = match (angle.is_integer(), angle.to_integer()) {
        (true, 0) => video,
        (true, 90) => quarter(vec![transpose("clock")], true, call),
        (true, 180) => quarter(
            vec![
                FilterCall::plain(FilterName::Hflip),
                FilterCall::plain(FilterName::Vflip),
            ],
            false,
            call,
        ),
        (true, 270) => quarter(vec![transpose("cclock")], true, call),
        _ => {
            let radians = cast::float(angle).to_radians();
            let (sin, cos) = (radians.sin().abs(), radians.cos().abs());
            let (w, h) = (f64::from(ty.width), f64::from(ty.height));
            let grown = |a: f64, b: f64| ((a + b) / 2.0 - 1e-6).ceil().max(1.0) as u32 * 2;
            let (width, height) = (grown(w * cos, h * sin), grown(w * sin, h * cos));
            let rotate = FilterCall::new(
                FilterName::Rotate,
                [
                    ("angle", format!("{radians:.9}")),
                    ("out_w", width.to_string()),
                    ("out_h", height.to_string()),
                    ("fillcolor", cast::color(ground)),
                ],
            );
            let graph = call.graph();
            let ground = graph.prepare_for_painting(video, ground, span);
            let rotated = graph.filter_video(ground, Filter::new(vec![rotate]), span, |ty| {
                (ty.width, ty.height) = (width, height);
            });
            graph.restore_color(rotated, ty.color_space, span)
        }
    };
    call.with_video(video)
}
