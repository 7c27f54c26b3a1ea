//! Values as FFmpeg's filters write them.

use vidc_dsl::Diagnostic;
use vidc_dsl::ast::Color;

use crate::call::Call;
use crate::codes;
use crate::graph::{NodeId, VideoType};
use crate::time::{Rational, decimal};
use crate::value::Size;

/// `0xRRGGBBAA`
pub(in crate::ops) fn color(color: Color) -> String {
    format!(
        "0x{:02x}{:02x}{:02x}{:02x}",
        color.red, color.green, color.blue, color.alpha
    )
}

/// Exact as far as nine decimals go.
pub(in crate::ops) fn number(value: Rational) -> String {
    decimal(value, 9)
}

/// For arithmetic of looks, where a hundredth of a pixel is nothing.
pub(in crate::ops) fn float(value: Rational) -> f64 {
    *value.numer() as f64 / *value.denom() as f64
}

/// The nearest even number of pixels, at least two: 4:2:0 keeps its colors for two by two pixels.
pub(in crate::ops) fn even(pixels: Rational) -> u32 {
    let halves = (pixels / 2).round().to_integer().clamp(1, 8192);
    u32::try_from(halves * 2).unwrap_or(2)
}

/// The picture that flows in, in square pixels, as everything that draws on it needs.
pub(in crate::ops) fn square(call: &mut Call<'_>) -> Option<(NodeId, VideoType)> {
    let (id, ty) = call.video()?;
    if ty.sample_aspect == Rational::ONE {
        return Some((id, ty));
    }
    let shown = ty.display_size();
    let size = Size {
        width: even(Rational::from_integer(shown.width.into())),
        height: shown.height,
    };
    let span = call.span;
    let message = format!(
        "pixels that are {} times as wide as high become square: {} becomes {size}",
        decimal(ty.sample_aspect, 3),
        ty.size()
    );
    call.report(Diagnostic::new(&codes::CONFORMED, span, message));
    let id = call.graph().scale(id, size, span);
    Some((
        id,
        VideoType {
            width: size.width,
            height: size.height,
            sample_aspect: Rational::ONE,
            ..ty
        },
    ))
}
