use crate::call::Call;
use crate::catalogue::{Constant, pixels_size};
use crate::catalogue::{Param, ParamType};
use crate::graph::{Clip, ColorSpace, PixelFormat, VideoType, Window};
use crate::ops::common::cast;
use crate::ops::{Group, Input, Operation};
use crate::plan::{FilterCall, FilterName};
use crate::time::{Rational, Time};
use crate::value::Value;

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "color",
    group: Group::Sources,
    summary: "A picture of one color, without sound.",
    input: Input::Nothing,
    params: &[
        Param::required(
            "color",
            ParamType::Color,
            "the color; with an opacity, what lies below shows through",
        ),
        Param::with_default("size", ParamType::Size, pixels_size(1280, 720), "its size"),
        Param::with_default(
            "fps",
            ParamType::FrameRate,
            Constant::Number(25, 1),
            "frames per second",
        ),
        Param::optional(
            "duration",
            ParamType::Time,
            "how long it lasts; without one it never ends",
        ),
    ],
    examples: &["let card = color(midnightblue, size: 1920x1080, duration: 3s)"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let color = call.args.color("color")?;
    let size = call.args.size("size")?;
    let frame_rate = call.args.frame_rate("fps")?;
    let duration = call.args.time("duration");
    let span = call.span;
    let ty = VideoType {
        width: size.width,
        height: size.height,
        sample_aspect: Rational::ONE,
        frame_rate,
        variable_rate: false,
        interlaced: false,
        pixels: if color.alpha == 255 {
            PixelFormat::yuv420p()
        } else {
            PixelFormat::yuva420p()
        },
        color_space: ColorSpace::RGB,
        duration: None,
        still: false,
    };
    let source = FilterCall::new(
        FilterName::Color,
        [
            ("color", cast::color(color)),
            ("size", size.to_string()),
            ("rate", frame_rate.to_string()),
        ],
    );
    let pixels = ty.pixels.clone();
    let graph = call.graph();
    let mut video = graph.generate_video(
        source,
        VideoType {
            pixels: PixelFormat::rgba(),
            ..ty
        },
        span,
    );
    if let Some(duration) = duration {
        let end = duration
            .round_to(frame_rate)
            .max(Time::from_frames(1, frame_rate));
        video = graph.trim(
            video,
            Window {
                start: Time::ZERO,
                end: Some(end),
            },
            span,
        );
    }
    let video = graph.convert_color(video, ColorSpace::default_for_size(size), pixels, span);
    Some(Value::Clip(Clip {
        video: Some(video),
        ..Clip::default()
    }))
}
