//! `silence`: a silent audio clip.

use crate::call::Call;
use crate::graph::{AudioType, Clip};
use crate::ops::{Group, Input, Operation};
use crate::param::{Constant, Param};
use crate::time::Time;
use crate::value::{Dimension, Value};

const DURATION: Param<Time> = Param::time("duration", "duration");
const SAMPLE_RATE: Param<u32> = Param::frequency("sample-rate", "sample rate").default(Constant::Quantity(
    48_000,
    1,
    Dimension::Frequency,
));

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "silence",
    group: Group::Sources,
    summary: "Create a silent audio clip.",
    input: Input::Nothing,
    params: &[DURATION.spec, SAMPLE_RATE.spec],
    examples: &["let main = concat([jingle, silence(500ms), voice])"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (duration, sample_rate) = (call.get(&DURATION), call.get(&SAMPLE_RATE));
    let span = call.span;
    let format = AudioType {
        sample_rate,
        ..AudioType::stereo_48_khz()
    };
    let audio = call.graph().silence(&format, Some(duration), span);
    Some(Value::Clip(Clip {
        audio: Some(audio),
        ..Clip::default()
    }))
}
