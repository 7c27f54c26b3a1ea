//! `image`: a still image.

use vidc_dsl::Diagnostic;

use crate::call::Call;
use crate::codes;
use crate::graph::Clip;
use crate::ops::{Group, Input, Operation};
use crate::param::Param;
use crate::time::{Time, Window};
use crate::value::Value;

const FILE: Param<String> = Param::path(
    "file",
    "image file in any format that FFmpeg reads, such as PNG or JPEG",
);
const DURATION: Param<Option<Time>> = Param::time("duration", "duration; endless if omitted").optional();

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "image",
    group: Group::Sources,
    summary: "Show a still image, without audio.",
    input: Input::Nothing,
    params: &[FILE.spec, DURATION.spec],
    examples: &[
        "let logo = image(\"logo.png\") | scale(width: 96px)",
        "let photo = image(\"photo.jpg\", duration: 3s)",
    ],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let file = call.get(&FILE);
    let (span, at) = (call.span, call.arg_span(&FILE));
    let clip = call.media(&file, at)?;
    let (mut video, ty) = call.video_of(&clip, Some(at))?;
    if !ty.still {
        let diagnostic = Diagnostic::new(
            &codes::WRONG_TYPE,
            at,
            format!("`{file}` is a video, not a still image"),
        )
        .help(format!(
            "declare it as `input name = \"{file}\"`, or write `input(\"{file}\")`"
        ));
        call.report(diagnostic);
        return None;
    }
    if let Some(duration) = call.get(&DURATION) {
        if duration == Time::ZERO {
            let at = call.arg_span(&DURATION);
            return call.fail(&codes::OUT_OF_RANGE, at, "`duration` is 0s, but must be longer");
        }
        let window = Window {
            start: Time::ZERO,
            end: Some(duration),
        };
        video = call.graph().trim(video, window, span);
    }
    Some(Value::Clip(Clip {
        video: Some(video),
        ..Clip::default()
    }))
}
