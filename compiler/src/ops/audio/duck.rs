//! `duck`: sidechain ducking.

use crate::call::Call;
use crate::graph::Clip;
use crate::ops::common::ducking::{self, Envelope};
use crate::ops::{Group, Input, Operation};
use crate::param::{Param, decibels, millis};
use crate::time::{Rational, Time};
use crate::value::Value;

const UNDER: Param<Clip> = Param::clip(
    "under",
    "clip whose audio triggers the ducking; it is not mixed in",
)
.by_name();
const BY: Param<Rational> = Param::gain("by", "reduction of the volume").default(decibels(12));
const ATTACK: Param<Time> = Param::time("attack", "time to lower the volume").default(millis(20));
const RELEASE: Param<Time> = Param::time("release", "time to restore the volume").default(millis(400));

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "duck",
    group: Group::Audio,
    summary: "Lower a clip's volume while another clip is audible (sidechain ducking).",
    input: Input::Clip,
    params: &[UNDER.spec, BY.spec, ATTACK.spec, RELEASE.spec],
    examples: &["theme | loop | duck(under: talk, by: 12dB)"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (audio, _) = call.audio()?;
    let under = call.get(&UNDER);
    let (span, at) = (call.span, call.arg_span(&UNDER));
    let (key, _) = call.audio_of(&under, Some(at))?;
    let depth = ducking::checked_depth(call, call.get(&BY), &BY)?;
    let envelope = Envelope {
        attack: compressor_millis(call.get(&ATTACK)),
        release: compressor_millis(call.get(&RELEASE)),
    };
    let audio = ducking::duck(call.graph(), audio, key, depth, envelope, span);
    call.with_audio(audio)
}

/// Converts a time to milliseconds, within the limits of `sidechaincompress`.
fn compressor_millis(time: Time) -> Rational {
    let millis = time.scale(Rational::from_integer(1000)).as_rational();
    millis.clamp(Rational::new(1, 100), Rational::from_integer(2000))
}
