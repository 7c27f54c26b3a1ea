//! Estimates of recipes: more work costs more. `benches/estimates.py` compares estimates with the cost of rendering.

mod common;

use vidc_compiler::cost::{Bottleneck, Estimate, Rates, estimate};
use vidc_compiler::{Compiled, Options, PassId};

fn compiled(recipe: &str) -> Compiled {
    let (compiled, diagnostics) = common::compiled(recipe, &Options::default(), common::facts());
    let messages: Vec<&str> = diagnostics.iter().map(|d| d.message.as_str()).collect();
    assert!(compiled.is_some(), "{messages:#?}");
    compiled.expect("the recipe compiles")
}

/// The estimate of an output from a clip of `talk.mp4` (10 s of 1280x720).
fn estimate_clip(clip: &str) -> Estimate {
    estimate_encoding(clip, "h264(preset: medium)")
}

fn estimate_encoding(clip: &str, video: &str) -> Estimate {
    let recipe =
        format!("input talk = \"talk.mp4\"\noutput(\"a.mp4\", from: {clip}, video: {video}, audio: none)");
    compiled(&recipe).estimate
}

#[track_caller]
fn assert_factor(less: f64, more: f64, factor: std::ops::Range<f64>) {
    assert!(
        factor.contains(&(more / less)),
        "{more} is {} × {less}",
        more / less
    );
}

#[test]
fn twice_the_duration_costs_twice_as_much() {
    let (short, long) = (
        estimate_clip("talk | trim(0s..4s)"),
        estimate_clip("talk | trim(0s..8s)"),
    );
    assert_factor(short.cpu, long.cpu, 1.7..2.05);
    assert_factor(short.wall, long.wall, 1.7..2.05);
    assert_factor(short.bytes as f64, long.bytes as f64, 1.7..2.05);
    let loops = estimate_clip("concat([talk, talk, talk])");
    assert_factor(estimate_clip("talk").cpu, loops.cpu, 2.5..3.3);
}

#[test]
fn a_seek_saves_decoding() {
    let recipe =
        "input long = \"long.mp4\"\noutput(\"a.mp4\", from: long | trim(50s..52s), video: h264(crf: 20))";
    let with = compiled(recipe).estimate;
    let without = Options {
        without_passes: [PassId::SeekPushdown].into(),
        ..Options::default()
    };
    let (compiled, _) = common::compiled(recipe, &without, common::facts());
    assert_factor(with.cpu, compiled.unwrap().estimate.cpu, 1.2..20.0);
}

#[test]
fn fewer_pixels_cost_less() {
    let (whole, quarter) = (estimate_clip("talk"), estimate_clip("talk | scale(640x360)"));
    assert_factor(quarter.cpu, whole.cpu, 1.8..4.0);
    assert_factor(quarter.bytes as f64, whole.bytes as f64, 1.5..4.0);
}

#[test]
fn text_costs_only_while_it_is_shown() {
    let plain = estimate_clip("talk").cpu;
    let shown = |window: &str| estimate_clip(&format!("talk | text(\"Hi\"{window})")).cpu - plain;
    assert_factor(shown(", during: 2s..4s"), shown(""), 3.0..6.0);
}

#[test]
fn a_stream_copy_costs_next_to_nothing() {
    let copied = compiled("input talk = \"talk.mp4\"\noutput(\"a.mkv\", from: talk)").estimate;
    assert_eq!(copied.stages[0].bottleneck, Bottleneck::Overhead);
    assert_factor(copied.cpu, estimate_clip("talk").cpu, 10.0..1000.0);
    let long = "input long = \"long.mp4\"\noutput(\"a.mp4\", from: long | text(\"Hi\", during: 31s..33s))";
    let joined = compiled(long);
    assert!(joined.plan.joins_packets());
    let whole = compiled(
        &long
            .replace(")\n", "\n")
            .replace("33s))", "33s), video: h264(crf: 21))"),
    );
    assert_factor(joined.estimate.cpu, whole.estimate.cpu, 4.0..100.0);
}

