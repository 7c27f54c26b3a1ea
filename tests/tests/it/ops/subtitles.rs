//! Subtitles, burned in at their times or stored as a track.

use std::process::Command;

use vidc_tests::media::{probe, stream};
use vidc_tests::run;
use vidc_tests::video::frames;

use super::{BLACK, fixture};

const SRT: &str = "1\n00:00:00,400 --> 00:00:00,800\nHello\n\n2\n00:00:01,200 --> 00:00:01,600\nПривет\n";
const VTT: &str = "WEBVTT\n\n00:00.400 --> 00:00.800\nHello\n\n00:01.200 --> 00:01.600\nПривет\n";

#[test]
fn burned_in_cues_appear_in_the_lower_third_on_time() {
    let fixture = fixture(&[]);
    fixture.write("a.srt", SRT);
    fixture.write("a.vtt", VTT);
    // The same in windows-1251.
    let cyrillic = SRT.chars().map(|letter| match letter {
        'А'..='я' => u8::try_from(u32::from(letter) - 0x410 + 0xC0).unwrap(),
        _ => u8::try_from(letter).unwrap(),
    });
    fixture.write("b.srt", cyrillic.collect::<Vec<u8>>());
    let cues =
        "cues([{during: 0.4s..0.8s, text: \"Hello\"}, {during: 1.2s..1.6s, text: \"Привет\"}], size: 16px)";
    let drawn = |operation: &str| {
        frames(&fixture.video_clip(&format!(
            "color(black, size: 160x120, duration: 2s) | {operation}"
        )))
    };
    let utf8 = drawn("subtitles(\"a.srt\", size: 16px)");
    for (operation, late) in [
        ("subtitles(\"a.srt\", size: 16px)", 0),
        ("subtitles(\"a.vtt\", size: 16px)", 0),
        ("subtitles(\"a.srt\", size: 16px, offset: 200ms)", 5),
        ("subtitles(\"b.srt\", size: 16px, charset: \"windows-1251\")", 0),
        (cues, 0),
    ] {
        for (index, frame) in drawn(operation).iter().enumerate() {
            let expected = (10 + late..20 + late).contains(&index) || (30 + late..40 + late).contains(&index);
            let ink = frame.bounding_box(BLACK);
            assert_eq!(ink.is_some(), expected, "{operation}: frame {index}");
            assert!(ink.is_none_or(|area| area.top >= 80), "{operation}: {ink:?}");
        }
    }
    let old = drawn("subtitles(\"b.srt\", size: 16px, charset: \"windows-1251\")");
    assert!(old[35] == utf8[35] && old[35] != old[15], "the same letters");
}

#[test]
fn a_soft_track_keeps_its_cues_language_and_title() {
    let fixture = fixture(&["count.mp4"]);
    fixture.write("a.srt", SRT);
    fixture.render(
        "output(\"soft.mkv\", from: input(\"count.mp4\") | mute \
         | subtitles(\"a.srt\", mode: soft, language: \"eng\", title: \"English\"))",
    );
    let soft = fixture.path("soft.mkv");
    let probed = probe(&soft);
    let tags = &stream(&probed, "subtitle")["tags"];
    assert_eq!(
        (&tags["language"], &tags["title"]),
        (&"eng".into(), &"English".into())
    );
    let back = run(Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-i"])
        .arg(&soft)
        .args(["-map", "0:s:0", "-f", "srt", "-"]))
    .expect(0)
    .stdout;
    assert_eq!(back.trim(), SRT.trim());
}

#[test]
fn a_soft_track_in_mp4_keeps_its_language_and_title() {
    let fixture = fixture(&["count.mp4"]);
    fixture.write("a.srt", SRT);
    let with = |language: &str| {
        format!(
            "output(\"soft.mp4\", from: input(\"count.mp4\") \
             | subtitles(\"a.srt\", mode: soft, language: \"{language}\", title: \"Deutsch\"))"
        )
    };
    for (language, code) in [("de", "deu"), ("deu", "deu"), ("ger", "ger")] {
        fixture.render(&with(language));
        let probed = probe(&fixture.path("soft.mp4"));
        let tags = &stream(&probed, "subtitle")["tags"];
        assert_eq!(
            (&tags["language"], &tags["handler_name"]),
            (&code.into(), &"Deutsch".into())
        );
    }
    let refused = fixture.run(&with("german"), &[]).expect(1).stderr;
    assert!(refused.contains("`german` is not a language code"), "{refused}");
    assert!(refused.contains("German is `deu`"), "{refused}");
}
