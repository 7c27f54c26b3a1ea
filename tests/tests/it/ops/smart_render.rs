//! Smart render: frames equal those of a full encode, and most packets are copied from the source.

use std::collections::BTreeSet;
use std::path::Path;

use vidc_tests::media::{decode, decode_errors, packets, place, probe, stream};
use vidc_tests::video::frame_numbers;

use super::fixture;

/// A hundred frames with a keyframe at every fifteenth.
const SOURCE: &str = "groups.mp4";

/// The number of a file's packets that are copied from the source, including the keyframes before them, which are the
/// source's preceded by parameter sets.
pub(super) fn copied(rendered: &Path, source: &Path) -> usize {
    let known: BTreeSet<String> = packets(source).into_iter().map(|(hash, _)| hash).collect();
    let mut count = 0;
    let mut before = None;
    for (hash, key) in packets(rendered) {
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
    let fixture = fixture(&[SOURCE]);
    for (cut, frames, middle) in [
        // From the first keyframe after the cut to the first frame that depends on a frame after the end.
        ("0.4s..3.4s", counted(10..85), 65),
        ("0.6s..4s", counted(15..100), 85),
        ("..3.6s", counted(0..90), 90),
        ("0.68s..0.92s", counted(17..23), 0),
    ] {
        fixture.render(&format!(
            "output(\"out.mp4\", from: input(\"{SOURCE}\") | trim({cut}))"
        ));
        let rendered = fixture.path("out.mp4");
        assert_eq!(frame_numbers(&rendered), frames, "{cut}");
        assert_eq!(copied(&rendered, &fixture.path(SOURCE)), middle, "{cut}");
        assert_eq!(decode_errors(&rendered), "", "{cut}");
    }
}

/// The encoded segment before a join fits wherever the clip ends: FFmpeg drops a segment of a single frame, and encoders
/// with few frames do not know their reorder delay.
#[test]
fn clips_join_anywhere_between_keyframes() {
    let fixture = fixture(&[SOURCE]);
    let file = format!("input(\"{SOURCE}\")");
    for last in 45..61 {
        let end = f64::from(last) / 25.0;
        let stderr = fixture
            .run(
                &format!("output(\"out.mp4\", from: concat([{file} | trim(0.6s..{end}s), {file} | trim(0.52s..3.4s)]))"),
                &[],
            )
            .expect(0)
            .stderr;
        assert!(!stderr.contains("full encode"), "{last}: {stderr}");
        let rendered = fixture.path("out.mp4");
        let frames = [counted(15..i64::from(last)), counted(13..85)].concat();
        assert_eq!(frame_numbers(&rendered), frames, "{last}");
        assert_eq!(decode_errors(&rendered), "", "{last}");
        let rate = stream(&probe(&rendered), "video")["avg_frame_rate"].clone();
        assert_eq!(rate, "25/1", "{last}");
    }
}

/// One or two frames before a keyframe are too few for an encoder to reorder, so copying starts at the next keyframe.
#[test]
fn cuts_just_before_a_keyframe_copy_from_the_next_one() {
    for source in ["groups.mp4", "groups.mkv"] {
        let fixture = fixture(&[source]);
        for first in 12..16 {
            let start = first * 40;
            let cut = format!("output(\"out.mp4\", from: input(\"{source}\") | trim({start}ms..3.6s))");
            let stderr = fixture.run(&cut, &[]).expect(0).stderr;
            assert!(!stderr.contains("full encode"), "{first}: {stderr}");
            let rendered = fixture.path("out.mp4");
            assert_eq!(frame_numbers(&rendered), counted(first..90), "{source} {first}");
            let from = if [13, 14].contains(&first) { 30 } else { 15 };
            assert_eq!(
                copied(&rendered, &fixture.path(source)),
                90 - from,
                "{source} {first}"
            );
        }
    }
}

#[test]
fn packets_around_a_title_are_copied() {
    let fixture = fixture(&[SOURCE]);
    for name in ["out.mp4", "out.mkv", "out.mov"] {
        fixture.render(&format!(
            "output(\"{name}\", from: input(\"{SOURCE}\") | text(\"x\", size: 3px, position: top-left, margin: 0px, during: 1.9s..2.1s))"
        ));
        let rendered = fixture.path(name);
        assert_eq!(frame_numbers(&rendered), counted(0..100), "{name}");
        assert_eq!(copied(&rendered, &fixture.path(SOURCE)), 83, "{name}");
        assert_eq!(decode_errors(&rendered), "", "{name}");
    }
}

#[test]
fn compatible_clips_are_joined_without_encoding() {
    let fixture = fixture(&[SOURCE]);
    fixture.render(&format!(
        "let clip = input(\"{SOURCE}\")\n\noutput(\"out.mp4\", from: concat([clip, clip]))"
    ));
    let rendered = fixture.path("out.mp4");
    assert_eq!(
        frame_numbers(&rendered),
        [counted(0..100), counted(0..100)].concat()
    );
    assert_eq!(copied(&rendered, &fixture.path(SOURCE)), 200);
    assert_eq!(stream(&probe(&rendered), "video")["codec_tag_string"], "avc1");
}

#[test]
fn exact_and_encoder_options_encode_everything() {
    let fixture = fixture(&[SOURCE]);
    let cut = format!("from: input(\"{SOURCE}\") | trim(0.4s..3.4s)");
    fixture
        .run(&format!("output(\"out.mp4\", {cut})"), &["--exact"])
        .expect(0);
    assert_eq!(copied(&fixture.path("out.mp4"), &fixture.path(SOURCE)), 0);
    fixture.render(&format!("output(\"out.mp4\", {cut}, video: h264(crf: 18))"));
    assert_eq!(copied(&fixture.path("out.mp4"), &fixture.path(SOURCE)), 0);
}

/// No keyframe of the file is a random access point, so nothing is sought, and nothing is copied after a cut.
#[test]
fn gradual_decoder_refresh_is_read_from_the_start() {
    for source in ["refreshed.mp4", "refreshed.mkv"] {
        let fixture = fixture(&[source]);
        for options in [&[][..], &["--exact"]] {
            let recipe = format!("output(\"out.mp4\", from: input(\"{source}\") | trim(0.4s..3.4s))");
            fixture.run(&recipe, options).expect(0);
            let rendered = fixture.path("out.mp4");
            assert_eq!(frame_numbers(&rendered), counted(10..85), "{source} {options:?}");
            assert_eq!(copied(&rendered, &fixture.path(source)), 0);
            assert_eq!(decode_errors(&rendered), "");
        }
        // A cut that starts with the file can be copied.
        fixture.render(&format!(
            "output(\"out.mp4\", from: input(\"{source}\") | trim(..3.6s))"
        ));
        let rendered = fixture.path("out.mp4");
        assert_eq!(frame_numbers(&rendered), counted(0..90), "{source}");
        assert_eq!(copied(&rendered, &fixture.path(source)), 90, "{source}");
    }
}

/// A damaged packet is detected before the output is published.
#[test]
fn undecodable_sources_are_fully_encoded() {
    let fixture = fixture(&[SOURCE]);
    let whole = std::fs::read(fixture.path(SOURCE)).unwrap();
    let (place, size) = place(&fixture.path(SOURCE), 20);
    let mut damaged = whole;
    damaged[place + 5..place + size].fill(0xa5);
    fixture.write("damaged.mp4", damaged);
    let stderr = fixture
        .run(
            "output(\"out.mp4\", from: input(\"damaged.mp4\") | trim(0.4s..3.4s))",
            &[],
        )
        .expect(0)
        .stderr;
    assert!(stderr.contains("falling back to a full encode"), "{stderr}");
    let rendered = fixture.path("out.mp4");
    let frames = frame_numbers(&rendered);
    assert_eq!(frames.len(), 75);
    assert_eq!(frames[20..], counted(30..85));
    assert_eq!(copied(&rendered, &fixture.path(SOURCE)), 0);
    assert_eq!(decode_errors(&rendered), "");
}

/// HEVC whose parameter sets differ from those of the encoded segments.
#[test]
fn hevc_packets_around_a_title_are_copied() {
    let fixture = fixture(&["ultrafast.mp4"]);
    for name in ["out.mp4", "out.mkv"] {
        let title = "text(\"x\", size: 3px, position: top-left, margin: 0px, during: 1.9s..2.1s)";
        let stderr = fixture
            .run(
                &format!("output(\"{name}\", from: input(\"ultrafast.mp4\") | {title})"),
                &[],
            )
            .expect(0)
            .stderr;
        assert!(!stderr.contains("full encode"), "{name}: {stderr}");
        let rendered = fixture.path(name);
        assert_eq!(frame_numbers(&rendered), counted(0..100), "{name}");
        let copied = copied(&rendered, &fixture.path("ultrafast.mp4"));
        assert!(copied >= 60, "{name}: {copied}");
        assert_eq!(decode_errors(&rendered), "", "{name}");
    }
}

/// MPEG-4 in AVI: segments carry their headers in band, and every frame has an index entry.
#[test]
fn the_middle_of_an_avi_cut_is_copied() {
    let fixture = fixture(&["groups.avi"]);
    for (cut, frames, middle) in [
        ("0.4s..3.4s", counted(10..85), 70),
        ("0.6s..4s", counted(15..100), 85),
        ("0.68s..0.92s", counted(17..23), 0),
    ] {
        fixture.render(&format!(
            "output(\"out.avi\", from: input(\"groups.avi\") | trim({cut}))"
        ));
        let rendered = fixture.path("out.avi");
        assert_eq!(frame_numbers(&rendered), frames, "{cut}");
        let copied = copied(&rendered, &fixture.path("groups.avi"));
        assert!(copied >= middle, "{cut}: {copied}");
        assert_eq!(decode_errors(&rendered), "", "{cut}");
    }
    fixture.render(
        "output(\"out.avi\", from: concat([input(\"groups.avi\"), input(\"groups.avi\")]) \
         | text(\"x\", size: 3px, position: top-left, margin: 0px, during: 4.5s..5s))",
    );
    let rendered = fixture.path("out.avi");
    assert_eq!(
        frame_numbers(&rendered),
        [counted(0..100), counted(0..100)].concat()
    );
    // All packets except those from the title to the next keyframe.
    assert!(copied(&rendered, &fixture.path("groups.avi")) >= 200 - 20);
    assert_eq!(decode_errors(&rendered), "");
    // Other containers do not use this codec.
    fixture.render("output(\"out.mp4\", from: input(\"groups.avi\") | trim(0.4s..3.4s))");
    let probed = probe(&fixture.path("out.mp4"));
    assert_eq!(stream(&probed, "video")["codec_name"], "h264");
}

/// Joins HEVC clips, and clips in Matroska, with another time base and with open GOPs, to one in MP4.
#[test]
fn any_codec_and_time_base_is_copied() {
    let fixture = fixture(&[SOURCE, "groups.mkv", "ticks.mp4", "open.mp4", "hevc.mp4"]);
    for (name, codec) in [
        ("groups.mkv", "h264"),
        ("ticks.mp4", "h264"),
        ("open.mp4", "h264"),
        ("hevc.mp4", "hevc"),
    ] {
        let stderr = fixture
            .run(
                &format!("output(\"out.mp4\", from: input(\"{name}\") | trim(0.4s..3.4s))"),
                &[],
            )
            .expect(0)
            .stderr;
        assert!(!stderr.contains("full encode"), "{name}: {stderr}");
        let rendered = fixture.path("out.mp4");
        assert_eq!(frame_numbers(&rendered), counted(10..85), "{name}");
        let least = if name == "open.mp4" { 0 } else { 60 };
        let copied = copied(&rendered, &fixture.path(name));
        assert!(copied >= least, "{name}: {copied}");
        assert_eq!(decode_errors(&rendered), "", "{name}");
        assert_eq!(stream(&probe(&rendered), "video")["codec_name"], codec);
    }
    let clips = format!("input(\"{SOURCE}\"), input(\"groups.mkv\"), input(\"ticks.mp4\")");
    fixture.render(&format!("output(\"out.mp4\", from: concat([{clips}]))"));
    let rendered = fixture.path("out.mp4");
    assert_eq!(
        frame_numbers(&rendered),
        [counted(0..100), counted(0..100), counted(0..100)].concat()
    );
    assert_eq!(copied(&rendered, &fixture.path(SOURCE)), 300);
    assert_eq!(decode_errors(&rendered), "");
}

/// AVI stores no PTS, but every frame has an index entry.
#[test]
fn avi_frames_start_at_the_first() {
    for source in ["reordered.avi", "modern.avi"] {
        let fixture = fixture(&[source]);
        for name in ["out.mp4", "out.mkv", "out.avi"] {
            let title = "text(\"x\", size: 3px, position: top-left, margin: 0px, during: 1.9s..2.1s)";
            fixture.render(&format!(
                "output(\"{name}\", from: input(\"{source}\") | {title})"
            ));
            let rendered = fixture.path(name);
            assert_eq!(frame_numbers(&rendered), counted(0..100), "{source} to {name}");
            fixture.render(&format!(
                "output(\"{name}\", from: input(\"{source}\") | trim(0.8s..2s))"
            ));
            assert_eq!(
                frame_numbers(&rendered),
                counted(20..50),
                "{source} cut to {name}"
            );
        }
    }
}

/// The audio samples of a file after a filter.
fn samples(path: &Path, filter: &str) -> Vec<f32> {
    let bytes = decode(path, &["-vn", "-af", filter, "-f", "f32le"]);
    let sample = |four: &[u8]| f32::from_le_bytes([four[0], four[1], four[2], four[3]]);
    bytes.chunks_exact(4).map(sample).collect()
}

#[test]
fn cut_audio_starts_at_the_exact_sample() {
    let fixture = fixture(&["swept.mp4"]);
    for (name, from, to) in [
        ("out.mp4", 1.24, 3.88),
        ("out.mov", 0.04, 3.88),
        ("first.mp4", 0.0, 3.0),
    ] {
        fixture.render(&format!(
            "output(\"{name}\", from: input(\"swept.mp4\") | trim({from}s..{to}s))"
        ));
        let rendered = samples(&fixture.path(name), "anull");
        let cut = format!("atrim={from}:{to},asetpts=PTS-STARTPTS");
        let expected = samples(&fixture.path("swept.mp4"), &cut);
        // Two channels; the last packet is complete.
        let more = rendered.len() as i64 - expected.len() as i64;
        assert!((0..2 * 1024).contains(&more), "{name}: {more} samples more");
        let max_difference = rendered
            .iter()
            .zip(&expected)
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f32::max);
        assert!(max_difference < 0.001, "{name}: {max_difference}");
    }
    // A second encode would differ.
    fixture
        .run(
            "output(\"again.mp4\", from: input(\"swept.mp4\") | trim(1.24s..3.88s))",
            &["--no-pass", "audio-packet-join"],
        )
        .expect(0);
    let (again, copied) = (
        samples(&fixture.path("again.mp4"), "anull"),
        samples(&fixture.path("out.mp4"), "anull"),
    );
    assert_ne!(again[..48_000], copied[..48_000]);
}

