//! Color space conversions.
//!
//! Every conversion names its source and target explicitly, so that neither wrong tags nor FFmpeg's assumptions about
//! untagged video matter, and tags its output.

use vidc_dsl::Span;
use vidc_dsl::ast::Color;

use super::{ColorSpace, Filter, Graph, Matrix, NodeId, NodeKind, PixelFormat};
use crate::plan::{FilterCall, FilterName, Timing};
use crate::time::Rational;
use crate::value::Size;

/// The rounding of FFmpeg 5.1's `scale` when it converts from one matrix to another through RGB (measured).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rounding {
    /// Pure red is off by 2 of 255 levels.
    Fine,
    /// Pure red is off by 5 of 255 levels; five times as fast.
    Coarse,
}

impl Graph {
    /// Converts video to a color space and pixel format. A scaler directly before it is merged into the same filter.
    pub fn convert_color(
        &mut self,
        input: NodeId,
        to: ColorSpace,
        pixels: PixelFormat,
        origin: Span,
    ) -> NodeId {
        self.convert_color_with(input, to, pixels, Rounding::Fine, origin)
    }

    /// Converts whole clips to a color space and pixel format: between matrices, five times as fast as
    /// [`Graph::convert_color`].
    pub fn convert_color_fast(
        &mut self,
        input: NodeId,
        to: ColorSpace,
        pixels: PixelFormat,
        origin: Span,
    ) -> NodeId {
        self.convert_color_with(input, to, pixels, Rounding::Coarse, origin)
    }

    fn convert_color_with(
        &mut self,
        input: NodeId,
        to: ColorSpace,
        pixels: PixelFormat,
        rounding: Rounding,
        origin: Span,
    ) -> NodeId {
        let input = self.skip_conversion_of_rgb(input);
        let Some((from, stored)) = self.video(input).map(|ty| (ty.color_space, ty.pixels.clone())) else {
            return input;
        };
        if from.converts_implicitly_to(to) {
            return self.convert_pixel_format(input, pixels, origin);
        }
        let (input, size) = match self.scale_input(input) {
            Some((unscaled, size)) => (unscaled, Some(size)),
            None => (input, None),
        };
        let mut calls = Vec::new();
        if from.matrix == Matrix::Rgb {
            // Without it, source filters and some others negotiate YUV.
            calls.push(stored.to_rgb().conversion());
        }
        calls.extend([conversion_call(from, to, rounding), pixels.conversion()]);
        calls.extend(tag_call(to));
        if let Some(size) = size {
            calls = add_scaling(calls, size);
        }
        self.filter_video(input, Filter::new(calls), origin, |ty| {
            if let Some(size) = size {
                (ty.width, ty.height, ty.sample_aspect) = (size.width, size.height, Rational::ONE);
            }
            ty.color_space = to;
            ty.pixels = pixels;
        })
    }

    /// Converts video to YUV in limited range, as encoders expect it. Encoders ask for the pixel format themselves.
    pub fn ensure_encodable_color(&mut self, id: NodeId, origin: Span) -> NodeId {
        let Some(ty) = self.video(id).cloned() else {
            return id;
        };
        let to = ty.color_space.encodable(ty.size());
        match ty.color_space.same_matrix_and_range(to) {
            true => id,
            false => self.convert_color(id, to, ty.pixels.to_yuv(), origin),
        }
    }

    /// Converts video to limited range, unless it is RGB.
    pub fn ensure_limited_range(&mut self, id: NodeId, origin: Span) -> NodeId {
        match self.video(id) {
            Some(ty) if ty.color_space.matrix != Matrix::Rgb => self.ensure_encodable_color(id, origin),
            _ => id,
        }
    }

    /// Converts video to RGB, unless FFmpeg's implicit conversion for an RGB encoder or filter is correct.
    pub fn ensure_rgb(&mut self, id: NodeId, origin: Span) -> NodeId {
        match self.video(id).cloned() {
            Some(ty)
                if ty.color_space.matrix != Matrix::Rgb
                    && !ty.color_space.same_matrix_and_range(ColorSpace::SD) =>
            {
                self.convert_color(id, ColorSpace::RGB, ty.pixels.to_rgb(), origin)
            }
            _ => id,
        }
    }

    /// Converts video to the color space of JPEG images, unless FFmpeg's implicit conversion is correct.
    pub fn ensure_jpeg_color(&mut self, id: NodeId, origin: Span) -> NodeId {
        match self.video(id).map(|ty| ty.color_space.matrix) {
            None | Some(Matrix::Rgb | Matrix::Bt601) => id,
            Some(Matrix::Bt709 | Matrix::Bt2020) => {
                self.convert_color(id, ColorSpace::JPEG, PixelFormat::yuvj420p(), origin)
            }
        }
    }

    /// Converts an inset to the color space of its background and keeps its alpha channel. Given an RGB inset, FFmpeg
    /// would convert the background to RGB and back instead.
    pub fn match_color(&mut self, inset: NodeId, background: NodeId, origin: Span) -> NodeId {
        let (Some(from), Some(to)) = (self.video(inset).cloned(), self.video(background).cloned()) else {
            return inset;
        };
        if from.color_space.same_matrix_and_range(to.color_space) {
            return inset;
        }
        let pixels = match to.pixels.is_rgb() {
            true => PixelFormat::rgba(),
            false => to.pixels.with_alpha(),
        };
        self.convert_color(inset, to.color_space, pixels, origin)
    }

