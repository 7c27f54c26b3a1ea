//! The content keys of stages.

mod common;

use vidc_compiler::Options;

/// The key of the stage that writes an output.
fn key_of(output: &str, recipe: &str) -> String {
    let (compiled, _) = common::compiled(recipe, &Options::default(), common::facts());
    let stages = compiled.expect("the recipe compiles").plan.stages;
    let writes_output = |stage: &&vidc_compiler::plan::Stage| {
        stage
            .run
            .outputs
            .iter()
            .any(|written| written.name() == Some(output))
    };
    let stage = stages.iter().find(writes_output);
    stage.expect("a stage writes the output").key.clone()
}

#[test]
fn unrelated_earlier_stages_do_not_change_the_key() {
    let cut = "output(\"cut.mp4\", from: long | trim(9s..51s))";
    let inputs = "input talk = \"talk.mp4\"\ninput long = \"long.mp4\"";
    for clip in [
        "talk | loudness(-16LUFS)",
        "long | trim(9s..51s) | loudness(-16LUFS)",
    ] {
        let output = format!("output(\"a.mp4\", from: {clip})");
        let alone = key_of("a.mp4", &format!("{inputs}\n{output}"));
        let after_another = key_of("a.mp4", &format!("{inputs}\n{cut}\n{output}"));
        assert_eq!(alone, after_another, "{clip}");
    }
}
