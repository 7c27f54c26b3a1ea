//! Values in the notation of FFmpeg's filter options.

use vidc_dsl::ast::Color;

use crate::time::{Rational, decimal};

/// `0xRRGGBBAA`.
pub(in crate::ops) fn color(color: Color) -> String {
    format!(
        "0x{:02x}{:02x}{:02x}{:02x}",
        color.red, color.green, color.blue, color.alpha
    )
}

/// A decimal number with up to nine decimal places.
pub(in crate::ops) fn number(value: Rational) -> String {
    decimal(value, 9)
}

/// A floating-point number, for layout, where a hundredth of a pixel does not matter.
pub(in crate::ops) fn float(value: Rational) -> f64 {
    *value.numer() as f64 / *value.denom() as f64
}