    /// Converts video so that filters paint a color correctly on it. They convert the color as if for SD video in
    /// limited range, whatever the video is. Grays are the same in every matrix.
    pub fn prepare_for_painting(&mut self, id: NodeId, color: Color, origin: Span) -> NodeId {
        let Some(ty) = self
            .video(id)
            .filter(|ty| ty.color_space.matrix != Matrix::Rgb)
            .cloned()
        else {
            return id;
        };
        let is_gray = color.red == color.green && color.green == color.blue;
        let to = match is_gray {
            true => ty.color_space.encodable(ty.size()),
            false => ColorSpace {
                transfer: ty.color_space.transfer,
                ..ColorSpace::SD
            },
        };
        match ty.color_space.same_matrix_and_range(to) {
            true => id,
            false => self.convert_color(id, to, ty.pixels.to_yuv(), origin),
        }
    }

    /// Undoes [`Graph::prepare_for_painting`]: converts video to the matrix of `like`, in limited range.
    pub fn restore_color(&mut self, id: NodeId, like: ColorSpace, origin: Span) -> NodeId {
        let Some(ty) = self.video(id).cloned() else {
            return id;
        };
        let to = like.encodable(ty.size());
        match like.matrix == Matrix::Rgb || ty.color_space.same_matrix_and_range(to) {
            true => id,
            false => self.convert_color(id, to, ty.pixels, origin),
        }
    }

    /// The input of a node that only scales, and the size it scales to.
    fn scale_input(&self, id: NodeId) -> Option<(NodeId, Size)> {
        let node = self.node(id);
        let NodeKind::Filter(filter) = &node.kind else {
            return None;
        };
        let only_scales = filter.is_scaler() && filter.timing == Timing::PerFrame && !filter.identity;
        only_scales
            .then(|| Some((*node.inputs.first()?, self.video(id)?.size())))
            .flatten()
    }

    /// The RGB input of a node that only converts colors, so that colors are converted once; otherwise the node.
    fn skip_conversion_of_rgb(&self, id: NodeId) -> NodeId {
        let node = self.node(id);
        let NodeKind::Filter(filter) = &node.kind else {
            return id;
        };
        let converts = filter.only_changes_pixel_format() || self.color_conversion(id).is_some();
        let input = node.inputs.first().copied().filter(|_| converts);
        let is_rgb = |input: &NodeId| {
            self.video(*input)
                .is_some_and(|ty| ty.color_space.matrix == Matrix::Rgb)
        };
        input.filter(is_rgb).unwrap_or(id)
    }

    /// The input of a node that only converts colors, and the filters that do so.
    pub(super) fn color_conversion(&self, id: NodeId) -> Option<(NodeId, Vec<FilterCall>)> {
        let node = self.node(id);
        let NodeKind::Filter(filter) = &node.kind else {
            return None;
        };
        let scale = filter.calls.iter().find(|call| call.name != FilterName::Format)?;
        let converts = scale.name == FilterName::Scale && scale.args.iter().all(|(option, _)| option != "w");
        converts
            .then(|| Some((*node.inputs.first()?, filter.calls.clone())))
            .flatten()
    }
}

/// Makes filters with a `scale` among them, such as those of [`Graph::convert_color`], also scale to a size in square
/// pixels.
pub(super) fn add_scaling(mut calls: Vec<FilterCall>, size: Size) -> Vec<FilterCall> {
    let scale = FilterCall::new(
        FilterName::Scale,
        [("w", size.width.to_string()), ("h", size.height.to_string())],
    );
    if let Some(conversion) = calls.iter_mut().find(|call| call.name == FilterName::Scale) {
        conversion.args.splice(0..0, scale.args);
    }
    calls.push(FilterCall::new(FilterName::Setsar, [("sar", "1")]));
    calls
}

/// The filter that converts matrix and range.
fn conversion_call(from: ColorSpace, to: ColorSpace, rounding: Rounding) -> FilterCall {
    let mut args = Vec::new();
    let ends = [
        ("in_color_matrix", "in_range", from),
        ("out_color_matrix", "out_range", to),
    ];
    for (matrix, range, color_space) in ends {
        if let Some(name) = color_space.matrix.scale_name() {
            args.push((matrix, name));
            args.push((range, color_space.range.scale_name()));
        }
    }
    let through_rgb = from.matrix != to.matrix && from.matrix != Matrix::Rgb && to.matrix != Matrix::Rgb;
    if through_rgb && rounding == Rounding::Fine {
        args.push(("flags", "bicubic+accurate_rnd+full_chroma_int"));
    }
    FilterCall::new(FilterName::Scale, args)
}

/// The filter that tags frames with a color space; RGB needs no tags.
pub(super) fn tag_call(to: ColorSpace) -> Option<FilterCall> {
    let names = to.ffmpeg_names()?;
    let args = [
        ("colorspace", names.matrix),
        ("color_primaries", names.primaries),
        ("color_trc", names.transfer),
        ("range", names.range),
    ];
    Some(FilterCall::new(FilterName::Setparams, args))
}
