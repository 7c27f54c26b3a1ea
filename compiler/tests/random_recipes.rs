//! Property tests: any recipe compiles to diagnostics, or to a plan whose filter graphs are complete. Every link is written
//! once and read once, and every input that is referred to exists.

mod common;

use std::collections::{BTreeSet, HashMap};

use proptest::prelude::*;
use vidc_compiler::plan::{Pad, Plan, Stage, TrackSource};
use vidc_compiler::{Options, PassId};
use vidc_dsl::Diagnostics;

/// A clip from files or from smaller clips.
fn clip() -> impl Strategy<Value = String> {
    let sources = [
        "talk",
        "phone",
        "film",
        "silent",
        "song",
        "logo",
        "color(teal, size: 320x240, duration: 3s)",
        "image(\"logo.png\", duration: 2s)",
        "silence(1s)",
    ];
    let leaf = proptest::sample::select(sources.to_vec()).prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            (inner.clone(), stage(inner.clone())).prop_map(|(clip, stage)| format!("({clip}) | {stage}")),
            (inner.clone(), stage(inner.clone())).prop_map(|(clip, stage)| format!("({clip}) | {stage}")),
            (proptest::collection::vec(inner, 1..4), transition())
                .prop_map(|(clips, transition)| format!("concat([{}]{transition})", clips.join(", "))),
        ]
    })
}

fn transition() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "",
        "",
        ", transition: xfade(fade, duration: 500ms)",
        ", fit: blur",
        ", size: 641x361",
        ", fps: 30000/1001",
    ])
}

/// An operation with an input; some take another clip.
fn stage(other: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let alone = proptest::sample::select(vec![
        "trim(1s..2.5s)",
        "trim(500ms..)",
        "trim(0s..3s)",
        "trim(33f..70f)",
        "fit(640x360, mode: blur)",
        "fit(360x640, mode: cover)",
        "scale(width: 50%)",
        "crop(100x100)",
        "pad(2000x2000)",
        "rotate(90deg)",
        "rotate(7deg)",
        "flip(vertical)",
        "fps(24)",
        "speed(2)",
        "speed(0.4)",
        "fade(in: 300ms, out: 200ms)",
        "delay(300ms)",
        "delay(-200ms)",
        "delay(400ms, track: both)",
        "loop(count: 2)",
        "grayscale",
        "opacity(50%)",
        "text(\"Hi\", during: 1s..2s)",
        "text(\"Hi\")",
        "subtitles(\"talk.srt\")",
        "subtitles(\"talk.srt\", mode: soft)",
        "cues([{during: 0s..1s, text: \"a\"}])",
        "volume(-3dB)",
        "volume(0dB)",
        "mute",
        "loudness",
        "trim(0s..1s)",
    ]);
    let with = proptest::sample::select(vec![
        "overlay(X)",
        "overlay(X, during: 1s..2s, audio: mix)",
        "overlay(X, opacity: 0.5, position: bottom-right)",
        "pip(X, during: 500ms..2s, border: 3px)",
        "pip(X, audio: mix, volume: -6dB, fit: blur)",
        "mix(X)",
        "mix(X, loop: true, duck: 9dB)",
        "mix(X, start: 1s, fade-in: 200ms, fade-out: 200ms)",
        "replace-audio(X)",
        "replace-audio(X, fit: loop)",
        "duck(under: X)",
        "mix(X, duration: longest)",
    ]);
    prop_oneof![
        alone.prop_map(str::to_owned),
        (with, other).prop_map(|(stage, other)| stage.replace('X', &format!("({other})"))),
    ]
}

