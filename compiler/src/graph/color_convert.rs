//! Pictures whose numbers are made to stand for colors otherwise.
//!
//! What is told to the filter is all that it goes by, so that neither a wrong tag nor FFmpeg's own idea of an untagged
//! picture counts; and what it makes is tagged.

use vidc_dsl::Span;
use vidc_dsl::ast::Color;

use super::{ColorSpace, Filter, Graph, Matrix, NodeId, NodeKind, PixelFormat};
use crate::plan::{FilterCall, FilterName, Timing};
use crate::time::Rational;
use crate::value::Size;

/// How FFmpeg 5.1 rounds where it goes from one matrix to another by way of RGB (measured).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rounding {
    /// Pure red is off by two of 255 levels.
    Fine,
    /// Pure red is off by five.
    Coarse,
}

impl Graph {
    /// A picture mixed as `to`, its pixels stored as `pixels`. One that was only scaled before is scaled along with it.
    pub fn convert_color(
        &mut self,
        input: NodeId,
        to: ColorSpace,
        pixels: PixelFormat,
        origin: Span,
    ) -> NodeId {
        self.convert_color_with(input, to, pixels, Rounding::Fine, origin)
    }

    /// The same, five times as fast from one matrix to another, for whole clips.
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
            Some((whole, size)) => (whole, Some(size)),
            None => (input, None),
        };
        let stored_as =
            |pixels: &PixelFormat| FilterCall::new(FilterName::Format, [("pix_fmts", pixels.name.clone())]);
        let mut calls = Vec::new();
        if from.matrix == Matrix::Rgb {
            // Filters that make pictures, and some that change them, would rather not do so in RGB.
            calls.push(stored_as(&stored.to_rgb()));
        }
        calls.extend([conversion_call(from, to, rounding), stored_as(&pixels)]);
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

    /// A picture as encoders take it: not in RGB, and in limited range; the rest of its form is theirs to ask for.
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

    /// A picture in limited range, unless it is in RGB.
    pub fn ensure_limited_range(&mut self, id: NodeId, origin: Span) -> NodeId {
        match self.video(id) {
            Some(ty) if ty.color_space.matrix != Matrix::Rgb => self.ensure_encodable_color(id, origin),
            _ => id,
        }
    }

    /// A picture in RGB, unless FFmpeg makes it right by itself for an encoder or a filter that wants RGB.
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

    /// A picture in the colors that JPEG images have, unless FFmpeg makes it so by itself.
    pub fn ensure_jpeg_color(&mut self, id: NodeId, origin: Span) -> NodeId {
        match self.video(id).map(|ty| ty.color_space.matrix) {
            None | Some(Matrix::Rgb | Matrix::Bt601) => id,
            Some(Matrix::Bt709 | Matrix::Bt2020) => {
                let pixels = PixelFormat {
                    name: "yuvj420p".into(),
                    ..PixelFormat::yuv420p()
                };
                self.convert_color(id, ColorSpace::JPEG, pixels, origin)
            }
        }
    }

    /// A picture as an inset on another: mixed as that one is, with its transparency. Of one in RGB, FFmpeg would rather
    /// bring the ground into RGB and back.
    pub fn match_color(&mut self, inset: NodeId, ground: NodeId, origin: Span) -> NodeId {
        let (Some(from), Some(to)) = (self.video(inset).cloned(), self.video(ground).cloned()) else {
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

    /// A picture onto which filters paint a color right. They mix it as SD video in limited range, whatever the picture
    /// is; what has no hue comes out the same by any matrix.
    pub fn prepare_for_painting(&mut self, id: NodeId, color: Color, origin: Span) -> NodeId {
        let Some(ty) = self
            .video(id)
            .filter(|ty| ty.color_space.matrix != Matrix::Rgb)
            .cloned()
        else {
            return id;
        };
        let hueless = color.red == color.green && color.green == color.blue;
        let to = match hueless {
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

    /// A picture that was [`paintable`](Graph::paintable), mixed as `like` again, but for its range.
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

    /// The picture that a node only changes the size of, and that size.
    fn scale_input(&self, id: NodeId) -> Option<(NodeId, Size)> {
        let node = self.node(id);
        let NodeKind::Filter(filter) = &node.kind else {
            return None;
        };
        let names: Vec<FilterName> = filter.calls.iter().map(|call| call.name).collect();
        let alone = filter.timing == Timing::PerFrame && !filter.identity;
        (alone && names == [FilterName::Scale, FilterName::Setsar])
            .then(|| Some((*node.inputs.first()?, self.video(id)?.size())))
            .flatten()
    }

    /// The picture in RGB that a node only mixes, so that it is mixed once; else the node.
    fn skip_conversion_of_rgb(&self, id: NodeId) -> NodeId {
        let node = self.node(id);
        let NodeKind::Filter(filter) = &node.kind else {
            return id;
        };
        let mixes = filter.only_changes_pixel_format() || self.color_conversion(id).is_some();
        let input = node.inputs.first().copied().filter(|_| mixes);
        let rgb = |input: &NodeId| {
            self.video(*input)
                .is_some_and(|ty| ty.color_space.matrix == Matrix::Rgb)
        };
        input.filter(rgb).unwrap_or(id)
    }

    /// The picture that a node only mixes otherwise, and the filters that do so.
    pub(super) fn color_conversion(&self, id: NodeId) -> Option<(NodeId, Vec<FilterCall>)> {
        let node = self.node(id);
        let NodeKind::Filter(filter) = &node.kind else {
            return None;
        };
        let scale = filter.calls.iter().find(|call| call.name != FilterName::Format)?;
        let mixes = scale.name == FilterName::Scale && scale.args.iter().all(|(name, _)| name != "w");
        mixes
            .then(|| Some((*node.inputs.first()?, filter.calls.clone())))
            .flatten()
    }
}

/// The filters of [`Graph::recolor`], scaling to square pixels as well.
pub(super) fn add_scaling(mut calls: Vec<FilterCall>, size: Size) -> Vec<FilterCall> {
    let scale = FilterCall::new(
        FilterName::Scale,
        [("w", size.width.to_string()), ("h", size.height.to_string())],
    );
    if let Some(mixing) = calls.iter_mut().find(|call| call.name == FilterName::Scale) {
        mixing.args.splice(0..0, scale.args);
    }
    calls.push(FilterCall::new(FilterName::Setsar, [("sar", "1")]));
    calls
}

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

/// The filter that says of frames what they are now.
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

impl PixelFormat {
    /// What is nearest to it that stores luma and color difference, in a form for any range.
    fn to_yuv(&self) -> PixelFormat {
        if self.is_rgb() {
            return match (self.alpha, self.depth > 8) {
                (true, _) => PixelFormat::yuva420p(),
                (false, true) => PixelFormat::yuv420p10(),
                (false, false) => PixelFormat::yuv420p(),
            };
        }
        PixelFormat {
            name: self.name.replacen("yuvj", "yuv", 1),
            ..self.clone()
        }
    }

    /// What is nearest to it in RGB.
    fn to_rgb(&self) -> PixelFormat {
        let name = match (self.alpha, self.depth > 8) {
            (true, false) => "rgba",
            (false, false) => "rgb24",
            (true, true) => "rgba64be",
            (false, true) => "rgb48be",
        };
        PixelFormat {
            name: name.into(),
            depth: if self.depth > 8 { 16 } else { 8 },
            alpha: self.alpha,
        }
    }

    /// The same with transparency: 4:2:0 where it is that, else 4:4:4; and ten bits where it has more than eight, if it
    /// can be drawn on in those.
    fn with_alpha(&self) -> PixelFormat {
        let (name, depth) = match (self.overlay_in_10_bits(), self.name.contains("420")) {
            (Some("yuv420p10"), _) => ("yuva420p10le", 10),
            (Some(_), _) => ("yuva422p10le", 10),
            (None, true) => ("yuva420p", 8),
            (None, false) => ("yuva444p", 8),
        };
        PixelFormat {
            name: name.into(),
            depth,
            alpha: true,
        }
    }

    /// FFmpeg's name of the way to draw on it that keeps ten bits, if there is one (FFmpeg documentation, "overlay").
    pub fn overlay_in_10_bits(&self) -> Option<&'static str> {
        let deep = self.depth > 8 && !self.alpha && !self.is_rgb();
        match deep {
            true if self.name.contains("420") => Some("yuv420p10"),
            true if self.name.contains("422") => Some("yuv422p10"),
            _ => None,
        }
    }
}
