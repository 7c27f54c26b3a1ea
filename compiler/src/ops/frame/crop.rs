use vidc_dsl::Diagnostic;

use crate::call::Call;
use crate::catalogue::{PLACES, Param, ParamType, pixels, word};
use crate::codes;
use crate::ops::common::{cast, place::Place};
use crate::ops::{Group, Input, Operation};
use crate::value::Value;

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "crop",
    group: Group::Frame,
    summary: "A part of the picture.",
    input: Input::Clip,
    params: &[
        Param::required("size", ParamType::Size, "how large a part"),
        Param::with_default(
            "position",
            ParamType::Variant(PLACES),
            word("center"),
            "which part",
        ),
        Param::with_default("margin", ParamType::Length, pixels(0), "from the picture's edges"),
    ],
    examples: &[
        "talk | crop(640x360, position: top-left)",
        "talk | crop(200x200, position: point(x: 50%, y: 30%, anchor: center))",
    ],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (video, ty) = cast::square(call)?;
    let (size, span, at) = (call.args.size("size")?, call.span, call.arg_span("size"));
    if size.width > ty.width || size.height > ty.height {
        let diagnostic = Diagnostic::new(
            &codes::OUT_OF_RANGE,
            at,
            format!("cannot cut {size} out of a picture of {}", ty.size()),
        )
        .help("`fit` and `pad` make pictures larger");
        call.report(diagnostic);
        return None;
    }
    let (x, y) = Place::of(&call.args, ty.size())?.corner(ty.size(), size);
    let inside = |at: i64, outer: u32, inner: u32| at.clamp(0, i64::from(outer - inner));
    let corner = (inside(x, ty.width, size.width), inside(y, ty.height, size.height));
    let video = call.graph().crop(video, size, corner, span);
    call.with_video(video)
}
