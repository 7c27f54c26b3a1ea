//! Golden explanations and shell scripts of recipes.

mod common;

use vidc_compiler::cost::Rate;
use vidc_compiler::facts::Facts;
use vidc_compiler::time::Time;
use vidc_compiler::{Bindings, GraphStage, Options, PassId, emit, graph_text};

fn plan(text: &str) -> String {
    plan_by(text, common::facts())
}

fn plan_by(text: &str, facts: Facts) -> String {
    let (compiled, diagnostics) = common::compiled(text, &Options::default(), facts);
    let messages: Vec<String> = diagnostics
        .sorted()
        .iter()
        .map(|d| format!("{}: {}", d.code.id, d.message))
        .collect();
    assert!(compiled.is_some(), "{messages:#?}");
    let Some(compiled) = compiled else {
        return String::new();
    };
    format!(
        "{}\n---\n{}\n---\n{}\n---\n{}",
        text.trim(),
        messages.join("\n"),
        unestimated(&compiled.explanation),
        emit::shell(&compiled.plan, &common::facts())
    )
}

/// An explanation without its estimates, which change whenever rates are measured again.
fn unestimated(explanation: &str) -> String {
    let lines = explanation.lines();
    let kept = lines.filter(|line| !line.starts_with("     about ") && !line.starts_with("  total: about "));
    kept.map(|line| format!("{line}\n")).collect()
}

/// Forty clips, each a second from a different place in a file.
#[test]
fn many_clips_are_opened_in_batches() {
    let clips: Vec<String> = (0..40)
        .map(|n| format!("long | trim({n}s..{}s)", n + 1))
        .collect();
    let recipe = format!(
        "input long = \"long.mp4\"\noutput(\"a.mp4\", from: concat([{}]) | grayscale)",
        clips.join(", ")
    );
    let (compiled, _) = common::compiled(&recipe, &Options::default(), common::facts());
    let compiled = compiled.unwrap();
    let stages = compiled.plan.stages.iter().map(|stage| {
        let outputs: Vec<&str> = stage
            .run
            .outputs
            .iter()
            .map(|output| output.muxer.as_str())
            .collect();
        format!(
            "{}: {} inputs, to {}\n",
            stage.title,
            stage.run.inputs.len(),
            outputs.join(", ")
        )
    });
    let reports = compiled
        .explanation
        .lines()
        .filter(|line| line.contains("input-batching:"));
    let reports = reports.map(|line| format!("{}\n", line.trim()));
    insta::assert_snapshot!(format!(
        "{}{}",
        reports.collect::<String>(),
        stages.collect::<String>()
    ));
}

/// The most files that a stage of a recipe opens, and the reports of the pass `input-batching`.
fn most_opened(recipe: &str, facts: Facts) -> (usize, String) {
    let (compiled, _) = common::compiled(recipe, &Options::default(), facts);
    let compiled = compiled.expect("the recipe compiles");
    let opened = compiled.plan.stages.iter().map(|stage| stage.run.inputs.len());
    let reports = compiled
        .explanation
        .lines()
        .filter(|line| line.contains("input-batching:"));
    (opened.max().unwrap_or_default(), reports.collect())
}

/// Twenty hours in clips of half an hour.
#[test]
fn long_audio_is_not_materialized() {
    let mut facts = common::facts();
    if let Some(Ok(song)) = facts.media.get_mut("song.mp3") {
        song.duration = Some(Time::seconds(1800));
        song.streams[0].duration = song.duration;
    }
    let recipe = format!(
        "input song = \"song.mp3\"\noutput(\"a.flac\", from: concat([{}]))",
        ["song"; 40].join(", ")
    );
    assert_eq!(most_opened(&recipe, facts), (40, String::new()));
}

/// Video and audio of the first clip are copied; the clips after it are too short for that.
#[test]
fn audio_encoded_after_copied_packets_is_rendered_in_batches() {
    let short = |n: u32| format!("long | trim({}ms..{}ms)", 100 * n + 20, 100 * n + 520);
    let clips: Vec<String> = (0..300).map(short).collect();
    let recipe = format!(
        "input long = \"long.mp4\"\noutput(\"a.mp4\", from: concat([long, {}]))",
        clips.join(", ")
    );
    let (most, report) = most_opened(&recipe, common::facts());
    assert!(most <= 160, "{most} files, {report}");
    assert!(report.contains("`a.mp4`: audio"), "{report}");
}

