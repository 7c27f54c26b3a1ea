//! Pictures with transparency where nothing is to shine through.

use vidc_dsl::Span;
use vidc_dsl::ast::Color;

use super::{ColorSpace, Filter, Graph, NodeId, PixelFormat};
use crate::plan::{FilterCall, FilterName};

/// What players show behind what is transparent.
pub(crate) const BLACK: Color = Color {
    red: 0,
    green: 0,
    blue: 0,
    alpha: 255,
};

impl Graph {
    /// A picture drawn on a ground of one opaque color, unless nothing of that would be seen.
    pub fn flatten_alpha(&mut self, input: NodeId, ground: Color, origin: Span) -> NodeId {
        let Some(ty) = self.video(input).filter(|ty| ty.pixels.alpha) else {
            return input;
        };
        let input = match ty.color_space.same_matrix_and_range(ColorSpace::RGB) {
            true => input,
            false => self.convert_color(input, ColorSpace::RGB, PixelFormat::rgba(), origin),
        };
        let stored =
            |pixels: &PixelFormat| FilterCall::new(FilterName::Format, [("pix_fmts", pixels.name.clone())]);
        // Told even where it is so: filters that make pictures would rather do so without transparency.
        let told = Filter::new(vec![stored(&PixelFormat::rgba())]);
        let input = self.filter_video(input, told, origin, |ty| ty.pixels = PixelFormat::rgba());
        let level = |name, level: u8| (name, level.to_string());
        let painted = FilterCall::new(
            FilterName::Lutrgb,
            [
                level("r", ground.red),
                level("g", ground.green),
                level("b", ground.blue),
            ],
        );
        let pixels = PixelFormat {
            name: "rgb24".into(),
            alpha: false,
            ..PixelFormat::rgba()
        };
        let filter = Filter::new(vec![painted, stored(&pixels)]);
        let ground = self.filter_video(input, filter, origin, |ty| ty.pixels = pixels);
        self.overlay((ground, input), (0, 0), None, origin)
    }
}
