//! Reads subtitle files in common character sets and formats.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use support::Fixture;
use vidc_compiler::facts::{Problem, SubtitleFile, SubtitleFormat};
use vidc_compiler::time::Time;
use vidc_engine::ProbeCache;
use vidc_engine::subtitles::read;

async fn read_valid(fixture: &Fixture, name: &str, bytes: impl AsRef<[u8]>) -> SubtitleFile {
    read(
        &fixture.tools,
        &ProbeCache::disabled(),
        &fixture.write(name, bytes),
        None,
    )
    .await
    .unwrap()
}

async fn read_invalid(fixture: &Fixture, name: &str, bytes: impl AsRef<[u8]>) -> String {
    match read(
        &fixture.tools,
        &ProbeCache::disabled(),
        &fixture.write(name, bytes),
        None,
    )
    .await
    {
        Err(Problem::Unreadable(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

const SRT: &str = "1\r\n00:00:01,005 --> 00:00:02,500\r\n<i>Привет</i>, мир!\r\nЭто вторая строка субтитров.\r\n\r\n\
                   2\r\n00:00:03,000 --> 00:00:04,000\r\nДо свидания, друзья\r\n";

#[tokio::test]
async fn subrip_in_any_character_set() {
    let fixture = Fixture::new();
    let (cp1251, _, _) = encoding_rs::WINDOWS_1251.encode(SRT);
    let mut utf16 = vec![0xff, 0xfe];
    utf16.extend(SRT.encode_utf16().flat_map(u16::to_le_bytes));
    for (name, bytes, charset, guessed) in [
        ("utf8.srt", SRT.as_bytes().to_vec(), "UTF-8", false),
        ("bom.srt", format!("\u{feff}{SRT}").into_bytes(), "UTF-8", false),
        ("utf16.srt", utf16, "UTF-16LE", false),
        ("cp1251.srt", cp1251.into_owned(), "windows-1251", true),
    ] {
        let file = read_valid(&fixture, name, bytes).await;
        assert_eq!(
            (file.format, file.charset.as_str(), file.charset_guessed),
            (SubtitleFormat::Srt, charset, guessed)
        );
        assert_eq!(file.cues.len(), 2, "{name}");
        assert_eq!(
            file.cues[0].ass,
            "{\\i1}Привет{\\i0}, мир!\\NЭто вторая строка субтитров."
        );
        assert_eq!(
            (file.cues[0].start, file.cues[0].end),
            (Time::millis(1005), Time::millis(2500))
        );
        assert_eq!(file.cues[0].ass_fields, None);
        assert_eq!(file.ass_header, "");
    }
}

#[tokio::test]
async fn webvtt_is_converted_to_ass() {
    let fixture = Fixture::new();
    let vtt =
        "WEBVTT\n\nNOTE a --> b\n\nintro\n00:01.000 --> 00:02.005 align:start\n<v Bob>Hi &amp; <b>you</b>\n";
    let file = read_valid(&fixture, "a.vtt", vtt).await;
    assert_eq!(file.format, SubtitleFormat::Vtt);
    assert_eq!(file.cues.len(), 1);
    assert_eq!(file.cues[0].ass, "Hi & {\\b1}you{\\b0}");
    assert_eq!(file.cues[0].end, Time::millis(2005));
    assert_eq!(read_valid(&fixture, "none.vtt", "WEBVTT\n\n").await.cues, []);
}

#[tokio::test]
async fn substation_alpha_keeps_header_and_fields() {
    let fixture = Fixture::new();
    let ass = "[Script Info]\nScriptType: v4.00+\nPlayResX: 640\n\n[V4+ Styles]\n\
        Format: Name, Fontname, Fontsize\nStyle: Big,DejaVu Sans,40\n\n[Fonts]\nfontname: evil.ttf\nABCD\n\n[Events]\n\
        Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n\
        Dialogue: 2,0:00:03.00,0:00:04.50,Big,Bob,10,20,30,Banner;5,Second, {\\an8}with comma\n\
        Comment: 0,0:00:00.00,0:00:09.00,Big,,0,0,0,,not shown\n\
        Dialogue: 0,0:00:01.00,0:00:02.00,Big,,0,0,0,,First\n";
    let file = read_valid(&fixture, "a.ass", ass).await;
    assert_eq!(file.format, SubtitleFormat::Ass);
    assert!(file.ass_header.contains("PlayResX: 640") && file.ass_header.contains("Style: Big"));
    assert!(!file.ass_header.contains("evil") && !file.ass_header.contains("[Events]"));
    let texts: Vec<_> = file.cues.iter().map(|cue| cue.ass.as_str()).collect();
    assert_eq!(texts, ["First", "Second, {\\an8}with comma"]);
    let fields = file.cues[1].ass_fields.as_ref().unwrap();
    assert_eq!(
        (fields.layer, fields.style.as_str(), fields.name.as_str()),
        (2, "Big", "Bob")
    );
    assert_eq!(
        (fields.margin_left, fields.margin_right, fields.margin_vertical),
        (10, 20, 30)
    );
    assert_eq!(fields.effect, "Banner;5");
}

#[tokio::test]
async fn unreadable_files_are_explained() {
    let fixture = Fixture::new();
    assert_eq!(read_valid(&fixture, "empty.srt", "").await.cues, []);
    assert_eq!(
        read(
            &fixture.tools,
            &ProbeCache::disabled(),
            &fixture.path("none.srt"),
            None
        )
        .await,
        Err(Problem::Missing)
    );
    assert!(
        read_invalid(&fixture, "prose.srt", "Call me Ishmael.")
            .await
            .contains("not a subtitle file")
    );
    assert!(
        read_invalid(&fixture, "zero.srt", b"\x00\x01\x02")
            .await
            .contains("not text")
    );
    let reason = read_invalid(
        &fixture,
        "time.srt",
        "1\n00:00:01 --> 00:00:02\nno milliseconds\n",
    )
    .await;
    assert!(reason.contains("line 2"), "{reason}");
    assert!(
        read_invalid(&fixture, "large.srt", vec![b'a'; (10 << 20) + 1])
            .await
            .contains("larger than 10 MiB")
    );
}
