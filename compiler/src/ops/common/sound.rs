//! Bringing sounds to a common form, and putting one under another.

use vidc_dsl::{Diagnostic, Span};

use crate::codes;
use crate::graph::{AudioType, Filter, Graph, NodeId};
use crate::plan::{FilterCall, FilterName};
use crate::time::Rational;

use super::cast;

/// The form that loses nothing of any: the highest rate, the most channels. None of no sounds at all.
pub(in crate::ops) fn canvas<'t>(types: impl IntoIterator<Item = &'t AudioType>) -> Option<AudioType> {
    types.into_iter().cloned().reduce(|canvas, ty| {
        let sample_rate = canvas.sample_rate.max(ty.sample_rate);
        let wider = if ty.channels > canvas.channels { ty } else { canvas };
        AudioType {
            sample_rate,
            duration: None,
            ..wider
        }
    })
}

/// Brings a sound to a form, and says so.
pub(in crate::ops) fn conform(
    graph: &mut Graph,
    input: NodeId,
    to: &AudioType,
    span: Span,
    notes: &mut Vec<Diagnostic>,
) -> NodeId {
    let Some(from) = graph.audio(input).cloned() else {
        return input;
    };
    match from.difference(to) {
        Some(difference) => {
            notes.push(Diagnostic::new(
                &codes::CONFORMED,
                span,
                format!("the sound's form changes: {difference}"),
            ));
            graph.resample(input, to, span)
        }
        None => input,
    }
}

/// How fast ducking sets in and lets go, milliseconds.
#[derive(Clone, Copy)]
pub(in crate::ops) struct Envelope {
    pub(in crate::ops) attack: Rational,
    pub(in crate::ops) release: Rational,
}

/// A sound made quieter by `gain` decibels for as long as another one is heard.
///
/// The compressor's threshold lies so low, at −52 dBFS, that it is shut by any speech and open in pauses; what it lets
/// through then is a fixed share, because the unducked sound is mixed back in by that share.
pub(in crate::ops) fn duck(
    graph: &mut Graph,
    sound: NodeId,
    under: NodeId,
    gain: Rational,
    envelope: Envelope,
    origin: Span,
) -> NodeId {
    let Some(ty) = graph.audio(sound).cloned() else {
        return sound;
    };
    let key = graph.resample(under, &ty, origin);
    // Without this the result would end where the other sound does.
    let pad = Filter::new(vec![FilterCall::plain(FilterName::Apad)]);
    let key = graph.filter_audio(key, pad, origin, |ty| ty.duration = None);
    let share = 10_f64.powf(-cast::float(gain) / 20.0);
    let call = FilterCall::new(
        FilterName::Sidechaincompress,
        [
            ("threshold", "0.0025".to_owned()),
            ("ratio", "20".to_owned()),
            ("attack", cast::number(envelope.attack)),
            ("release", cast::number(envelope.release)),
            ("mix", format!("{:.4}", 1.0 - share)),
        ],
    );
    graph.filter_audio_inputs(&[sound, key], Filter::new(vec![call]), origin, |_| {})
}
