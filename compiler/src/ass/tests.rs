//! Whole documents.

use insta::assert_snapshot;

use super::*;
use crate::facts::{AssFields, Cue};
use crate::time::Time;

fn color(rgba: u32) -> Color {
    let [red, green, blue, alpha] = rgba.to_be_bytes();
    Color {
        red,
        green,
        blue,
        alpha,
    }
}

fn cue(start: i64, end: i64, ass: &str) -> Cue {
    Cue {
        start: Time::millis(start),
        end: Time::millis(end),
        ass: ass.to_owned(),
        ass_fields: None,
    }
}

#[test]
fn a_plain_title() {
    let style = TitleStyle {
        margin: (40.0, 48.0),
        ..TitleStyle::default()
    };
    assert_snapshot!(title(
        1280,
        720,
        "Hello, FFmpeg: 100% \"real\"",
        &style,
        Time::ZERO,
        None
    ));
}

#[test]
fn a_title_with_everything() {
    let style = TitleStyle {
        font: Some("DejaVu Serif".to_owned()),
        size: 64.5,
        bold: true,
        italic: true,
        color: color(0xFF80_40CC),
        outline: 2.0,
        outline_color: color(0x1122_33FF),
        shadow: 3.0,
        shadow_color: color(0x0000_0080),
        boxed: Some(BoxStyle {
            color: color(0x0000_FF80),
            padding: 12.0,
        }),
        align: Align::Left,
        position: Position::TopRight,
        point: Some((1000.5, 20.0)),
        margin: (10.0, 10.0),
        wrap_width: Some(400.0),
        letter_spacing: 1.5,
        rotation: 0.0,
        opacity: 0.5,
        fade_in: Time::millis(500),
        fade_out: Time::millis(250),
    };
    assert_eq!(force_style(" {two}\nlines ", &style), Some("Justify=1"));
    assert_eq!(force_style("e\u{301}", &style), None);
    assert_eq!(
        force_style(
            "x",
            &TitleStyle {
                align: Align::Right,
                ..style.clone()
            }
        ),
        None
    );
    let (start, end) = (Time::seconds(1), Some(Time::seconds(6)));
    assert_snapshot!(title(1280, 720, " {two}\nlines ", &style, start, end));
    let turned = TitleStyle {
        rotation: 30.0,
        ..style
    };
    assert_snapshot!(title(1280, 720, "turned", &turned, start, end));
}

#[test]
fn fades_share_a_short_title() {
    let style = TitleStyle {
        fade_in: Time::seconds(3),
        fade_out: Time::seconds(1),
        ..TitleStyle::default()
    };
    let text = |end| title(640, 360, "x", &style, Time::ZERO, end);
    assert!(text(Some(Time::seconds(2))).contains("\\fade(255,0,255,0,1500,1500,2000)"));
    assert!(text(None).contains("\\fade(255,0,0,0,3000,"));
}

#[test]
fn nothing_is_drawn_of_nothing() {
    let boxed = Some(BoxStyle {
        color: color(0xFF),
        padding: 4.0,
    });
    let style = TitleStyle {
        boxed,
        ..TitleStyle::default()
    };
    assert!(!title(640, 360, "", &style, Time::ZERO, None).contains("Dialogue"));
    let late = title(640, 360, "x", &style, Time::seconds(2), Some(Time::seconds(1)));
    assert!(!late.contains("Dialogue"));
}

#[test]
fn numbers_of_any_kind_are_survived() {
    for wild in [f64::NAN, f64::INFINITY, f64::MIN, f64::MAX, -1.0] {
        let style = TitleStyle {
            size: wild,
            outline: wild,
            shadow: wild,
            boxed: Some(BoxStyle {
                color: color(0xFF),
                padding: wild,
            }),
            point: Some((wild, wild)),
            margin: (wild, wild),
            wrap_width: Some(wild),
            letter_spacing: wild,
            rotation: wild,
            opacity: wild,
            ..TitleStyle::default()
        };
        let document = title(640, 360, "x", &style, Time::ZERO, None);
        assert!(
            !document.contains("NaN") && !document.contains("inf"),
            "{document}"
        );
    }
}

#[test]
fn burned_cues() {
    let cues = [
        cue(0, 1500, "{\\i1}One{\\i0}\\Nand {\\fs24}more"),
        cue(1500, 1500, "never"),
        cue(1500, 4000, &plain_cue("{two}")),
    ];
    assert_snapshot!(burn(1920, 1080, &cues, &CueStyle::default()));
    let style = CueStyle {
        boxed: Some(BoxStyle {
            color: color(0x0000_0099),
            padding: 8.0,
        }),
        position: Some(Position::Top),
        outline: Some(2.0),
        size: Some(40.0),
        ..CueStyle::default()
    };
    assert_snapshot!(burn(1920, 1080, &cues[2..], &style));
}

#[test]
fn cues_of_an_ass_file_keep_its_header_and_their_fields() {
    let header = "[Script Info]\r\nPlayResX: 384\r\n\r\n[V4+ Styles]\r\nStyle: Sign,Arial,20\r\n\r\n\
        [Events]\r\nFormat: Start, End, Text\r\n[Fonts]\r\nfontname: a.ttf\r\n[#events\r\n";
    let mut sign = cue(2000, 3000, "{\\pos(1,2)}sign\nDialogue: 0");
    sign.ass_fields = Some(AssFields {
        layer: 3,
        style: "Sign".to_owned(),
        name: "a, b".to_owned(),
        margin_left: 1,
        margin_right: 2,
        margin_vertical: 3,
        effect: "Banner;30".to_owned(),
    });
    assert_snapshot!(rewrite(header, &[sign, cue(-1000, 500, "plain")]));
    assert!(rewrite("", &[cue(0, 1, "x")]).contains("PlayResX: 384"));
}

#[test]
fn subrip() {
    let cues = [
        cue(-500, 1500, "{\\i1}One{\\i0}\\N\\Nand {\\fs24}more"),
        cue(-500, 0, "gone"),
        cue(1500, 3_661_001, &plain_cue("<i> {\\an8}")),
    ];
    assert_snapshot!(srt(&cues));
}
