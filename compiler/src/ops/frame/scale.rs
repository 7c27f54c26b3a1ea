//! `scale`: changes the size of a video.

use vidc_dsl::Diagnostic;

use crate::call::Call;
use crate::codes;
use crate::ops::common::{geometry, object_fit};
use crate::ops::{Group, Input, Operation};
use crate::param::{Length, Param};
use crate::time::Rational;
use crate::value::{Size, Value};

const SIZE: Param<Option<Size>> = Param::size("size", "new size").optional();
const WIDTH: Param<Option<Length>> =
    Param::length("width", "new width; a percentage refers to the current width").optional();
const HEIGHT: Param<Option<Length>> =
    Param::length("height", "new height; a percentage refers to the current height").optional();

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "scale",
    group: Group::Frame,
    summary: "Scale the video, keeping its aspect ratio if only a width or a height is given.",
    input: Input::Clip,
    params: &[SIZE.spec, WIDTH.spec, HEIGHT.spec],
    examples: &[
        "talk | scale(1280x720)",
        "image(\"logo.png\") | scale(width: 96px)",
    ],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (video, ty) = call.video()?;
    let display = ty.display_size();
    let span = call.span;
    let width = call.get(&WIDTH).map(|width| width.to_pixels(display.width));
    let height = call.get(&HEIGHT).map(|height| height.to_pixels(display.height));
    let whole = |side: Rational| u32::try_from(side.round().to_integer()).unwrap_or(0);
    // The derived side is even, because encoders require that.
    let derived = |side: Rational, current: u32, other: u32| {
        geometry::even(side * Rational::from_integer(other.into()) / Rational::from_integer(current.into()))
    };
    let size = match (call.get(&SIZE), width, height) {
        (Some(size), None, None) => size,
        (None, Some(width), Some(height)) => Size {
            width: whole(width),
            height: whole(height),
        },
        (None, Some(width), None) => Size {
            width: whole(width),
            height: derived(width, display.width, display.height),
        },
        (None, None, Some(height)) => Size {
            width: derived(height, display.height, display.width),
            height: whole(height),
        },
        (Some(_), ..) => {
            return call.fail(
                &codes::CONFLICTING_PARAMETERS,
                span,
                "`scale` takes either a size, or a width and a height, but not both",
            );
        }
        (None, None, None) => {
            let diagnostic = Diagnostic::new(
                &codes::MISSING_ARGUMENT,
                span,
                "`scale` needs a size, a width or a height",
            )
            .help("write `scale(1280x720)`, `scale(width: 640px)` or `scale(height: 50%)`");
            call.report(diagnostic);
            return None;
        }
    };
    if !size.is_possible() {
        let message = format!("the new size is {size}, but must be from {}", Size::possible());
        return call.fail(&codes::OUT_OF_RANGE, span, message);
    }
    if let Some(warning) = object_fit::upscaling_warning(display, size, span) {
        call.report(warning);
    }
    let video = call.graph().scale(video, size, span);
    call.with_video(video)
}
