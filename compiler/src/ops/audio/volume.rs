//! `volume`: changes the volume of audio.

use vidc_dsl::Span;

use crate::call::Call;
use crate::graph::{Filter, Graph, NodeId};
use crate::ops::common::filter_value;
use crate::ops::{Group, Input, Operation};
use crate::param::Param;
use crate::plan::{FilterCall, FilterName};
use crate::time::Rational;
use crate::value::Value;

const GAIN: Param<Rational> = Param::gain("gain", "gain to apply; 6dB doubles the amplitude");

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "volume",
    group: Group::Audio,
    summary: "Raise or lower the volume.",
    input: Input::Clip,
    params: &[GAIN.spec],
    examples: &["talk | volume(-6dB)"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (audio, _) = call.audio()?;
    let gain = call.get(&GAIN);
    let span = call.span;
    let audio = apply(call.graph(), audio, gain, span);
    call.with_audio(audio)
}

/// Amplifies audio by a gain in decibels.
pub(in crate::ops) fn apply(graph: &mut Graph, audio: NodeId, gain: Rational, origin: Span) -> NodeId {
    let call = FilterCall::new(
        FilterName::Volume,
        [("volume", format!("{}dB", filter_value::number(gain)))],
    );
    let filter = Filter::new(vec![call]).identity_if(gain == Rational::ZERO);
    graph.filter_audio(audio, filter, origin, |_| {})
}
