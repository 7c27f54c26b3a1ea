//! Recipes for which passes once made a difference.

use super::bench::Bench;

/// Asserts that a recipe comes out the same with all passes and with none.
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
