//! `input`: a media file.

use crate::call::Call;
use crate::ops::{Group, Input, Operation};
use crate::param::Param;
use crate::value::Value;

const FILE: Param<String> = Param::path("file", "media file; the path is relative to the recipe");

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "input",
    group: Group::Sources,
    summary: "Open a media file in an expression, without an `input` statement.",
    input: Input::Nothing,
    params: &[FILE.spec],
    examples: &["let main = concat([input(\"a.mp4\"), input(\"b.mp4\")])"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let file = call.get(&FILE);
    let at = call.arg_span(&FILE);
    call.media(&file, at).map(Value::Clip)
}
