use crate::call::Call;
use crate::catalogue::{Constant, Param, ParamType};
use crate::graph::{AudioType, Clip};
use crate::ops::{Group, Input, Operation};
use crate::value::{Dimension, Value};

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "silence",
    group: Group::Sources,
    summary: "Sound without any, and no picture.",
    input: Input::Nothing,
    params: &[
        Param::required("duration", ParamType::Time, "how long it lasts"),
        Param::with_default(
            "sample-rate",
            ParamType::Frequency,
            Constant::Quantity(48_000, 1, Dimension::Frequency),
            "samples per second",
        ),
    ],
    examples: &["let main = concat([jingle, silence(500ms), voice])"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let duration = call.args.time("duration")?;
    let sample_rate = call.args.frequency("sample-rate")?;
    let span = call.span;
    let like = AudioType {
        sample_rate,
        ..AudioType::stereo_48_khz()
    };
    let audio = call.graph().silence(&like, Some(duration), span);
    Some(Value::Clip(Clip {
        audio: Some(audio),
        ..Clip::default()
    }))
}
