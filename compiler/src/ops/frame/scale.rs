use vidc_dsl::Diagnostic;

use crate::call::Call;
use crate::catalogue::{Param, ParamType};
use crate::codes;
use crate::ops::common::{cast, fitting};
use crate::ops::{Group, Input, Operation};
use crate::time::Rational;
use crate::value::{Size, Value};

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "scale",
    group: Group::Frame,
    summary: "The picture larger or smaller; its shape is kept where only one side is given.",
    input: Input::Clip,
    params: &[
        Param::optional("size", ParamType::Size, "the new size"),
        Param::optional(
            "width",
            ParamType::Length,
            "the new width; a percentage is of the present one",
        ),
        Param::optional("height", ParamType::Length, "the new height, likewise"),
    ],
    examples: &[
        "talk | scale(1280x720)",
        "image(\"logo.png\") | scale(width: 96px)",
    ],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (video, ty) = call.video()?;
    let shown = ty.display_size();
    let span = call.span;
    let width = call.args.pixels("width", shown.width);
    let height = call.args.pixels("height", shown.height);
    let whole = |side: Rational| u32::try_from(side.round().to_integer()).unwrap_or(0);
    // The side that follows from the other is even, as encoders will want it.
    let follow = |side: Rational, given: u32, other: u32| {
        cast::even(side * Rational::from_integer(other.into()) / Rational::from_integer(given.into()))
    };
    let size = match (call.args.size("size"), width, height) {
        (Some(size), None, None) => size,
        (None, Some(width), Some(height)) => Size {
            width: whole(width),
            height: whole(height),
        },
        (None, Some(width), None) => Size {
            width: whole(width),
            height: follow(width, shown.width, shown.height),
        },
        (None, None, Some(height)) => Size {
            width: follow(height, shown.height, shown.width),
            height: whole(height),
        },
        (Some(_), ..) => {
            return call.fail(
                &codes::CONFLICTING_PARAMETERS,
                span,
                "`scale` takes a size, or a width and a height, not both",
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
        let message = format!("{size} is not a size from {}", Size::possible());
        return call.fail(&codes::OUT_OF_RANGE, span, message);
    }
    if let Some(warning) = fitting::warn_if_upscaled(shown, size, span) {
        call.report(warning);
    }
    let video = call.graph().scale(video, size, span);
    call.with_video(video)
}
