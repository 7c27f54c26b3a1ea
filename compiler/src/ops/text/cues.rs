use crate::call::Call;
use crate::catalogue::{Param, ParamType};
use crate::codes;
use crate::graph::Window;
use crate::ops::common::{cast, cues, style};
use crate::ops::{Group, Input, Operation};
use crate::time::Time;
use crate::value::{Dimension, Value};

const CUE: &[Param] = &[
    Param::required("during", ParamType::Window, "when it is seen"),
    Param::required("text", ParamType::Text, "what it says"),
];

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "cues",
    group: Group::Text,
    summary: "Subtitles written in the recipe, drawn into the picture.",
    input: Input::Clip,
    params: &[
        Param::required(
            "cues",
            ParamType::List(&ParamType::Record(CUE)),
            "what is shown, and when",
        ),
        style::FONT,
        style::SIZE,
        style::BOLD,
        style::ITALIC,
        style::COLOR,
        style::OUTLINE,
        style::OUTLINE_COLOR,
        style::SHADOW,
        style::BOX,
        style::PADDING,
        style::POSITION,
        style::MARGIN,
        style::LETTER_SPACING,
    ],
    examples: &["talk | cues([{during: 1s..3s, text: \"Hello\"}, {during: 3s..5s, text: \"and goodbye\"}])"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (video, ty) = cast::square(call)?;
    let mut written = Vec::new();
    for (item, at) in call.args.list("cues")?.to_vec() {
        let Value::Record(fields) = item else { continue };
        let field = |name: &str| {
            fields
                .iter()
                .find(|(known, ..)| known == name)
                .map(|(_, value, _)| value)
        };
        let (Some(Value::Range(start, end)), Some(Value::Text(text))) = (field("during"), field("text"))
        else {
            continue;
        };
        let instant = |value: &Value| match value {
            Value::Quantity(time, Dimension::Time) => Some(Time::new(*time)),
            _ => None,
        };
        let start = instant(start).unwrap_or_default();
        let Some(end) = instant(end).or(ty.duration) else {
            return call.fail(
                &codes::ENDLESS,
                at,
                "this cue never ends, on a clip that never does",
            );
        };
        if let Some(duration) = ty.duration.filter(|duration| start >= *duration) {
            let message = format!("this cue is at {start}, when the clip of {duration} is over");
            return call.fail(&codes::WINDOW_AFTER_END, at, message);
        }
        style::glyphs_are_there(call, text, at);
        written.push((
            Window {
                start,
                end: Some(end),
            },
            text.clone(),
            at,
        ));
    }
    let look = style::of(call, &ty)?;
    let video = cues::burn(call, video, &cues::written(written), Some(&look))?;
    call.with_video(video)
}
