use crate::call::Call;
use crate::catalogue::{PLACES, Param, ParamType, decibels, number, pixels, word};
use crate::ops::common::place::Place;
use crate::ops::common::{cast, inset};
use crate::ops::look::opacity;
use crate::ops::{Group, Input, Operation};
use crate::value::Value;

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "overlay",
    group: Group::Composite,
    summary: "A clip or image drawn on the picture, at its own size.",
    input: Input::Clip,
    params: &[
        Param::required("with", ParamType::Clip, "what is drawn"),
        Param::with_default("position", ParamType::Variant(PLACES), word("top-left"), "where"),
        Param::with_default(
            "margin",
            ParamType::Length,
            pixels(0),
            "from the picture's edges; a percentage is of its height",
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
    examples: &["main | overlay(logo, position: top-right, margin: 24px, opacity: 0.85)"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (ground, ground_ty) = cast::square(call)?;
    let clip = call.args.clip("with")?.clone();
    let at = call.arg_span("with");
    let (picture, ty) = call.video_of(&clip, Some(at))?;
    let amount = call.args.number("opacity")?;
    let during = inset::during(call, &ground_ty)?;
    let corner = Place::of(&call.args, ground_ty.size())?.corner(ground_ty.size(), ty.display_size());
    let span = call.span;
    let ground = call.graph().ensure_limited_range(ground, span);
    let picture = inset::in_colors_of(call, picture, ground, at);
    let graph = call.graph();
    let picture = graph.scale(picture, ty.display_size(), span);
    let picture = opacity::apply(graph, picture, amount, span);
    inset::draw(call, ground, (picture, &clip, at), corner, during)
}