#[test]
fn presets_and_qualities_change_the_estimate() {
    let fast = estimate_encoding("talk", "h264(preset: veryfast)");
    let slow = estimate_encoding("talk", "h264(preset: veryslow)");
    assert_factor(fast.cpu, slow.cpu, 3.0..30.0);
    let (fine, coarse) = (
        estimate_encoding("talk", "h264(crf: 18)"),
        estimate_encoding("talk", "h264(crf: 30)"),
    );
    assert_factor(coarse.bytes as f64, fine.bytes as f64, 3.0..5.0);
    assert_factor(
        estimate_clip("talk").cpu,
        estimate_encoding("talk", "h265").cpu,
        1.2..10.0,
    );
}

#[test]
fn the_audio_bit_rate_decides_the_size() {
    let recipe = "input song = \"song.mp3\"\noutput(\"a.m4a\", from: song, audio: aac(bitrate: 128k))";
    let bytes = compiled(recipe).estimate.bytes;
    assert_factor(20.0 * 16_000.0, bytes as f64, 0.95..1.05);
    let raw = compiled(
        &recipe
            .replace("a.m4a", "a.wav")
            .replace("aac(bitrate: 128k)", "pcm"),
    );
    assert_factor(20.0 * 44_100.0 * 4.0, raw.estimate.bytes as f64, 0.95..1.05);
}

#[test]
fn a_loop_is_decoded_for_its_duration() {
    let recipe = |length: &str| {
        format!("input song = \"song.mp3\"\noutput(\"a.wav\", from: song | loop | trim(0s..{length}))")
    };
    let decoded = |length: &str| compiled(&recipe(length)).plan.stages[0].work.decoded["mp3"].units;
    assert_factor(decoded("30s"), decoded("60s"), 1.9..2.1);
}

#[test]
fn the_bottleneck_is_the_filter_graph_or_the_cpu() {
    // Expensive filters before a cheap encoder.
    let text = "text(\"Hi\") | ".repeat(20);
    let clip = format!("talk | {}scale(64x36)", text);
    let bound = estimate_encoding(&clip, "h264(preset: ultrafast)");
    let stage = bound.stages[0];
    assert_eq!(stage.bottleneck, Bottleneck::FilterGraph);
    assert!(
        stage.parallel_saving() > 0.2 * stage.wall && stage.filter_seconds <= stage.wall,
        "{stage:?}"
    );
    let encoding = estimate_clip("talk").stages[0];
    assert_eq!(
        (encoding.bottleneck, encoding.parallel_saving()),
        (Bottleneck::Cpu, 0.0)
    );
}

#[test]
fn more_processors_reduce_wall_time_but_not_cpu_time() {
    let plan =
        compiled("input talk = \"talk.mp4\"\noutput(\"a.mp4\", from: talk, video: h264(crf: 20))").plan;
    let on = |cores| {
        estimate(
            &plan,
            &Rates {
                cores,
                ..Rates::default()
            },
        )
    };
    assert_factor(on(4).wall, on(1).wall, 2.0..4.0);
    assert_eq!(on(1).cpu, on(4).cpu);
}

#[test]
fn work_is_serialized_with_the_plan_but_is_not_part_of_the_key() {
    let plan = compiled("input talk = \"talk.mp4\"\noutput(\"a.mp4\", from: talk | text(\"Hi\"))").plan;
    let text = serde_json::to_string(&plan).unwrap();
    let read: vidc_compiler::plan::Plan = serde_json::from_str(&text).unwrap();
    // JSON may lose the last digit of a number.
    let by = |plan| estimate(plan, &Rates::default());
    assert_factor(by(&read).cpu, by(&plan).cpu, 0.999..1.001);
    assert_eq!(by(&read).bytes / 10, by(&plan).bytes / 10);
    assert_eq!(read.stages[0].key, plan.stages[0].key);
    assert_eq!(read.stages[0].run, plan.stages[0].run);
    // A plan written without work.
    let mut older: serde_json::Value = serde_json::from_str(&text).unwrap();
    older["stages"][0].as_object_mut().unwrap().remove("work");
    let older: vidc_compiler::plan::Plan = serde_json::from_value(older).unwrap();
    assert_eq!(older.stages[0].key, plan.stages[0].key);
    assert!(estimate(&older, &Rates::default()).wall >= 0.0);
}
