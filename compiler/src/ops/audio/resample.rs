use crate::call::Call;
use crate::catalogue::{Param, ParamType};
use crate::codes;
use crate::graph::AudioType;
use crate::ops::{Group, Input, Operation};
use crate::value::Value;

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "resample",
    group: Group::Audio,
    summary: "The sound at another sample rate; speed and pitch stay.",
    input: Input::Clip,
    params: &[Param::required(
        "rate",
        ParamType::Frequency,
        "samples per second, 4kHz to 384kHz",
    )],
    examples: &["voice | resample(16kHz)"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (audio, ty) = call.audio()?;
    let sample_rate = call.args.frequency("rate")?;
    if !(4_000..=384_000).contains(&sample_rate) {
        let at = call.arg_span("rate");
        return call.fail(&codes::OUT_OF_RANGE, at, "out of range: 4kHz to 384kHz");
    }
    let span = call.span;
    let audio = call
        .graph()
        .resample(audio, &AudioType { sample_rate, ..ty }, span);
    call.with_audio(audio)
}
