//! `color`: a video of a single color.

use vidc_dsl::ast::Color;

use crate::call::Call;
use crate::graph::{Clip, ColorSpace, PixelFormat, VideoType};
use crate::ops::common::filter_value;
use crate::ops::{Group, Input, Operation};
use crate::param::{Param, number, pixels_size};
use crate::plan::{FilterCall, FilterName};
use crate::time::{Rational, Time, Window};
use crate::value::{Size, Value};

const COLOR: Param<Color> = Param::color("color", "color, which may be partly transparent");
const SIZE: Param<Size> = Param::size("size", "frame size").default(pixels_size(1280, 720));
const FPS: Param<Rational> = Param::frame_rate("fps", "frame rate").default(number(25));
const DURATION: Param<Option<Time>> = Param::time("duration", "duration; endless if omitted").optional();

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "color",
    group: Group::Sources,
    summary: "Create a video of a single color, without audio.",
    input: Input::Nothing,
    params: &[COLOR.spec, SIZE.spec, FPS.spec, DURATION.spec],
    examples: &["let card = color(midnightblue, size: 1920x1080, duration: 3s)"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (color, size) = (call.get(&COLOR), call.get(&SIZE));
    let (frame_rate, duration) = (call.get(&FPS), call.get(&DURATION));
    let span = call.span;
    let generated = VideoType {
        width: size.width,
        height: size.height,
        sample_aspect: Rational::ONE,
        frame_rate,
        variable_rate: false,
        interlaced: false,
        pixels: PixelFormat::rgba(),
        color_space: ColorSpace::RGB,
        duration: None,
        still: false,
    };
    let source = FilterCall::new(
        FilterName::Color,
        [
            ("color", filter_value::color(color)),
            ("size", size.to_string()),
            ("rate", frame_rate.to_string()),
        ],
    );
    let graph = call.graph();
    let mut video = graph.generate_video(source, generated, span);
    if let Some(duration) = duration {
        let end = duration
            .round_to(frame_rate)
            .max(Time::from_frames(1, frame_rate));
        let window = Window {
            start: Time::ZERO,
            end: Some(end),
        };
        video = graph.trim(video, window, span);
    }
    let pixels = match color.alpha {
        255 => PixelFormat::yuv420p(),
        _ => PixelFormat::yuva420p(),
    };
    let video = graph.convert_color(video, ColorSpace::default_for_size(size), pixels, span);
    Some(Value::Clip(Clip {
        video: Some(video),
        ..Clip::default()
    }))
}