macro_rules! plans {
    ($($name:ident: $recipe:literal)*) => {
        $(#[test] fn $name() { insta::assert_snapshot!(plan($recipe)); })*
    };
}

/// On a machine where `hue` takes far longer than encoding.
#[test]
fn filter_bound_video_is_encoded_in_parallel_segments() {
    let mut facts = common::facts();
    let slow = Rate {
        per_unit: 1.0,
        serial_share: 1.0,
        ..Rate::default()
    };
    facts.rates.filters.insert("hue".to_owned(), slow);
    insta::assert_snapshot!(plan_by(
        r#"
input long = "long.mp4"
output("a.mp4", from: long | grayscale)"#,
        facts
    ));
}

#[test]
fn unfiltered_video_is_not_encoded_in_parallel_segments() {
    let mut facts = common::facts();
    // As if encoding took so long that parallel segments would save much.
    let slow = Rate {
        per_unit: 1.0,
        serial_share: 1.0,
        ..Rate::default()
    };
    facts.rates.encoders.insert("libx264 medium".to_owned(), slow);
    insta::assert_snapshot!(plan_by(
        r#"
input long = "long.mp4"
output("a.mp4", from: long | volume(-6dB))"#,
        facts
    ));
}

plans! {
    nothing_to_do_is_a_copy: r#"
input talk = "talk.mp4"
output("a.mkv", from: talk)"#

    a_title_leaves_the_rest_unchanged: r#"
input long = "long.mp4"
output("a.mp4", from: long | text("Hi", during: 31s..33s))"#

    a_long_cut_is_encoded_at_its_ends: r#"
input long = "long.mp4"
output("a.mp4", from: long | trim(9s..51s))"#

    compatible_clips_are_joined_and_others_converted: r#"
input long = "long.mp4"
input film = "film.avi"
output("a.mp4", from: concat([long, film, long], transition: xfade(fade, duration: 1s)))"#

    frames_are_dropped_before_filters_and_repeated_after: r#"
input talk = "talk.mp4"
let few = talk | scale(320x180) | flip(vertical) | fps(5)
let many = talk | fps(50) | grayscale
output("a.mp4", from: concat([few, many]), video: h264(crf: 20))"#

    audio_is_joined_by_packets: r#"
input long = "long.mp4"
output("a.mp4", from: concat([long | trim(9s..51s), long]))"#

    settings_ask_for_a_full_encode: r#"
input long = "long.mp4"
output("a.mp4", from: long | trim(9s..51s), video: h264(crf: 20))"#

    audio_edits_copy_the_video: r#"
input talk = "talk.mp4"
output("a.mp4", from: talk | volume(-6dB))"#

    video_edits_copy_the_audio: r#"
input talk = "talk.mp4"
output("a.mp4", from: talk | grayscale)"#

    a_cut_is_a_seek: r#"
input talk = "talk.mp4"
output("a.mp4", from: talk | trim(5s..8s))"#

    a_title_in_a_cut_keeps_its_timestamps: r#"
input talk = "talk.mp4"
output("a.mp4", from: talk | text("Hi", during: 4s..6s) | mute | trim(5s..8s))"#

    clips_of_all_kinds_are_joined: r#"
input talk = "talk.mp4"
input phone = "phone.mp4"
input film = "film.avi"
input silent = "silent.mp4"
output("a.mp4", from: concat([talk, phone, film, silent]))"#

    transitions_overlap_video_and_audio: r#"
input talk = "talk.mp4"
input film = "film.avi"
output("a.mp4", from: concat([talk, film, talk], transition: xfade(wipeleft, duration: 1s)))"#

    a_logo_is_one_frame: r#"
input talk = "talk.mp4"
output("a.mp4", from: talk | overlay(image("logo.png") | scale(width: 50px), position: top-right, margin: 10px, opacity: 0.5))"#

    an_inset_starts_when_it_appears: r#"
input talk = "talk.mp4"
input phone = "phone.mp4"
output("a.mp4", from: talk | pip(phone, during: 2s..5s, border: 2px, audio: mix, volume: -6dB))"#

    music_is_ducked_and_loudness_is_measured_first: r#"
input talk = "talk.mp4"
input song = "song.mp3"
output("a.mp4", from: talk | mix(song, volume: -12dB, duck: 10dB, loop: true) | loudness(-16LUFS))"#

    soft_subtitles_leave_the_video_unchanged: r#"
input talk = "talk.mp4"
output("a.mkv", from: talk | subtitles("talk.srt", mode: soft, language: "eng"))"#

    outputs_share_common_stages: r#"
input talk = "talk.mp4"
let main = talk | fade(in: 1s)
output("a.mp4", from: main)
output("a.webm", from: main)
output("a.png", from: main, video: frame(at: 3s))"#

    still_images_are_held: r#"
let main = concat([image("logo.png", duration: 2s), image("logo.png", duration: 1s)], size: 320x240)
output("a.gif", from: main)"#
}

/// The recipe and its graph at some stages of the compilation.
fn graphs(text: &str, stages: &[GraphStage]) -> String {
    let options = Options::default();
    let (sources, recipe, facts, diagnostics) = common::prepared(text, &options, common::facts());
    assert!(!diagnostics.has_errors());
    let mut out = text.trim().to_owned();
    for stage in stages {
        let graph = graph_text(&recipe, &Bindings::default(), &facts, &options, *stage, &sources);
        out.push_str(&format!(
            "\n\n--- {stage:?}\n{}",
            graph.expect("the recipe compiles")
        ));
    }
    out
}

#[test]
fn graphs_are_printed_before_and_after_passes() {
    let recipe = r#"
input talk = "talk.mp4"
input logo = "logo.png"
let part = talk | trim(2s..7s) | scale(640x360) | fps(10)
output("a.mp4", from: part | overlay(logo, during: 1s..2s) | fade(in: 1s), video: h264(crf: 20))
output("b.wav", from: talk)"#;
    let stages = [
        GraphStage::Checked,
        GraphStage::After(PassId::SeekPushdown),
        GraphStage::Optimized,
    ];
    insta::assert_snapshot!(graphs(recipe, &stages));
}

#[test]
fn graphs_show_segments_of_tracks() {
    let recipe = r#"
input long = "long.mp4"
output("a.mp4", from: concat([long | trim(9s..51s), long]) | text("Hi", during: 31s..33s))"#;
    insta::assert_snapshot!(graphs(recipe, &[GraphStage::Optimized]));
}
