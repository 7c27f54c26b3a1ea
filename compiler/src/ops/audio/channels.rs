//! `channels`: converts audio to another channel layout.

use crate::call::Call;
use crate::graph::AudioType;
use crate::ops::{Group, Input, Operation};
use crate::param::{Param, choice};
use crate::value::Value;

choice! {
    /// A channel layout, by its name in FFmpeg.
    enum Layout {
        Mono = "mono",
        Stereo = "stereo",
        Surround51 = "5.1",
        Surround71 = "7.1",
    }
}

impl Layout {
    fn channels(self) -> u16 {
        match self {
            Layout::Mono => 1,
            Layout::Stereo => 2,
            Layout::Surround51 => 6,
            Layout::Surround71 => 8,
        }
    }
}

const LAYOUT: Param<Layout> = Param::choice("layout", "channel layout");

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "channels",
    group: Group::Audio,
    summary: "Convert audio to another channel layout, downmixing if it has fewer channels.",
    input: Input::Clip,
    params: &[LAYOUT.spec],
    examples: &["film | channels(stereo)", "voice | channels(5.1)"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (audio, ty) = call.audio()?;
    let layout = call.get(&LAYOUT);
    let span = call.span;
    let converted = AudioType {
        channels: layout.channels(),
        layout: layout.word().to_owned(),
        ..ty
    };
    let audio = call.graph().resample(audio, &converted, span);
    call.with_audio(audio)
}
