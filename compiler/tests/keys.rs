//! What the content keys of stages depend on, and what they do not.

mod common;

use vidc_compiler::Options;

/// The key of the stage that makes an output.
fn key_of(output: &str, recipe: &str) -> String {
    let (compiled, _) = common::compiled(recipe, &Options::default(), common::facts());
    let stages = compiled.expect("it compiles").plan.stages;
    let made = |stage: &&vidc_compiler::plan::Stage| {
        stage.run.outputs.iter().any(|made| made.name() == Some(output))
    };
    stages.iter().find(made).expect("the output is made").key.clone()
}

#[test]
fn stages_before_it_that_it_does_not_use_do_not_count() {
    let cut = "output(\"cut.mp4\", from: long | trim(9s..51s))";
    let inputs = "input talk = \"talk.mp4\"\ninput long = \"long.mp4\"";
    for clip in [
        "talk | loudness(-16LUFS)",
        "long | trim(9s..51s) | loudness(-16LUFS)",
    ] {
        let output = format!("output(\"a.mp4\", from: {clip})");
        let alone = key_of("a.mp4", &format!("{inputs}\n{output}"));
        let behind = key_of("a.mp4", &format!("{inputs}\n{cut}\n{output}"));
        assert_eq!(alone, behind, "{clip}");
    }
}
