//! What is estimated of recipes: more work takes more. The figures themselves are compared with what rendering takes by
//! `benches/estimates.py`.

mod common;

use vidc_compiler::cost::{Bottleneck, Estimate, Rates, estimate};
use vidc_compiler::{Compiled, Options, PassId};

fn compiled(recipe: &str) -> Compiled {
    let (compiled, diagnostics) = common::compiled(recipe, &Options::default(), common::facts());
    let told: Vec<&str> = diagnostics.iter().map(|d| d.message.as_str()).collect();
    assert!(compiled.is_some(), "{told:#?}");
    compiled.expect("it compiles")
}

/// What an output of a clip of `talk.mp4` (10 s of 1280x720) is estimated to take.
fn of(clip: &str) -> Estimate {
    with(clip, "h264(preset: medium)")
}

fn with(clip: &str, video: &str) -> Estimate {
    let recipe =
        format!("input talk = \"talk.mp4\"\noutput(\"a.mp4\", from: {clip}, video: {video}, audio: none)");
    compiled(&recipe).estimate
}

#[track_caller]
fn times(less: f64, more: f64, factor: std::ops::Range<f64>) {
    assert!(
        factor.contains(&(more / less)),
        "{more} is {} × {less}",
        more / less
    );
}

#[test]
fn twice_the_length_takes_twice_as_much() {
    let (short, long) = (of("talk | trim(0s..4s)"), of("talk | trim(0s..8s)"));
    times(short.cpu, long.cpu, 1.7..2.05);
    times(short.wall, long.wall, 1.7..2.05);
    times(short.bytes as f64, long.bytes as f64, 1.7..2.05);
    let loops = of("concat([talk, talk, talk])");
    times(of("talk").cpu, loops.cpu, 2.5..3.3);
}

#[test]
fn a_seek_saves_the_decoding_of_what_is_before() {
    let recipe =
        "input long = \"long.mp4\"\noutput(\"a.mp4\", from: long | trim(50s..52s), video: h264(crf: 20))";
    let with = compiled(recipe).estimate;
    let without = Options {
        without_passes: [PassId::SeekPushdown].into(),
        ..Options::default()
    };
    let (compiled, _) = common::compiled(recipe, &without, common::facts());
    times(with.cpu, compiled.unwrap().estimate.cpu, 1.2..20.0);
}

#[test]
fn fewer_pixels_take_less() {
    let (whole, quarter) = (of("talk"), of("talk | scale(640x360)"));
    times(quarter.cpu, whole.cpu, 1.8..4.0);
    times(quarter.bytes as f64, whole.bytes as f64, 1.5..4.0);
}

#[test]
fn only_what_is_shown_is_drawn() {
    let plain = of("talk").cpu;
    let shown = |window: &str| of(&format!("talk | text(\"Hi\"{window})")).cpu - plain;
    times(shown(", during: 2s..4s"), shown(""), 3.0..6.0);
}

#[test]
fn a_copy_takes_next_to_nothing() {
    let copied = compiled("input talk = \"talk.mp4\"\noutput(\"a.mkv\", from: talk)").estimate;
    assert_eq!(copied.stages[0].bottleneck, Bottleneck::Overhead);
    times(copied.cpu, of("talk").cpu, 10.0..1000.0);
    let long = "input long = \"long.mp4\"\noutput(\"a.mp4\", from: long | text(\"Hi\", during: 31s..33s))";
    let joined = compiled(long);
    assert!(joined.plan.joins_packets());
    let whole = compiled(
        &long
            .replace(")\n", "\n")
            .replace("33s))", "33s), video: h264(crf: 21))"),
    );
    times(joined.estimate.cpu, whole.estimate.cpu, 4.0..100.0);
}

#[test]
fn presets_and_qualities_count() {
    let fast = with("talk", "h264(preset: veryfast)");
    let slow = with("talk", "h264(preset: veryslow)");
    times(fast.cpu, slow.cpu, 3.0..30.0);
    let (fine, coarse) = (with("talk", "h264(crf: 18)"), with("talk", "h264(crf: 30)"));
    times(coarse.bytes as f64, fine.bytes as f64, 3.0..5.0);
    times(of("talk").cpu, with("talk", "h265").cpu, 1.2..10.0);
}

#[test]
fn sound_is_as_large_as_it_is_told() {
    let recipe = "input song = \"song.mp3\"\noutput(\"a.m4a\", from: song, audio: aac(bitrate: 128k))";
    let bytes = compiled(recipe).estimate.bytes;
    times(20.0 * 16_000.0, bytes as f64, 0.95..1.05);
    let raw = compiled(
        &recipe
            .replace("a.m4a", "a.wav")
            .replace("aac(bitrate: 128k)", "pcm"),
    );
    times(20.0 * 44_100.0 * 4.0, raw.estimate.bytes as f64, 0.95..1.05);
}

#[test]
fn what_is_looped_is_decoded_as_long_as_it_is_heard() {
    let recipe = |length: &str| {
        format!("input song = \"song.mp3\"\noutput(\"a.wav\", from: song | loop | trim(0s..{length}))")
    };
    let decoded = |length: &str| compiled(&recipe(length)).plan.stages[0].work.decoded["mp3"].units;
    times(decoded("30s"), decoded("60s"), 1.9..2.1);
}

#[test]
fn filters_on_one_thread_are_told_from_encoding() {
    // A dear filter before a cheap encoder.
    let text = "text(\"Hi\") | ".repeat(20);
    let clip = format!("talk | {}scale(64x36)", text);
    let bound = with(&clip, "h264(preset: ultrafast)");
    let stage = bound.stages[0];
    assert_eq!(stage.bottleneck, Bottleneck::FilterGraph);
    assert!(
        stage.parallel_saving() > 0.2 * stage.wall && stage.filter_seconds <= stage.wall,
        "{stage:?}"
    );
    let encoding = of("talk").stages[0];
    assert_eq!(
        (encoding.bottleneck, encoding.parallel_saving()),
        (Bottleneck::Cpu, 0.0)
    );
}

#[test]
fn more_processors_take_less_time_and_no_less_work() {
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
    times(on(4).wall, on(1).wall, 2.0..4.0);
    assert_eq!(on(1).cpu, on(4).cpu);
}

#[test]
fn work_is_no_part_of_the_key_and_travels_with_the_plan() {
    let plan = compiled("input talk = \"talk.mp4\"\noutput(\"a.mp4\", from: talk | text(\"Hi\"))").plan;
    let text = serde_json::to_string(&plan).unwrap();
    let read: vidc_compiler::plan::Plan = serde_json::from_str(&text).unwrap();
    // The last digit of a number may be lost on the way.
    let by = |plan| estimate(plan, &Rates::default());
    times(by(&read).cpu, by(&plan).cpu, 0.999..1.001);
    assert_eq!(by(&read).bytes / 10, by(&plan).bytes / 10);
    assert_eq!(read.stages[0].key, plan.stages[0].key);
    assert_eq!(read.stages[0].run, plan.stages[0].run);
    // A plan of before there were estimates.
    let mut older: serde_json::Value = serde_json::from_str(&text).unwrap();
    older["stages"][0].as_object_mut().unwrap().remove("work");
    let older: vidc_compiler::plan::Plan = serde_json::from_value(older).unwrap();
    assert_eq!(older.stages[0].key, plan.stages[0].key);
    assert!(estimate(&older, &Rates::default()).wall >= 0.0);
}
