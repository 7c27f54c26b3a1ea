//! Sidechain ducking: lowering one audio stream while another is audible.

use vidc_dsl::Span;

use super::filter_value;
use crate::call::Call;
use crate::codes;
use crate::graph::{Filter, Graph, NodeId};
use crate::param::Param;
use crate::plan::{FilterCall, FilterName};
use crate::time::Rational;

/// The attack and release times of ducking, in milliseconds.
#[derive(Clone, Copy)]
pub(in crate::ops) struct Envelope {
    pub(in crate::ops) attack: Rational,
    pub(in crate::ops) release: Rational,
}

/// Checks a ducking depth in decibels, the value of `param`: not negative, and at most 60 dB, which is inaudible.
pub(in crate::ops) fn checked_depth<T>(
    call: &mut Call<'_>,
    depth: Rational,
    param: &Param<T>,
) -> Option<Rational> {
    if depth >= Rational::ZERO && depth <= Rational::from_integer(60) {
        return Some(depth);
    }
    let at = call.arg_span(param);
    let message = format!(
        "`{}` is {}dB, but must be a reduction of 0dB to 60dB",
        param.spec.name,
        filter_value::number(depth)
    );
    call.fail(&codes::OUT_OF_RANGE, at, message)
}

/// Lowers `audio` by `depth` decibels while `key` is audible.
///
/// The threshold of the compressor is −52 dBFS, so low that any speech closes it and pauses open it. Mixing the
/// original back in at a fixed ratio then sets the depth.
pub(in crate::ops) fn duck(
    graph: &mut Graph,
    audio: NodeId,
    key: NodeId,
    depth: Rational,
    envelope: Envelope,
    origin: Span,
) -> NodeId {
    let Some(ty) = graph.audio(audio).cloned() else {
        return audio;
    };
    let key = graph.resample(key, &ty, origin);
    // Without padding, the result would end with the key.
    let pad = Filter::new(vec![FilterCall::plain(FilterName::Apad)]);
    let key = graph.filter_audio(key, pad, origin, |ty| ty.duration = None);
    let original_ratio = 10_f64.powf(-filter_value::float(depth) / 20.0);
    let compressor = FilterCall::new(
        FilterName::Sidechaincompress,
        [
            ("threshold", "0.0025".to_owned()),
            ("ratio", "20".to_owned()),
            ("attack", filter_value::number(envelope.attack)),
            ("release", filter_value::number(envelope.release)),
            ("mix", format!("{:.4}", 1.0 - original_ratio)),
        ],
    );
    graph.filter_audio_inputs(&[audio, key], Filter::new(vec![compressor]), origin, |_| {})
}
