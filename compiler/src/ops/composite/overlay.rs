//! `overlay`: draws a clip over another at its own size.

use crate::call::Call;
use crate::graph::Clip;
use crate::ops::common::compositing::{self, AUDIO, DURING, OPACITY, Overlay, VOLUME};
use crate::ops::common::placement::{PLACEMENTS, Placement};
use crate::ops::common::square_pixels::square_pixels;
use crate::ops::look::opacity;
use crate::ops::{Group, Input, Operation};
use crate::param::{Length, Param, pixels, word};
use crate::value::{Value, Variant};

const WITH: Param<Clip> = Param::clip("with", "clip or image to draw");
const POSITION: Param<Variant> =
    Param::variant("position", PLACEMENTS, "position in the frame").default(word("top-left"));
const MARGIN: Param<Length> = Param::length(
    "margin",
    "distance from the edges of the frame; a percentage refers to the frame height",
)
.default(pixels(0));

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "overlay",
    group: Group::Composite,
    summary: "Draw a clip or an image over the video, at its own size.",
    input: Input::Clip,
    params: &[
        WITH.spec,
        POSITION.spec,
        MARGIN.spec,
        OPACITY.spec,
        DURING.spec,
        AUDIO.spec,
        VOLUME.spec,
    ],
    examples: &["main | overlay(logo, position: top-right, margin: 24px, opacity: 0.85)"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (base, base_ty) = square_pixels(call)?;
    let clip = call.get(&WITH);
    let at = call.arg_span(&WITH);
    let (video, ty) = call.video_of(&clip, Some(at))?;
    let amount = call.get(&OPACITY);
    let during = compositing::time_range(call, &DURING, &base_ty)?;
    let (frame, size) = (base_ty.size(), ty.display_size());
    let placement = Placement::new(&call.get(&POSITION), call.get(&MARGIN), frame);
    let span = call.span;
    let base = call.graph().ensure_limited_range(base, span);
    let video = compositing::match_colors(call, video, base, at);
    let graph = call.graph();
    let video = graph.scale(video, size, span);
    let overlay = Overlay {
        video: opacity::apply(graph, video, amount, span),
        clip,
        span: at,
        position_span: call.arg_span(&POSITION),
    };
    compositing::draw(call, base, overlay, placement.offset(frame, size), during)
}
