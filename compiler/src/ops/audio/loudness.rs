//! `loudness`: two-pass loudness normalization.

use crate::call::Call;
use crate::codes;
use crate::graph::Clip;
use crate::ops::common::filter_value;
use crate::ops::{Group, Input, Operation};
use crate::param::{Constant, Param, lufs};
use crate::plan::FilterName;
use crate::time::Rational;
use crate::value::{Dimension, Value};

const TARGET: Param<Rational> = Param::loudness(
    "target",
    "integrated loudness; common targets are -23LUFS for broadcast, -16LUFS for podcasts and -14LUFS for music services",
)
.default(lufs(-16));
const TRUE_PEAK: Param<Rational> = Param::gain("true-peak", "maximum true peak, in dBTP")
    .default(Constant::Quantity(-3, 2, Dimension::Gain));

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "loudness",
    group: Group::Audio,
    summary: "Normalize the loudness of audio (EBU R 128, two passes).",
    input: Input::Clip,
    params: &[TARGET.spec, TRUE_PEAK.spec],
    examples: &[
        "main | loudness(-16LUFS)",
        "main | loudness(-23LUFS, true-peak: -1dB)",
    ],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (audio, _) = call.audio()?;
    call.require_filter(FilterName::Ebur128)?;
    let target = call.get(&TARGET);
    let true_peak = call.get(&TRUE_PEAK);
    let (span, at) = (call.span, call.arg_span(&TRUE_PEAK));
    if true_peak > Rational::ZERO || true_peak < Rational::from_integer(-9) {
        let message = format!(
            "`true-peak` is {}dB, but must be from -9dB to 0dB",
            filter_value::number(true_peak)
        );
        return call.fail(&codes::OUT_OF_RANGE, at, message);
    }
    let input_span = call.input_span().unwrap_or(span);
    let audio_only = Clip {
        video: None,
        ..call.clip()
    };
    call.duration_of(&audio_only, input_span)?;
    let audio = call.graph().normalize_loudness(audio, target, true_peak, span);
    call.with_audio(audio)
}