/// The largest difference between two signals over a range of samples of one channel.
fn max_difference(a: &[f32], b: &[f32], from: usize, until: usize) -> f32 {
    let pairs = a.iter().zip(b).take(2 * until).skip(2 * from);
    pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn audio_is_joined_packet_by_packet() {
    let fixture = fixture(&["swept.mp4", "short.mp4"]);
    // Three clips; the second and third do not start on a packet boundary of the first.
    let clips = "[input(\"short.mp4\"), input(\"swept.mp4\") | trim(0.52s..3.6s), input(\"short.mp4\")]";
    fixture.render(&format!("output(\"out.mp4\", from: concat({clips}))"));
    let rendered = samples(&fixture.path("out.mp4"), "anull");
    // Each clip is early or late by at most half a packet.
    let (first, second) = (147_840, 147_840);
    let source = |name: &str| samples(&fixture.path(name), "anull");
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
            max_difference(&rendered, &shifted, from, until)
        };
        let best = (-512..=512).find(|moved| heard(*moved) < 0.001);
        assert!(best.is_some(), "clip {number} is not a copy");
        if number == 0 {
            assert_eq!(best, Some(0));
        }
    }
    // Joins add no noise: both clips are tones below 2 kHz.
    let noise = samples(
        &fixture.path("out.mp4"),
        "highpass=f=8000:p=2,highpass=f=8000:p=2",
    );
    for joint in [first, first + second] {
        let loudest = noise[2 * (joint - 4096)..2 * (joint - 1536)]
            .iter()
            .fold(0.0_f32, |a, b| a.max(b.abs()));
        assert!(loudest < 0.003, "{loudest}");
    }
    let left_out = fixture
        .run(
            &format!("output(\"out.mp4\", from: concat({clips}))"),
            &["--exact"],
        )
        .expect(0);
    assert_eq!(left_out.stdout.trim(), "out.mp4");
}
