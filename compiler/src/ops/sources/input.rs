use crate::call::Call;
use crate::catalogue::{Param, ParamType};
use crate::ops::{Group, Input, Operation};
use crate::value::Value;

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "input",
    group: Group::Sources,
    summary: "A media file, named in place rather than by an `input` statement.",
    input: Input::Nothing,
    params: &[Param::required(
        "file",
        ParamType::Path,
        "path of the file, relative to the recipe",
    )],
    examples: &["let main = concat([input(\"a.mp4\"), input(\"b.mp4\")])"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let file = call.args.text("file")?.to_owned();
    let at = call.arg_span("file");
    call.media(&file, at).map(Value::Clip)
}
