use crate::call::Call;
use crate::catalogue::{Constant, Param, ParamType};
use crate::codes;
use crate::ops::{Group, Input, Operation};
use crate::plan::FilterName;
use crate::time::Rational;
use crate::value::{Dimension, Value};

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "loudness",
    group: Group::Audio,
    summary: "The sound brought to a loudness as EBU R128 measures it, in two passes.",
    input: Input::Clip,
    params: &[
        Param::with_default(
            "target",
            ParamType::Loudness,
            Constant::Quantity(-16, 1, Dimension::Loudness),
            "integrated loudness; broadcast has -23LUFS, podcasts -16LUFS, music services -14LUFS",
        ),
        Param::with_default(
            "true-peak",
            ParamType::Gain,
            Constant::Quantity(-3, 2, Dimension::Gain),
            "the most a true peak may be, in dBTP",
        ),
    ],
    examples: &[
        "main | loudness(-16LUFS)",
        "main | loudness(-23LUFS, true-peak: -1dB)",
    ],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (audio, _) = call.audio()?;
    call.require_filter(FilterName::Ebur128)?;
    let target = call.args.loudness("target")?;
    let true_peak = call.args.gain("true-peak")?;
    let (span, at) = (call.span, call.arg_span("true-peak"));
    if true_peak > Rational::ZERO || true_peak < Rational::from_integer(-9) {
        return call.fail(&codes::OUT_OF_RANGE, at, "out of range: -9dB to 0dB");
    }
    let clip = call.clip();
    let before = call.input_span().unwrap_or(span);
    let sound_only = crate::graph::Clip { video: None, ..clip };
    call.duration_of(&sound_only, before)?;
    let audio = call.graph().normalize_loudness(audio, target, true_peak, span);
    call.with_audio(audio)
}
