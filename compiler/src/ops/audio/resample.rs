//! `resample`: converts audio to another sample rate.

use crate::call::Call;
use crate::codes;
use crate::graph::AudioType;
use crate::ops::{Group, Input, Operation};
use crate::param::Param;
use crate::value::Value;

const RATE: Param<u32> = Param::frequency("rate", "sample rate, from 4kHz to 384kHz");

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "resample",
    group: Group::Audio,
    summary: "Convert audio to another sample rate without changing its speed or pitch.",
    input: Input::Clip,
    params: &[RATE.spec],
    examples: &["voice | resample(16kHz)"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (audio, ty) = call.audio()?;
    let sample_rate = call.get(&RATE);
    if !(4_000..=384_000).contains(&sample_rate) {
        let at = call.arg_span(&RATE);
        let message = format!("`rate` is {sample_rate}Hz, but must be from 4kHz to 384kHz");
        return call.fail(&codes::OUT_OF_RANGE, at, message);
    }
    let span = call.span;
    let audio = call
        .graph()
        .resample(audio, &AudioType { sample_rate, ..ty }, span);
    call.with_audio(audio)
}
