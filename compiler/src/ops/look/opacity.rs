//! `opacity`: makes a video transparent.

use vidc_dsl::Span;

use crate::call::Call;
use crate::graph::{Filter, Graph, NodeId, PixelFormat};
use crate::ops::common::filter_value;
use crate::ops::{Group, Input, Operation};
use crate::param::Param;
use crate::plan::{FilterCall, FilterName};
use crate::time::Rational;
use crate::value::Value;

const AMOUNT: Param<Rational> = Param::fraction("amount", "opacity, from 0 (invisible) to 1 (unchanged)");

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "opacity",
    group: Group::Look,
    summary: "Make the video partly transparent, for use as an overlay.",
    input: Input::Clip,
    params: &[AMOUNT.spec],
    examples: &["image(\"logo.png\") | opacity(60%)"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (video, _) = call.video()?;
    let amount = call.get(&AMOUNT);
    let span = call.span;
    let video = apply(call.graph(), video, amount, span);
    call.with_video(video)
}

/// Multiplies the opacity of a video by `amount`.
pub(in crate::ops) fn apply(graph: &mut Graph, video: NodeId, amount: Rational, origin: Span) -> NodeId {
    let is_rgb = graph.video(video).is_some_and(|ty| ty.pixels.is_rgb());
    let (pixels, lookup) = match is_rgb {
        true => (PixelFormat::rgba(), FilterName::Lutrgb),
        false => (PixelFormat::yuva420p(), FilterName::Lutyuv),
    };
    let calls = vec![
        FilterCall::new(FilterName::Format, [("pix_fmts", pixels.name.clone())]),
        FilterCall::new(lookup, [("a", format!("val*{}", filter_value::number(amount)))]),
    ];
    let unchanged = amount == Rational::ONE;
    graph.filter_video(video, Filter::new(calls).identity_if(unchanged), origin, |ty| {
        if !unchanged {
            ty.set_pixel_format(pixels);
        }
    })
}
