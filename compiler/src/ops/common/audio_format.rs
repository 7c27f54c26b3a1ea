//! A common sample rate and channel layout for audio that is mixed or joined.

use vidc_dsl::{Diagnostic, Span};

use crate::call::Call;
use crate::codes;
use crate::graph::{AudioType, NodeId};

/// The format that loses nothing of any input: the highest sample rate and the most channels. None without inputs.
pub(in crate::ops) fn widest<'t>(types: impl IntoIterator<Item = &'t AudioType>) -> Option<AudioType> {
    types.into_iter().cloned().reduce(|widest, ty| {
        let sample_rate = widest.sample_rate.max(ty.sample_rate);
        let layout = if ty.channels > widest.channels { ty } else { widest };
        AudioType {
            sample_rate,
            duration: None,
            ..layout
        }
    })
}

/// Converts the inputs of a mix to one format, reports what changes, and mixes them.
pub(in crate::ops) fn mix(call: &mut Call<'_>, inputs: [NodeId; 2], span: Span) -> NodeId {
    let inputs = to_common_format(call, inputs, span);
    call.graph().mix(inputs.to_vec(), span)
}

/// Converts audio streams to their [`widest`] format, and reports what changes.
pub(in crate::ops) fn to_common_format(call: &mut Call<'_>, inputs: [NodeId; 2], span: Span) -> [NodeId; 2] {
    let graph = call.graph();
    let format =
        widest(inputs.iter().filter_map(|id| graph.audio(*id))).unwrap_or_else(AudioType::stereo_48_khz);
    inputs.map(|input| convert(call, input, &format, span))
}

fn convert(call: &mut Call<'_>, input: NodeId, format: &AudioType, span: Span) -> NodeId {
    let difference = call.graph().audio(input).and_then(|ty| ty.difference(format));
    let Some(difference) = difference else {
        return input;
    };
    let message = format!("the audio format is converted for mixing: {difference}");
    call.report(Diagnostic::new(&codes::CONFORMED, span, message));
    call.graph().resample(input, format, span)
}
