//! Pictures that are copied in part: the frames are those of a full encode, and most packets are the file's own.

use std::collections::BTreeSet;
use std::path::Path;

use vidc_tests::media::{complaints, decode, packets, probe, stream};
use vidc_tests::picture::numbers;

use super::studio;

/// A hundred frames with a keyframe at every fifteenth.
const SOURCE: &str = "groups.mp4";

/// How many of a file's packets are the source's, together with the keyframes before them: those are the source's with
/// parameter sets in front.
fn copied(made: &Path, source: &Path) -> usize {
    let known: BTreeSet<String> = packets(source).into_iter().map(|(hash, _)| hash).collect();
    let mut count = 0;
    let mut before = None;
    for (hash, key) in packets(made) {
        let same = known.contains(&hash);
        if same {
            count += 1 + usize::from(before == Some(false));
        }
        before = key.then_some(same);
    }
    count
}

fn counted(range: std::ops::Range<i64>) -> Vec<i64> {
    range.collect()
}

#[test]
fn the_middle_of_a_cut_is_copied() {
    let studio = studio(&[SOURCE]);
    for (cut, frames, middle) in [
        ("0.4s..3.4s", counted(10..85), 60),
        ("0.6s..4s", counted(15..100), 85),
        ("..3.6s", counted(0..90), 90),
        ("0.68s..0.92s", counted(17..23), 0),
    ] {
        studio.render(&format!(
            "output(\"out.mp4\", from: input(\"{SOURCE}\") | trim({cut}))"
        ));
        let made = studio.path("out.mp4");
        assert_eq!(numbers(&made), frames, "{cut}");
        assert_eq!(copied(&made, &studio.path(SOURCE)), middle, "{cut}");
        assert_eq!(complaints(&made), "", "{cut}");
    }
}

#[test]
fn around_a_title_all_is_copied() {
    let studio = studio(&[SOURCE]);
    for name in ["out.mp4", "out.mkv", "out.mov"] {
        studio.render(&format!(
            "output(\"{name}\", from: input(\"{SOURCE}\") | text(\"x\", size: 3px, position: top-left, margin: 0px, during: 1.9s..2.1s))"
        ));
        let made = studio.path(name);
        assert_eq!(numbers(&made), counted(0..100), "{name}");
        assert_eq!(copied(&made, &studio.path(SOURCE)), 85, "{name}");
        assert_eq!(complaints(&made), "", "{name}");
    }
}

#[test]
fn clips_that_fit_are_joined_without_encoding() {
    let studio = studio(&[SOURCE]);
    studio.render(&format!(
        "let clip = input(\"{SOURCE}\")\n\noutput(\"out.mp4\", from: concat([clip, clip]))"
    ));
    let made = studio.path("out.mp4");
    assert_eq!(numbers(&made), [counted(0..100), counted(0..100)].concat());
    assert_eq!(copied(&made, &studio.path(SOURCE)), 200);
    assert_eq!(stream(&probe(&made), "video")["codec_tag_string"], "avc1");
}

#[test]
fn exact_and_settings_encode_everything() {
    let studio = studio(&[SOURCE]);
    let cut = format!("from: input(\"{SOURCE}\") | trim(0.4s..3.4s)");
    studio
        .run(&format!("output(\"out.mp4\", {cut})"), &["--exact"])
        .expect(0);
    assert_eq!(copied(&studio.path("out.mp4"), &studio.path(SOURCE)), 0);
    studio.render(&format!("output(\"out.mp4\", {cut}, video: h264(crf: 18))"));
    assert_eq!(copied(&studio.path("out.mp4"), &studio.path(SOURCE)), 0);
}

/// Its keyframes are none that decoding can begin with, which no header tells.
#[test]
fn what_does_not_decode_is_encoded_as_a_whole() {
    let studio = studio(&["refreshed.mp4"]);
    let said = studio
        .run(
            "output(\"out.mp4\", from: input(\"refreshed.mp4\") | trim(0.4s..3.4s))",
            &[],
        )
        .expect(0)
        .stderr;
    assert!(said.contains("the picture is encoded as a whole"), "{said}");
    let made = studio.path("out.mp4");
    assert_eq!(numbers(&made), counted(10..85));
    assert_eq!(copied(&made, &studio.path("refreshed.mp4")), 0);
    assert_eq!(complaints(&made), "");
}

/// The samples of a file's sound, with a filter.
fn samples(path: &Path, filter: &str) -> Vec<f32> {
    let bytes = decode(path, &["-vn", "-af", filter, "-f", "f32le"]);
    let sample = |four: &[u8]| f32::from_le_bytes([four[0], four[1], four[2], four[3]]);
    bytes.chunks_exact(4).map(sample).collect()
}

#[test]
fn the_sound_of_a_cut_begins_at_its_very_sample() {
    let studio = studio(&["swept.mp4"]);
    for (name, from, to) in [
        ("out.mp4", 1.24, 3.88),
        ("out.mov", 0.04, 3.88),
        ("first.mp4", 0.0, 3.0),
    ] {
        studio.render(&format!(
            "output(\"{name}\", from: input(\"swept.mp4\") | trim({from}s..{to}s))"
        ));
        let made = samples(&studio.path(name), "anull");
        let cut = format!("atrim={from}:{to},asetpts=PTS-STARTPTS");
        let expected = samples(&studio.path("swept.mp4"), &cut);
        // Two channels; the last packet is whole.
        let more = made.len() as i64 - expected.len() as i64;
        assert!((0..2 * 1024).contains(&more), "{name}: {more} samples more");
        let furthest = made
            .iter()
            .zip(&expected)
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f32::max);
        assert!(furthest < 0.001, "{name}: {furthest}");
    }
    // Encoded again, it would not be the same.
    studio
        .run(
            "output(\"again.mp4\", from: input(\"swept.mp4\") | trim(1.24s..3.88s))",
            &["--no-pass", "sound-cut"],
        )
        .expect(0);
    let (again, copied) = (
        samples(&studio.path("again.mp4"), "anull"),
        samples(&studio.path("out.mp4"), "anull"),
    );
    assert_ne!(again[..48_000], copied[..48_000]);
}
