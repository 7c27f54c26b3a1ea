//! `mute`: removes the audio of a clip.

use crate::call::Call;
use crate::graph::Clip;
use crate::ops::{Group, Input, Operation};
use crate::value::Value;

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "mute",
    group: Group::Audio,
    summary: "Remove the audio of a clip.",
    input: Input::Clip,
    params: &[],
    examples: &["camera | mute"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    call.video()?;
    Some(Value::Clip(Clip {
        audio: None,
        ..call.clip()
    }))
}
