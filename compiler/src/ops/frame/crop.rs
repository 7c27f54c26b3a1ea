//! `crop`: cuts out a part of the frame.

use vidc_dsl::Diagnostic;

use crate::call::Call;
use crate::codes;
use crate::ops::common::geometry;
use crate::ops::common::placement::{PLACEMENTS, Placement};
use crate::ops::common::square_pixels::square_pixels;
use crate::ops::{Group, Input, Operation};
use crate::param::{Length, Param, pixels, word};
use crate::value::{Size, Value, Variant};

const SIZE: Param<Size> = Param::size("size", "size of the part to keep");
const POSITION: Param<Variant> =
    Param::variant("position", PLACEMENTS, "position of the part in the frame").default(word("center"));
const MARGIN: Param<Length> =
    Param::length("margin", "distance from the edges of the frame").default(pixels(0));

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "crop",
    group: Group::Frame,
    summary: "Crop the video to a part of the frame.",
    input: Input::Clip,
    params: &[SIZE.spec, POSITION.spec, MARGIN.spec],
    examples: &[
        "talk | crop(640x360, position: top-left)",
        "talk | crop(200x200, position: point(x: 50%, y: 30%, anchor: center))",
    ],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (video, ty) = square_pixels(call)?;
    let (size, span, at) = (call.get(&SIZE), call.span, call.arg_span(&SIZE));
    let frame = ty.size();
    if size.width > frame.width || size.height > frame.height {
        let message = format!("cannot crop {size} from a frame of {frame}");
        let diagnostic = Diagnostic::new(&codes::OUT_OF_RANGE, at, message)
            .help("use `fit` or `pad` to enlarge the frame");
        call.report(diagnostic);
        return None;
    }
    let placement = Placement::new(&call.get(&POSITION), call.get(&MARGIN), frame);
    let offset = geometry::clamped(placement.offset(frame, size), frame, size);
    let video = call.graph().crop(video, size, offset, span);
    call.with_video(video)
}
