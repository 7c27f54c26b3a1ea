use crate::call::Call;
use crate::catalogue::{Param, ParamType};
use crate::ops::common::inset;
use crate::ops::{Group, Input, Operation};
use crate::value::Value;

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "volume",
    group: Group::Audio,
    summary: "The sound louder or quieter.",
    input: Input::Clip,
    params: &[Param::required(
        "gain",
        ParamType::Gain,
        "by how much; 6dB is twice the amplitude",
    )],
    examples: &["talk | volume(-6dB)"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (audio, _) = call.audio()?;
    let gain = call.args.gain("gain")?;
    let span = call.span;
    let audio = inset::volume(call.graph(), audio, gain, span);
    call.with_audio(audio)
}
