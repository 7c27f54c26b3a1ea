//! Recipes whose result once depended on a pass.

use super::bench::Bench;

/// Asserts that a recipe renders the same with all passes and with none.
#[track_caller]
fn same(recipe: &str) {
    assert_eq!(
        Bench::stocked().differences(recipe, "all passes", &[]),
        Ok(Some(String::new())),
        "{recipe}"
    );
}

/// `overlay` tells its end as the time of its last frame, and a change of rate behind it lost that frame.
#[test]
fn the_last_frame_of_an_encoded_part() {
    same(
        r#"
input main = "main.mp4"
output("out.mp4", from: main | overlay(main, during: 1.44s..1.8s))
output("out.mkv", from: main | overlay(main, during: 1.44s..1.8s) | fps(50) | trim(1.48s..3s), video: h264(crf: 0), audio: pcm)
"#,
    );
}

/// There, FFmpeg moves times by whole frames and packets.
#[test]
fn a_cut_of_avi() {
    same(
        r#"
input film = "film.avi"
output("out.wav", from: film | trim(0.2085s..2s))
output("out.mkv", from: film | trim(0.2085s..2s), video: h264(crf: 0), audio: pcm)
"#,
    );
}

/// The cut was between two frames of what is drawn, and nothing was drawn until its next one.
#[test]
fn a_cut_through_an_overlay_of_another_rate() {
    same(
        r#"
input main = "main.mp4"
output("out.mkv", from: main | overlay(main | fps(15)) | trim(0.5s..1s), video: h264(crf: 0), audio: pcm)
"#,
    );
}

/// A part that held the sound began with the encoder's priming there.
#[test]
fn a_cut_into_matroska() {
    same(
        r#"
input main = "main.mp4"
output("out.mkv", from: main | trim(1.2s..4s))
"#,
    );
}

/// Rounded up to a microsecond, its end let one frame more in.
#[test]
fn a_cut_to_the_end_of_a_frame() {
    same(
        r#"
input mono = "mono.mp4"
output("out.mkv", from: mono | trim(0.5005s..1.0344s), video: h264(crf: 0))
"#,
    );
}

/// Times were a tick early: a sample was lost, and a frame where ticks are frames.
#[test]
fn cuts_of_cuts() {
    same(
        r#"
input song = "song.flac"
input main = "main.mp4"
output("out.wav", from: song | trim(0.68s..1.2s) | trim(0.5s..))
output("out.mkv", from: main | fps(25) | trim(0.68s..2s) | trim(0.68s..), video: h264(crf: 0), audio: pcm)
"#,
    );
}

/// The encoder's delay counted as length, and the result was taken for too short.
#[test]
fn an_mp3_as_it_is() {
    same("output(\"out.wav\", from: input(\"song.mp3\"))\n");
}
