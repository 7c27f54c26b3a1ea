//! Flattening: draws video with an alpha channel on an opaque background.

use vidc_dsl::Span;
use vidc_dsl::ast::Color;

use super::{ColorSpace, Filter, Graph, NodeId, PixelFormat};
use crate::plan::{FilterCall, FilterName};

/// The background that players show behind transparent pixels.
pub(crate) const BLACK: Color = Color {
    red: 0,
    green: 0,
    blue: 0,
    alpha: 255,
};

impl Graph {
    /// Draws video on a background of one opaque color, if it has an alpha channel.
    pub fn flatten_alpha(&mut self, input: NodeId, background: Color, origin: Span) -> NodeId {
        let Some(ty) = self.video(input).filter(|ty| ty.pixels.alpha) else {
            return input;
        };
        let input = match ty.color_space.same_matrix_and_range(ColorSpace::RGB) {
            true => input,
            false => self.convert_color(input, ColorSpace::RGB, PixelFormat::rgba(), origin),
        };
        // Needed even where the type is RGBA already: source filters would negotiate a format without alpha.
        let keep_alpha = Filter::new(vec![PixelFormat::rgba().conversion()]);
        let input = self.filter_video(input, keep_alpha, origin, |ty| ty.pixels = PixelFormat::rgba());
        let level = |name, level: u8| (name, level.to_string());
        let fill = FilterCall::new(
            FilterName::Lutrgb,
            [
                level("r", background.red),
                level("g", background.green),
                level("b", background.blue),
            ],
        );
        let pixels = PixelFormat::rgb24();
        let filter = Filter::new(vec![fill, pixels.conversion()]);
        let background = self.filter_video(input, filter, origin, |ty| ty.pixels = pixels);
        self.overlay((background, input), (0, 0), None, origin)
    }
}
