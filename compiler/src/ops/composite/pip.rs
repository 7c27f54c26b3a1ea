use vidc_dsl::Span;
use vidc_dsl::ast::Color;

use crate::call::Call;
use crate::catalogue::{PLACES, Param, ParamType, color, decibels, number, percent, pixels, word};
use crate::codes;
use crate::graph::{Graph, NodeId};
use crate::ops::common::place::Place;
use crate::ops::common::{cast, fitting, inset};
use crate::ops::look::opacity;
use crate::ops::{Group, Input, Operation};
use crate::time::Rational;
use crate::value::{Size, Value};

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "pip",
    group: Group::Composite,
    summary: "A clip or image in a small frame on the picture.",
    input: Input::Clip,
    params: &[
        Param::required("with", ParamType::Clip, "what is in the frame"),
        Param::with_default(
            "position",
            ParamType::Variant(PLACES),
            word("bottom-right"),
            "where the frame is",
        ),
        Param::optional(
            "width",
            ParamType::Length,
            "the frame's width, usually 25%; a percentage is of the picture's width",
        ),
        Param::optional(
            "height",
            ParamType::Length,
            "the frame's height; without it, that of the clip's shape",
        ),
        Param::with_default(
            "fit",
            ParamType::Enum(fitting::MODES),
            word("cover"),
            "how the clip fills the frame",
        ),
        Param::with_default(
            "margin",
            ParamType::Length,
            percent(4),
            "from the picture's edges; a percentage is of its height",
        ),
        Param::with_default(
            "border",
            ParamType::Length,
            pixels(0),
            "width of a line around the frame, outside of it",
        ),
        Param::with_default(
            "border-color",
            ParamType::Color,
            color(255, 255, 255, 255),
            "color of that line",
        ),
        Param::with_default(
            "opacity",
            ParamType::Fraction,
            number(1),
            "0 is invisible, 1 as it is",
        ),
        Param::optional(
            "during",
            ParamType::Window,
            "when it is seen; a clip plays from its beginning then",
        ),
        Param::with_default(
            "audio",
            ParamType::Enum(&["mute", "mix"]),
            word("mute"),
            "what happens to its sound",
        ),
        Param::with_default(
            "volume",
            ParamType::Gain,
            decibels(0),
            "how loud that is mixed in",
        ),
    ],
    examples: &["screen | pip(camera, position: bottom-left, width: 30%, border: 3px, during: 2s..8s)"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (ground, ground_ty) = cast::square(call)?;
    let clip = call.args.clip("with")?.clone();
    let at = call.arg_span("with");
    let (picture, ty) = call.video_of(&clip, Some(at))?;
    let amount = call.args.number("opacity")?;
    let mode = call.args.text("fit")?.to_owned();
    let border = call
        .args
        .pixels("border", ground_ty.height)?
        .round()
        .to_integer()
        .clamp(0, 4096);
    let border = u32::try_from(border).unwrap_or(0);
    let border_color = call.args.color("border-color")?;
    let during = inset::during(call, &ground_ty)?;
    let inner = frame(call, ground_ty.size(), ty.display_size());
    let span = call.span;
    let outer = Size {
        width: inner.width + 2 * border,
        height: inner.height + 2 * border,
    };
    if outer.width > ground_ty.width || outer.height > ground_ty.height {
        let message = format!(
            "a frame of {outer} does not go onto a picture of {}",
            ground_ty.size()
        );
        return call.fail(&codes::OUT_OF_RANGE, span, message);
    }
    let corner = Place::of(&call.args, ground_ty.size())?.corner(ground_ty.size(), outer);
    let ground = call.graph().ensure_limited_range(ground, span);
    let picture = inset::in_colors_of(call, picture, ground, at);
    let graph = call.graph();
    let black = vidc_dsl::ast::Color {
        red: 0,
        green: 0,
        blue: 0,
        alpha: 255,
    };
    let picture = fitting::fit(graph, picture, inner, &mode, black, span);
    let picture = framed(graph, picture, outer, border, border_color, span);
    let picture = opacity::apply(graph, picture, amount, span);
    inset::draw(call, ground, (picture, &clip, at), corner, during)
}

/// The frame's size without its border, in even pixels.
fn frame(call: &Call<'_>, ground: Size, clip: Size) -> Size {
    let width = call.args.pixels("width", ground.width);
    let height = call.args.pixels("height", ground.height);
    let ratio = Rational::new(clip.width.max(1).into(), clip.height.max(1).into());
    let (width, height) = match (width, height) {
        (Some(width), Some(height)) => (width, height),
        (None, Some(height)) => (height * ratio, height),
        (width, None) => {
            let width = width.unwrap_or_else(|| Rational::new(ground.width.into(), 4));
            (width, width / ratio)
        }
    };
    Size {
        width: cast::even(width),
        height: cast::even(height),
    }
}

fn framed(graph: &mut Graph, picture: NodeId, outer: Size, border: u32, color: Color, span: Span) -> NodeId {
    if border == 0 {
        return picture;
    }
    // `pad` rounds to whole color samples; 4:4:4 has one for each pixel.
    let pixels = crate::graph::PixelFormat {
        name: "yuva444p".into(),
        depth: 8,
        alpha: true,
    };
    let picture = graph.convert_pixel_format(picture, pixels, span);
    let picture = graph.prepare_for_painting(picture, color, span);
    graph.pad(
        picture,
        outer,
        (border.into(), border.into()),
        cast::color(color),
        span,
    )
}
