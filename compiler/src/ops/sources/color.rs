use crate::catalogue::{Group, Input, Kind, Operation, Param};
use crate::graph::{Clip, Colour, PixelFormat, VideoType, Window};
use crate::ops::help::cast;
use crate::plan::FilterCall;
use crate::time::{Rational, Time};
use crate::value::Value;
use crate::check::Call;
use crate::catalogue::{Constant, pixels_size};

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "color",
    group: Group::Sources,
    summary: "A picture of one colour, without sound.",
    input: Input::Nothing,
    params: &[
        Param::required("color", Kind::Color, "the colour; with an opacity, what lies below shows through"),
        Param::with_default("size", Kind::Size, pixels_size(1280, 720), "its size"),
        Param::with_default("fps", Kind::FrameRate, Constant::Number(25, 1), "frames per second"),
        Param::optional("duration", Kind::Time, "how long it lasts; without one it never ends"),
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
        pixels: if color.alpha == 255 { PixelFormat::yuv420p() } else { PixelFormat::yuva420p() },
        colour: Colour::RGB,
        duration: None,
        still: false,
    };
    let source = FilterCall::new(
        "color",
        [("color", cast::color(color)), ("size", size.to_string()), ("rate", frame_rate.to_string())],
    );
    let pixels = ty.pixels.clone();
    let graph = call.graph();
    let mut video = graph.generate_video(source, VideoType { pixels: PixelFormat::rgba(), ..ty }, span);
    if let Some(duration) = duration {
        let end = duration.round_to(frame_rate).max(Time::of_frames(1, frame_rate));
        video = graph.trim(video, Window { start: Time::ZERO, end: Some(end) }, span);
    }
    let video = graph.recolour(video, Colour::of_size(size), pixels, span);
    Some(Value::Clip(Clip { video: Some(video), ..Clip::default() }))
}