fn recipe() -> impl Strategy<Value = String> {
    let output = proptest::sample::select(vec![
        "output(\"N.mp4\", from: main)",
        "output(\"N.mkv\", from: main | trim(1s..1.5s))",
        "output(\"N.mp3\", from: main)",
        "output(\"N.gif\", from: main)",
        "output(\"N.avi\", from: main)",
        "output(\"N.png\", from: main, video: frame(at: 1s))",
        "output(\"N.webm\", from: main | volume(-2dB))",
        "output(\"N.mp4\", from: main | trim(..4s), video: h264(crf: 30))",
    ]);
    (clip(), proptest::collection::vec(output, 1..4)).prop_map(|(clip, outputs)| {
        let mut text = String::from(
            "input talk = \"talk.mp4\"\ninput phone = \"phone.mp4\"\ninput film = \"film.avi\"\n\
             input silent = \"silent.mp4\"\ninput song = \"song.mp3\"\ninput logo = \"logo.png\"\n",
        );
        text.push_str(&format!("let main = {clip}\n"));
        for (number, output) in outputs.iter().enumerate() {
            text.push_str(&output.replace('N', &format!("out{number}")));
            text.push('\n');
        }
        text
    })
}

fn compiled(text: &str, options: &Options) -> (Option<Plan>, Diagnostics) {
    let (compiled, diagnostics) = common::compiled(text, options, common::facts());
    (compiled.map(|compiled| compiled.plan), diagnostics)
}

fn assert_complete(stage: &Stage) {
    let mut written: HashMap<u32, usize> = HashMap::new();
    let mut used: HashMap<u32, usize> = HashMap::new();
    let run = &stage.run;
    for chain in &run.graph.chains {
        assert!(!chain.filters.is_empty());
        for pad in &chain.inputs {
            match pad {
                Pad::Stream { input, .. } => assert!(*input < run.inputs.len()),
                Pad::Link(link) => *used.entry(*link).or_default() += 1,
            }
        }
        for link in &chain.outputs {
            *written.entry(*link).or_default() += 1;
        }
    }
    for track in run.outputs.iter().flat_map(|output| &output.tracks) {
        match track.source {
            TrackSource::Stream { input, .. } => assert!(input < run.inputs.len()),
            TrackSource::Link(link) => *used.entry(link).or_default() += 1,
        }
    }
    assert!(
        written.values().chain(used.values()).all(|count| *count == 1),
        "{written:?} {used:?}"
    );
    let (written, used): (BTreeSet<_>, BTreeSet<_>) = (written.keys().collect(), used.keys().collect());
    assert_eq!(
        written, used,
        "links are written that nothing reads, or the other way round"
    );
    let read: BTreeSet<usize> = (0..run.inputs.len()).collect();
    let named = run
        .graph
        .chains
        .iter()
        .flat_map(|chain| &chain.inputs)
        .filter_map(|pad| match pad {
            Pad::Stream { input, .. } => Some(*input),
            Pad::Link(_) => None,
        });
    let mapped = run
        .outputs
        .iter()
        .flat_map(|output| &output.tracks)
        .filter_map(|track| match track.source {
            TrackSource::Stream { input, .. } => Some(input),
            TrackSource::Link(_) => None,
        });
    assert_eq!(
        named.chain(mapped).collect::<BTreeSet<_>>(),
        read,
        "files are opened that nothing reads"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn every_plan_is_complete(text in recipe()) {
        let (plan, diagnostics) = compiled(&text, &Options::default());
        prop_assert_eq!(plan.is_none(), diagnostics.has_errors(), "{}", text);
        for stage in plan.iter().flat_map(|plan| &plan.stages) {
            assert_complete(stage);
        }
    }

    #[test]
    fn no_pass_changes_the_expected_durations(text in recipe()) {
        let (with, _) = compiled(&text, &Options::default());
        for pass in PassId::ALL {
            let without_passes = BTreeSet::from([pass]);
            let (without, _) = compiled(&text, &Options { without_passes, ..Options::default() });
            let durations = |plan: &Option<Plan>| {
                let outputs = plan.iter().flat_map(|plan| &plan.stages).flat_map(|stage| &stage.run.outputs);
                let named = outputs.filter_map(|output| Some((output.name()?.to_owned(), output.expected.duration)));
                named.collect::<BTreeSet<_>>()
            };
            for stage in without.iter().flat_map(|plan| &plan.stages) {
                assert_complete(stage);
            }
            prop_assert_eq!(durations(&with), durations(&without), "{} in\n{}", pass, text);
        }
    }
}
