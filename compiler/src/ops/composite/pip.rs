//! `pip`: draws a clip in a small frame over another (picture-in-picture).

use vidc_dsl::Span;
use vidc_dsl::ast::Color;

use crate::call::Call;
use crate::codes;
use crate::graph::{BLACK, Clip, Graph, NodeId, PixelFormat};
use crate::ops::common::compositing::{self, AUDIO, DURING, OPACITY, Overlay, VOLUME};
use crate::ops::common::filter_value;
use crate::ops::common::geometry::even;
use crate::ops::common::object_fit::{self, FitMode};
use crate::ops::common::placement::{PLACEMENTS, Placement};
use crate::ops::common::square_pixels::square_pixels;
use crate::ops::look::opacity;
use crate::ops::{Group, Input, Operation};
use crate::param::{Length, Param, color, percent, pixels, word};
use crate::time::Rational;
use crate::value::{Size, Value, Variant};

const WITH: Param<Clip> = Param::clip("with", "clip or image to show in the frame");
const POSITION: Param<Variant> =
    Param::variant("position", PLACEMENTS, "position of the frame").default(word("bottom-right"));
const WIDTH: Param<Option<Length>> = Param::length(
    "width",
    "frame width; a percentage refers to the width of the video below; 25% if omitted",
)
.optional();
const HEIGHT: Param<Option<Length>> = Param::length(
    "height",
    "frame height; that of the clip's aspect ratio if omitted",
)
.optional();
const FIT: Param<FitMode> = Param::choice(
    "fit",
    "way to fit the clip into the frame, as in CSS `object-fit`",
)
.default(word(FitMode::Cover.word()));
const MARGIN: Param<Length> = Param::length(
    "margin",
    "distance from the edges of the video below; a percentage refers to its height",
)
.default(percent(4));
const BORDER: Param<Length> =
    Param::length("border", "width of a border around the frame").default(pixels(0));
const BORDER_COLOR: Param<Color> =
    Param::color("border-color", "border color").default(color(255, 255, 255, 255));

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "pip",
    group: Group::Composite,
    summary: "Show a clip or an image in a small frame over the video (picture-in-picture).",
    input: Input::Clip,
    params: &[
        WITH.spec,
        POSITION.spec,
        WIDTH.spec,
        HEIGHT.spec,
        FIT.spec,
        MARGIN.spec,
        BORDER.spec,
        BORDER_COLOR.spec,
        OPACITY.spec,
        DURING.spec,
        AUDIO.spec,
        VOLUME.spec,
    ],
    examples: &["screen | pip(camera, position: bottom-left, width: 30%, border: 3px, during: 2s..8s)"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (base, base_ty) = square_pixels(call)?;
    let clip = call.get(&WITH);
    let at = call.arg_span(&WITH);
    let (video, ty) = call.video_of(&clip, Some(at))?;
    let canvas = base_ty.size();
    let border = call.get(&BORDER).to_pixels(canvas.height).round().to_integer();
    let border = u32::try_from(border.clamp(0, 4096)).unwrap_or(0);
    let during = compositing::time_range(call, &DURING, &base_ty)?;
    let inner = frame_size(call, canvas, ty.display_size());
    let span = call.span;
    let outer = Size {
        width: inner.width + 2 * border,
        height: inner.height + 2 * border,
    };
    if outer.width > canvas.width || outer.height > canvas.height {
        let message = format!("a frame of {outer} does not fit on a video of {canvas}");
        return call.fail(&codes::OUT_OF_RANGE, span, message);
    }
    let placement = Placement::new(&call.get(&POSITION), call.get(&MARGIN), canvas);
    let (fit, border_color, amount) = (call.get(&FIT), call.get(&BORDER_COLOR), call.get(&OPACITY));
    let base = call.graph().ensure_limited_range(base, span);
    let video = compositing::match_colors(call, video, base, at);
    let graph = call.graph();
    let video = object_fit::fit(graph, video, inner, fit, BLACK, span);
    let video = with_border(graph, video, outer, border, border_color, span);
    let overlay = Overlay {
        video: opacity::apply(graph, video, amount, span),
        clip,
        span: at,
        position_span: call.arg_span(&POSITION),
    };
    compositing::draw(call, base, overlay, placement.offset(canvas, outer), during)
}

/// The frame size without its border, in even pixels.
fn frame_size(call: &Call<'_>, canvas: Size, clip: Size) -> Size {
    let width = call.get(&WIDTH).map(|width| width.to_pixels(canvas.width));
    let height = call.get(&HEIGHT).map(|height| height.to_pixels(canvas.height));
    let aspect = Rational::new(clip.width.max(1).into(), clip.height.max(1).into());
    let (width, height) = match (width, height) {
        (Some(width), Some(height)) => (width, height),
        (None, Some(height)) => (height * aspect, height),
        (width, None) => {
            let width = width.unwrap_or_else(|| Rational::new(canvas.width.into(), 4));
            (width, width / aspect)
        }
    };
    Size {
        width: even(width),
        height: even(height),
    }
}

fn with_border(
    graph: &mut Graph,
    video: NodeId,
    outer: Size,
    border: u32,
    color: Color,
    span: Span,
) -> NodeId {
    if border == 0 {
        return video;
    }
    // `pad` rounds offsets to whole chroma samples, which are single pixels in 4:4:4.
    let pixels = PixelFormat {
        name: "yuva444p".into(),
        depth: 8,
        alpha: true,
    };
    let video = graph.convert_pixel_format(video, pixels, span);
    let video = graph.prepare_for_painting(video, color, span);
    let offset = (border.into(), border.into());
    graph.pad(video, outer, offset, filter_value::color(color), span)
}
