//! Fitting a video into a frame of another size: the keywords of CSS's `object-fit`, and a blurred background.

use vidc_dsl::ast::Color;
use vidc_dsl::{Diagnostic, Span};

use super::filter_value;
use super::geometry::{centered, contained, covering, even, has_same_aspect};
use crate::codes;
use crate::graph::{Filter, Graph, NodeId};
use crate::param::choice;
use crate::plan::{FilterCall, FilterName};
use crate::time::Rational;
use crate::value::Size;

choice! {
    /// The way a video is fitted into a frame of another aspect ratio.
    pub(crate) enum FitMode {
        /// Scale the whole video into the frame and pad the rest.
        Contain = "contain",
        /// Scale the video to cover the frame and crop the rest.
        Cover = "cover",
        /// Stretch the video to the frame.
        Fill = "fill",
        /// Keep the size of the video; crop and pad it.
        None = "none",
        /// Scale the whole video into the frame, over a blurred copy that covers it.
        Blur = "blur",
    }
}

impl FitMode {
    /// The effect on a video of another aspect ratio, for notes.
    pub(in crate::ops) fn effect(self) -> &'static str {
        match self {
            FitMode::Contain => "padded with black if the aspect ratio differs",
            FitMode::Cover => "cropped to cover the frame",
            FitMode::Fill => "stretched to the frame",
            FitMode::None => "cropped or padded with black",
            FitMode::Blur => "over a blurred copy of itself",
        }
    }

    /// Whether the frame has areas that the video does not cover.
    fn needs_padding(self, video: Size, frame: Size) -> bool {
        match self {
            FitMode::Fill | FitMode::Cover | FitMode::Blur => false,
            FitMode::None => video.width < frame.width || video.height < frame.height,
            FitMode::Contain => !has_same_aspect(video, frame),
        }
    }
}

/// Fits a video into a frame of size `frame` and fills uncovered areas with `color`.
pub(in crate::ops) fn fit(
    graph: &mut Graph,
    input: NodeId,
    frame: Size,
    mode: FitMode,
    color: Color,
    origin: Span,
) -> NodeId {
    let Some((video, color_space)) = graph.video(input).map(|ty| (ty.display_size(), ty.color_space)) else {
        return input;
    };
    let padded = mode.needs_padding(video, frame);
    let input = match padded {
        true if color.alpha == 255 => {
            let opaque = graph.flatten_alpha(input, color, origin);
            graph.prepare_for_painting(opaque, color, origin)
        }
        true => graph.prepare_for_painting(input, color, origin),
        false => input,
    };
    let fitted = match mode {
        FitMode::Fill => graph.scale(input, frame, origin),
        FitMode::Cover => cover(graph, input, video, frame, origin),
        FitMode::Blur if !has_same_aspect(video, frame) => {
            let background = blurred(graph, input, video, frame, origin);
            let inner = contained(video, frame);
            let scaled = graph.scale(input, inner, origin);
            graph.overlay((background, scaled), centered(frame, inner), None, origin)
        }
        FitMode::None => {
            let scaled = graph.scale(input, video, origin);
            let inner = Size {
                width: video.width.min(frame.width),
                height: video.height.min(frame.height),
            };
            let cropped = graph.crop(scaled, inner, centered(video, inner), origin);
            pad(graph, cropped, frame, inner, color, origin)
        }
        FitMode::Contain | FitMode::Blur => {
            let inner = contained(video, frame);
            let scaled = graph.scale(input, inner, origin);
            pad(graph, scaled, frame, inner, color, origin)
        }
    };
    match padded {
        true => graph.restore_color(fitted, color_space, origin),
        false => fitted,
    }
}

/// Returns a warning if a video is enlarged to more than twice its width and height.
pub(in crate::ops) fn upscaling_warning(from: Size, to: Size, span: Span) -> Option<Diagnostic> {
    let exceeds_twice = |from: u32, to: u32| to > from.saturating_mul(2);
    (exceeds_twice(from.width, to.width) && exceeds_twice(from.height, to.height)).then(|| {
        Diagnostic::new(
            &codes::UPSCALED,
            span,
            format!("{from} is enlarged to {to}, more than twice its size"),
        )
    })
}

fn cover(graph: &mut Graph, input: NodeId, video: Size, frame: Size, origin: Span) -> NodeId {
    let outer = covering(video, frame);
    let scaled = graph.scale(input, outer, origin);
    graph.crop(scaled, frame, centered(outer, frame), origin)
}

/// Returns a blurred copy that covers the frame. Blurring at a quarter of the size looks the same and costs less.
fn blurred(graph: &mut Graph, input: NodeId, video: Size, frame: Size, origin: Span) -> NodeId {
    let quarter = |pixels: u32| even(Rational::new(pixels.into(), 4));
    let small = Size {
        width: quarter(frame.width),
        height: quarter(frame.height),
    };
    let covered = cover(graph, input, video, small, origin);
    let sigma = (f64::from(small.height) * 0.05).clamp(2.0, 40.0);
    let calls = vec![
        FilterCall::new(FilterName::Gblur, [("sigma", format!("{sigma:.2}"))]),
        FilterCall::new(FilterName::Eq, [("brightness", "-0.08")]),
    ];
    let blurred = graph.filter_video(covered, Filter::new(calls), origin, |_| {});
    graph.scale(blurred, frame, origin)
}

fn pad(graph: &mut Graph, input: NodeId, frame: Size, inner: Size, color: Color, origin: Span) -> NodeId {
    graph.pad(
        input,
        frame,
        centered(frame, inner),
        filter_value::color(color),
        origin,
    )
}
