//! Bringing a picture to a size, in the ways CSS calls `object-fit`, and on a blurred copy of itself.

use vidc_dsl::ast::Color;
use vidc_dsl::{Diagnostic, Span};

use super::cast;
use crate::codes;
use crate::graph::{Filter, Graph, NodeId};
use crate::plan::{FilterCall, FilterName};
use crate::time::Rational;
use crate::value::Size;

/// The ways, by name.
pub(in crate::ops) const MODES: &[&str] = &["contain", "cover", "fill", "none", "blur"];

/// A picture brought to `size`, whichever way `mode` says; what is left free is `color`.
pub(in crate::ops) fn fit(
    graph: &mut Graph,
    input: NodeId,
    size: Size,
    mode: &str,
    color: Color,
    origin: Span,
) -> NodeId {
    let Some((shown, color_space)) = graph.video(input).map(|ty| (ty.display_size(), ty.color_space)) else {
        return input;
    };
    let paints = match mode {
        "fill" | "cover" | "blur" => false,
        "none" => shown.width < size.width || shown.height < size.height,
        _ => !same_shape(shown, size),
    };
    let input = match paints {
        true if color.alpha == 255 => {
            let opaque = graph.flatten_alpha(input, color, origin);
            graph.prepare_for_painting(opaque, color, origin)
        }
        true => graph.prepare_for_painting(input, color, origin),
        false => input,
    };
    let fitted = match mode {
        "fill" => graph.scale(input, size, origin),
        "cover" => cover(graph, input, shown, size, origin),
        "blur" if !same_shape(shown, size) => {
            let ground = blurred(graph, input, shown, size, origin);
            let inner = within(shown, size);
            let inset = graph.scale(input, inner, origin);
            graph.overlay((ground, inset), middle(size, inner), None, origin)
        }
        "none" => {
            let scaled = graph.scale(input, shown, origin);
            let kept = Size {
                width: shown.width.min(size.width),
                height: shown.height.min(size.height),
            };
            let cropped = graph.crop(scaled, kept, middle(shown, kept), origin);
            padded(graph, cropped, size, kept, color, origin)
        }
        _ => {
            let inner = within(shown, size);
            let scaled = graph.scale(input, inner, origin);
            padded(graph, scaled, size, inner, color, origin)
        }
    };
    match paints {
        true => graph.restore_color(fitted, color_space, origin),
        false => fitted,
    }
}

/// Warns where a picture is made more than twice as large.
pub(in crate::ops) fn warn_if_upscaled(from: Size, to: Size, span: Span) -> Option<Diagnostic> {
    let twice = |from: u32, to: u32| to > from.saturating_mul(2);
    (twice(from.width, to.width) && twice(from.height, to.height)).then(|| {
        Diagnostic::new(
            &codes::UPSCALED,
            span,
            format!("{from} is enlarged to {to}, more than twice its size"),
        )
    })
}

fn cover(graph: &mut Graph, input: NodeId, shown: Size, size: Size, origin: Span) -> NodeId {
    let outer = around(shown, size);
    let scaled = graph.scale(input, outer, origin);
    graph.crop(scaled, size, middle(outer, size), origin)
}

/// A blurred copy that covers `size`. It is blurred at a quarter of the size, which looks the same and costs less.
fn blurred(graph: &mut Graph, input: NodeId, shown: Size, size: Size, origin: Span) -> NodeId {
    let quarter = |pixels: u32| cast::even(Rational::new(pixels.into(), 4));
    let small = Size {
        width: quarter(size.width),
        height: quarter(size.height),
    };
    let covered = cover(graph, input, shown, small, origin);
    let sigma = (f64::from(small.height) * 0.05).clamp(2.0, 40.0);
    let calls = vec![
        FilterCall::new(FilterName::Gblur, [("sigma", format!("{sigma:.2}"))]),
        FilterCall::new(FilterName::Eq, [("brightness", "-0.08")]),
    ];
    let blurred = graph.filter_video(covered, Filter::new(calls), origin, |_| {});
    graph.scale(blurred, size, origin)
}

fn padded(graph: &mut Graph, input: NodeId, size: Size, inner: Size, color: Color, origin: Span) -> NodeId {
    graph.pad(input, size, middle(size, inner), cast::color(color), origin)
}

/// Where the smaller lies in the middle of the larger; even, so that colors stay where they are.
fn middle(outer: Size, inner: Size) -> (i64, i64) {
    let half = |outer: u32, inner: u32| i64::from(outer.saturating_sub(inner) / 4 * 2);
    (half(outer.width, inner.width), half(outer.height, inner.height))
}

fn same_shape(a: Size, b: Size) -> bool {
    within(a, b) == b
}

/// The largest size of the shape of `shape` that goes into `frame`.
fn within(shape: Size, frame: Size) -> Size {
    scaled(
        shape,
        frame,
        |by_width, by_height| by_width.min(by_height),
        |size, limit| size.min(limit),
    )
}

/// The smallest size of the shape of `shape` that covers `frame`.
fn around(shape: Size, frame: Size) -> Size {
    scaled(
        shape,
        frame,
        |by_width, by_height| by_width.max(by_height),
        |size, limit| size.max(limit),
    )
}

fn scaled(
    shape: Size,
    frame: Size,
    choose: fn(Rational, Rational) -> Rational,
    bound: fn(u32, u32) -> u32,
) -> Size {
    let ratio = |frame: u32, shape: u32| Rational::new(frame.into(), i64::from(shape.max(1)));
    let factor = choose(ratio(frame.width, shape.width), ratio(frame.height, shape.height));
    let side = |shape: u32, frame: u32| {
        let exact = factor * Rational::from_integer(shape.into());
        // The side that decides is exactly the frame's, odd or even.
        if exact == Rational::from_integer(frame.into()) {
            frame
        } else {
            bound(cast::even(exact), frame)
        }
    };
    Size {
        width: side(shape.width, frame.width),
        height: side(shape.height, frame.height),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(width: u32, height: u32) -> Size {
        Size { width, height }
    }

    #[test]
    fn shapes_are_kept() {
        assert_eq!(within(size(1920, 1080), size(1280, 720)), size(1280, 720));
        assert_eq!(within(size(1080, 1920), size(1280, 720)), size(406, 720));
        assert_eq!(around(size(1080, 1920), size(1280, 720)), size(1280, 2276));
        assert_eq!(within(size(1, 1000), size(100, 100)), size(2, 100));
        assert_eq!(middle(size(1280, 720), size(406, 720)), (436, 0));
    }
}
