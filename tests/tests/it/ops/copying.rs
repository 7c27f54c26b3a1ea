//! Pictures that are copied in part: the frames are those of a full encode, and most packets are the file's own.

use std::collections::BTreeSet;
use std::path::Path;

use vidc_tests::media::{complaints, decode, packets, place, probe, stream};
use vidc_tests::picture::numbers;

use super::studio;

/// A hundred frames with a keyframe at every fifteenth.
const SOURCE: &str = "groups.mp4";

/// How many of a file's packets are the source's, together with the keyframes before them: those are the source's with
/// parameter sets in front.
pub(super) fn copied(made: &Path, source: &Path) -> usize {
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
        // From the keyframe behind its beginning to where the last frames are no longer made from later ones.
        ("0.4s..3.4s", counted(10..85), 65),
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

/// Wherever a clip ends, what is encoded of it before the next fits: FFmpeg takes a frame that stands alone for none, and
/// encoders that have few frames do not know how much ahead they are to be decoded.
#[test]
fn joints_fall_anywhere_between_keyframes() {
    let studio = studio(&[SOURCE]);
    let file = format!("input(\"{SOURCE}\")");
    for last in 45..61 {
        let end = f64::from(last) / 25.0;
        let said = studio
            .run(
                &format!("output(\"out.mp4\", from: concat([{file} | trim(0.6s..{end}s), {file} | trim(0.52s..3.4s)]))"),
                &[],
            )
            .expect(0)
            .stderr;
        assert!(!said.contains("full encode"), "{last}: {said}");
        let made = studio.path("out.mp4");
        let frames = [counted(15..i64::from(last)), counted(13..85)].concat();
        assert_eq!(numbers(&made), frames, "{last}");
        assert_eq!(complaints(&made), "", "{last}");
        let rate = stream(&probe(&made), "video")["avg_frame_rate"].clone();
        assert_eq!(rate, "25/1", "{last}");
    }
}

/// One or two frames before a keyframe are too few for an encoder to reorder, so the next keyframe is taken.
#[test]
fn a_cut_a_frame_before_a_keyframe_is_copied_from_the_next() {
    for source in ["groups.mp4", "groups.mkv"] {
        let studio = studio(&[source]);
        for first in 12..16 {
            let start = first * 40;
            let cut = format!("output(\"out.mp4\", from: input(\"{source}\") | trim({start}ms..3.6s))");
            let said = studio.run(&cut, &[]).expect(0).stderr;
            assert!(!said.contains("full encode"), "{first}: {said}");
            let made = studio.path("out.mp4");
            assert_eq!(numbers(&made), counted(first..90), "{source} {first}");
            let from = if [13, 14].contains(&first) { 30 } else { 15 };
            assert_eq!(copied(&made, &studio.path(source)), 90 - from, "{source} {first}");
        }
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
        assert_eq!(copied(&made, &studio.path(SOURCE)), 83, "{name}");
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

/// Its keyframes are none that decoding can begin with, so nothing is sought, and nothing copied behind a cut.
#[test]
fn pictures_made_anew_little_by_little_are_read_from_the_start() {
    for source in ["refreshed.mp4", "refreshed.mkv"] {
        let studio = studio(&[source]);
        for options in [&[][..], &["--exact"]] {
            let recipe = format!("output(\"out.mp4\", from: input(\"{source}\") | trim(0.4s..3.4s))");
            studio.run(&recipe, options).expect(0);
            let made = studio.path("out.mp4");
            assert_eq!(numbers(&made), counted(10..85), "{source} {options:?}");
            assert_eq!(copied(&made, &studio.path(source)), 0);
            assert_eq!(complaints(&made), "");
        }
        // What begins with the file can be copied.
        studio.render(&format!(
            "output(\"out.mp4\", from: input(\"{source}\") | trim(..3.6s))"
        ));
        let made = studio.path("out.mp4");
        assert_eq!(numbers(&made), counted(0..90), "{source}");
        assert_eq!(copied(&made, &studio.path(source)), 90, "{source}");
    }
}

/// A packet that is damaged is seen before anyone else sees it.
#[test]
fn what_does_not_decode_is_encoded_as_a_whole() {
    let studio = studio(&[SOURCE]);
    let whole = std::fs::read(studio.path(SOURCE)).unwrap();
    let (place, size) = place(&studio.path(SOURCE), 20);
    let mut damaged = whole;
    damaged[place + 5..place + size].fill(0xa5);
    studio.write("damaged.mp4", damaged);
    let said = studio
        .run(
            "output(\"out.mp4\", from: input(\"damaged.mp4\") | trim(0.4s..3.4s))",
            &[],
        )
        .expect(0)
        .stderr;
    assert!(said.contains("falling back to a full encode"), "{said}");
    let made = studio.path("out.mp4");
    let frames = numbers(&made);
    assert_eq!(frames.len(), 75);
    assert_eq!(frames[20..], counted(30..85));
    assert_eq!(copied(&made, &studio.path(SOURCE)), 0);
    assert_eq!(complaints(&made), "");
}

/// HEVC whose parameter sets are not those of what is encoded between.
#[test]
fn around_a_title_hevc_is_copied() {
    let studio = studio(&["ultrafast.mp4"]);
    for name in ["out.mp4", "out.mkv"] {
        let title = "text(\"x\", size: 3px, position: top-left, margin: 0px, during: 1.9s..2.1s)";
        let said = studio
            .run(
                &format!("output(\"{name}\", from: input(\"ultrafast.mp4\") | {title})"),
                &[],
            )
            .expect(0)
            .stderr;
        assert!(!said.contains("full encode"), "{name}: {said}");
        let made = studio.path(name);
        assert_eq!(numbers(&made), counted(0..100), "{name}");
        let copied = copied(&made, &studio.path("ultrafast.mp4"));
        assert!(copied >= 60, "{name}: {copied}");
        assert_eq!(complaints(&made), "", "{name}");
    }
}

/// MPEG-4 in AVI: parts have their headers among the packets, and every frame has its place.
#[test]
fn in_avi_the_middle_of_a_cut_is_copied() {
    let studio = studio(&["groups.avi"]);
    for (cut, frames, middle) in [
        ("0.4s..3.4s", counted(10..85), 70),
        ("0.6s..4s", counted(15..100), 85),
        ("0.68s..0.92s", counted(17..23), 0),
    ] {
        studio.render(&format!(
            "output(\"out.avi\", from: input(\"groups.avi\") | trim({cut}))"
        ));
        let made = studio.path("out.avi");
        assert_eq!(numbers(&made), frames, "{cut}");
        let copied = copied(&made, &studio.path("groups.avi"));
        assert!(copied >= middle, "{cut}: {copied}");
        assert_eq!(complaints(&made), "", "{cut}");
    }
    studio.render(
        "output(\"out.avi\", from: concat([input(\"groups.avi\"), input(\"groups.avi\")]) \
         | text(\"x\", size: 3px, position: top-left, margin: 0px, during: 4.5s..5s))",
    );
    let made = studio.path("out.avi");
    assert_eq!(numbers(&made), [counted(0..100), counted(0..100)].concat());
    // All but from the title to the next keyframe.
    assert!(copied(&made, &studio.path("groups.avi")) >= 200 - 20);
    assert_eq!(complaints(&made), "");
    // And elsewhere that codec is not wanted.
    studio.render("output(\"out.mp4\", from: input(\"groups.avi\") | trim(0.4s..3.4s))");
    let probed = probe(&studio.path("out.mp4"));
    assert_eq!(stream(&probed, "video")["codec_name"], "h264");
}

/// HEVC; a clip in Matroska, one with another clock, one with open groups, beside one in MP4.
#[test]
fn codecs_and_clocks_do_not_matter() {
    let studio = studio(&[SOURCE, "groups.mkv", "ticks.mp4", "open.mp4", "hevc.mp4"]);
    for (name, codec) in [
        ("groups.mkv", "h264"),
        ("ticks.mp4", "h264"),
        ("open.mp4", "h264"),
        ("hevc.mp4", "hevc"),
    ] {
        let said = studio
            .run(
                &format!("output(\"out.mp4\", from: input(\"{name}\") | trim(0.4s..3.4s))"),
                &[],
            )
            .expect(0)
            .stderr;
        assert!(!said.contains("full encode"), "{name}: {said}");
        let made = studio.path("out.mp4");
        assert_eq!(numbers(&made), counted(10..85), "{name}");
        let least = if name == "open.mp4" { 0 } else { 60 };
        let copied = copied(&made, &studio.path(name));
        assert!(copied >= least, "{name}: {copied}");
        assert_eq!(complaints(&made), "", "{name}");
        assert_eq!(stream(&probe(&made), "video")["codec_name"], codec);
    }
    let clips = format!("input(\"{SOURCE}\"), input(\"groups.mkv\"), input(\"ticks.mp4\")");
    studio.render(&format!("output(\"out.mp4\", from: concat([{clips}]))"));
    let made = studio.path("out.mp4");
    assert_eq!(
        numbers(&made),
        [counted(0..100), counted(0..100), counted(0..100)].concat()
    );
    assert_eq!(copied(&made, &studio.path(SOURCE)), 300);
    assert_eq!(complaints(&made), "");
}

/// What AVI does not tell is when a frame is shown; each has its place all the same.
#[test]
fn frames_in_avi_are_shown_from_the_first_on() {
    for source in ["reordered.avi", "modern.avi"] {
        let studio = studio(&[source]);
        for name in ["out.mp4", "out.mkv", "out.avi"] {
            let title = "text(\"x\", size: 3px, position: top-left, margin: 0px, during: 1.9s..2.1s)";
            studio.render(&format!(
                "output(\"{name}\", from: input(\"{source}\") | {title})"
            ));
            let made = studio.path(name);
            assert_eq!(numbers(&made), counted(0..100), "{source} to {name}");
            studio.render(&format!(
                "output(\"{name}\", from: input(\"{source}\") | trim(0.8s..2s))"
            ));
            assert_eq!(numbers(&made), counted(20..50), "{source} cut to {name}");
        }
    }
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
            &["--no-pass", "audio-packet-join"],
        )
        .expect(0);
    let (again, copied) = (
        samples(&studio.path("again.mp4"), "anull"),
        samples(&studio.path("out.mp4"), "anull"),
    );
    assert_ne!(again[..48_000], copied[..48_000]);
}

/// The largest difference between two sounds from one sample of a channel to another.
fn furthest(a: &[f32], b: &[f32], from: usize, until: usize) -> f32 {
    let pairs = a.iter().zip(b).take(2 * until).skip(2 * from);
    pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn sounds_are_joined_by_their_packets() {
    let studio = studio(&["swept.mp4", "short.mp4"]);
    // Three clips, of which the second and the third do not begin where a packet of the first would.
    let clips = "[input(\"short.mp4\"), input(\"swept.mp4\") | trim(0.52s..3.6s), input(\"short.mp4\")]";
    studio.render(&format!("output(\"out.mp4\", from: concat({clips}))"));
    let made = samples(&studio.path("out.mp4"), "anull");
    // Half a packet at most is what each clip is early or late.
    let (first, second) = (147_840, 147_840);
    let source = |name: &str| samples(&studio.path(name), "anull");
    let (short, swept) = (source("short.mp4"), source("swept.mp4"));
    let begins = [
        (&short, 0_usize, 0),
        (&swept, first, 24_960),
        (&short, first + second, 0),
    ];
    for (number, (clip, begins, at)) in begins.into_iter().enumerate() {
        let (from, until) = (begins + 4096, begins + 140_000);
        let heard = |moved: i64| {
            let skip = begins as i64 - at - moved;
            let shifted: Vec<f32> = match usize::try_from(skip) {
                Ok(skip) => [vec![0.0; 2 * skip], clip.clone()].concat(),
                Err(_) => clip[(-2 * skip) as usize..].to_vec(),
            };
            furthest(&made, &shifted, from, until)
        };
        let best = (-512..=512).find(|moved| heard(*moved) < 0.001);
        assert!(best.is_some(), "clip {number} is not a copy");
        if number == 0 {
            assert_eq!(best, Some(0));
        }
    }
    // Around the joints, nothing is heard that is not in the clips: both are tones below 2 kHz.
    let noise = samples(&studio.path("out.mp4"), "highpass=f=8000:p=2,highpass=f=8000:p=2");
    for joint in [first, first + second] {
        let loudest = noise[2 * (joint - 4096)..2 * (joint - 1536)]
            .iter()
            .fold(0.0_f32, |a, b| a.max(b.abs()));
        assert!(loudest < 0.003, "{loudest}");
    }
    let left_out = studio
        .run(
            &format!("output(\"out.mp4\", from: concat({clips}))"),
            &["--exact"],
        )
        .expect(0);
    assert_eq!(left_out.stdout.trim(), "out.mp4");
}
