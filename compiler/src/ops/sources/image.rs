use vidc_dsl::Diagnostic;

use crate::call::Call;
use crate::catalogue::{Param, ParamType};
use crate::codes;
use crate::graph::{Clip, Window};
use crate::ops::{Group, Input, Operation};
use crate::time::Time;
use crate::value::Value;

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "image",
    group: Group::Sources,
    summary: "A still image, without sound.",
    input: Input::Nothing,
    params: &[
        Param::required(
            "file",
            ParamType::Path,
            "the image: PNG, JPEG or another that FFmpeg reads",
        ),
        Param::optional(
            "duration",
            ParamType::Time,
            "how long it is shown; without one for as long as anyone looks",
        ),
    ],
    examples: &[
        "let logo = image(\"logo.png\") | scale(width: 96px)",
        "let photo = image(\"photo.jpg\", duration: 3s)",
    ],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let file = call.args.text("file")?.to_owned();
    let (span, at) = (call.span, call.arg_span("file"));
    let clip = call.media(&file, at)?;
    let (video, ty) = call.video_of(&clip, Some(at))?;
    if !ty.still {
        let diagnostic = Diagnostic::new(
            &codes::WRONG_TYPE,
            at,
            format!("`{file}` is a video, not a still image"),
        )
        .help(format!(
            "declare it: `input name = \"{file}\"`, or write `input(\"{file}\")`"
        ));
        call.report(diagnostic);
        return None;
    }
    let video = match call.args.time("duration") {
        Some(duration) if duration == Time::ZERO => {
            let at = call.arg_span("duration");
            return call.fail(
                &codes::OUT_OF_RANGE,
                at,
                "an image that is shown for no time cannot be seen",
            );
        }
        Some(duration) => call.graph().trim(
            video,
            Window {
                start: Time::ZERO,
                end: Some(duration),
            },
            span,
        ),
        None => video,
    };
    Some(Value::Clip(Clip {
        video: Some(video),
        ..Clip::default()
    }))
}
