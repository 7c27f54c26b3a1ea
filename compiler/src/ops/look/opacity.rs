use crate::call::Call;
use crate::catalogue::{Param, ParamType};
use crate::graph::{Filter, Graph, NodeId, PixelFormat};
use crate::ops::common::cast;
use crate::ops::{Group, Input, Operation};
use crate::plan::{FilterCall, FilterName};
use crate::time::Rational;
use crate::value::Value;

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "opacity",
    group: Group::Look,
    summary: "The picture more transparent, for whatever it will be laid on.",
    input: Input::Clip,
    params: &[Param::required(
        "amount",
        ParamType::Fraction,
        "0 is invisible, 1 as it is",
    )],
    examples: &["image(\"logo.png\") | opacity(60%)"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (video, _) = call.video()?;
    let amount = call.args.number("amount")?;
    let span = call.span;
    let video = apply(call.graph(), video, amount, span);
    call.with_video(video)
}

/// A picture whose opacity is multiplied by `amount`.
pub(in crate::ops) fn apply(
    graph: &mut Graph,
    video: NodeId,
    amount: Rational,
    origin: vidc_dsl::Span,
) -> NodeId {
    let rgb = graph.video(video).is_some_and(|ty| ty.pixels.is_rgb());
    let (pixels, lookup) = match rgb {
        true => (PixelFormat::rgba(), FilterName::Lutrgb),
        false => (PixelFormat::yuva420p(), FilterName::Lutyuv),
    };
    let calls = vec![
        FilterCall::new(FilterName::Format, [("pix_fmts", pixels.name.clone())]),
        FilterCall::new(lookup, [("a", format!("val*{}", cast::number(amount)))]),
    ];
    let opaque = amount == Rational::ONE;
    graph.filter_video(video, Filter::new(calls).identity_if(opaque), origin, |ty| {
        if !opaque {
            ty.set_pixel_format(pixels);
        }
    })
}
