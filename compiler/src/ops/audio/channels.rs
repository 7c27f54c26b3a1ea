use crate::call::Call;
use crate::catalogue::{Param, ParamType};
use crate::graph::AudioType;
use crate::ops::{Group, Input, Operation};
use crate::value::Value;

/// FFmpeg's names of layouts.
const LAYOUTS: &[&str] = &["mono", "stereo", "5.1", "7.1"];

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "channels",
    group: Group::Audio,
    summary: "The sound in another layout of channels, mixed down where that has fewer.",
    input: Input::Clip,
    params: &[Param::required("layout", ParamType::Enum(LAYOUTS), "which")],
    examples: &["film | channels(stereo)", "voice | channels(5.1)"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (audio, ty) = call.audio()?;
    let layout = call.args.text("layout")?.to_owned();
    let channels = match layout.as_str() {
        "mono" => 1,
        "stereo" => 2,
        "5.1" => 6,
        _ => 8,
    };
    let span = call.span;
    let audio = call.graph().resample(
        audio,
        &AudioType {
            channels,
            layout,
            ..ty
        },
        span,
    );
    call.with_audio(audio)
}
