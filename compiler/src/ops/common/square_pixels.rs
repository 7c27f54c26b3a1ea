//! Conversion to square pixels, for operations that draw or measure in pixels.

use vidc_dsl::Diagnostic;

use super::geometry::even;
use crate::call::Call;
use crate::codes;
use crate::graph::{NodeId, VideoType};
use crate::time::{Rational, decimal};
use crate::value::Size;

/// Returns the input video with square pixels, and reports a note if it has to be scaled.
pub(in crate::ops) fn square_pixels(call: &mut Call<'_>) -> Option<(NodeId, VideoType)> {
    let (id, ty) = call.video()?;
    if ty.sample_aspect == Rational::ONE {
        return Some((id, ty));
    }
    let display = ty.display_size();
    let size = Size {
        width: even(Rational::from_integer(display.width.into())),
        height: display.height,
    };
    let span = call.span;
    let message = format!(
        "pixel aspect ratio {}: converted to square pixels, from {} to {size}",
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
