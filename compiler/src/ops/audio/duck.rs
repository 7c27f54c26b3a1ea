use crate::call::Call;
use crate::catalogue::{Param, ParamType, decibels, millis};
use crate::codes;
use crate::ops::common::sound::{self, Envelope};
use crate::ops::{Group, Input, Operation};
use crate::time::Rational;
use crate::value::Value;

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "duck",
    group: Group::Audio,
    summary: "The sound quieter for as long as another one is heard.",
    input: Input::Clip,
    params: &[
        Param::required(
            "under",
            ParamType::Clip,
            "the sound that it makes way for; it is not mixed in",
        )
        .by_name(),
        Param::with_default("by", ParamType::Gain, decibels(12), "how much quieter"),
        Param::with_default("attack", ParamType::Time, millis(20), "how long making way takes"),
        Param::with_default(
            "release",
            ParamType::Time,
            millis(400),
            "how long coming back takes",
        ),
    ],
    examples: &["theme | loop | duck(under: talk, by: 12dB)"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (audio, _) = call.audio()?;
    let under = call.args.clip("under")?.clone();
    let (span, at) = (call.span, call.arg_span("under"));
    let (under, _) = call.audio_of(&under, Some(at))?;
    let gain = depth(call, "by")?;
    let envelope = Envelope {
        attack: milliseconds(call, "attack")?,
        release: milliseconds(call, "release")?,
    };
    let audio = sound::duck(call.graph(), audio, under, gain, envelope, span);
    call.with_audio(audio)
}

/// How many decibels quieter an argument says; not louder, and no more than can be told from silence.
pub(in crate::ops) fn depth(call: &mut Call<'_>, name: &str) -> Option<Rational> {
    let gain = call.args.gain(name)?;
    let at = call.arg_span(name);
    if gain < Rational::ZERO || gain > Rational::from_integer(60) {
        return call.fail(
            &codes::OUT_OF_RANGE,
            at,
            "out of range: 0dB to 60dB, how much quieter",
        );
    }
    Some(gain)
}

/// The limits are those of `sidechaincompress`.
fn milliseconds(call: &mut Call<'_>, name: &str) -> Option<Rational> {
    let time = call
        .args
        .time(name)?
        .scale(Rational::from_integer(1000))
        .as_rational();
    Some(time.clamp(Rational::new(1, 100), Rational::from_integer(2000)))
}
