//! Text: position, colors, timing, and exact reproduction of any string.

use std::fmt::Write as _;

use vidc_tests::video::{Area, Frame, frames};
use vidc_tests::workspace;

use super::{BLACK, BLUE, LIME, RED, WHITE, assert_close, fixture};

const GROUND: &str = "color(black, size: 160x120, duration: 80ms)";

#[test]
fn text_appears_at_its_position() {
    let fixture = fixture(&[]);
    for (row, rows) in ["top", "", "bottom"].iter().enumerate() {
        for (column, columns) in ["left", "", "right"].iter().enumerate() {
            let position = match (*rows, *columns) {
                ("", "") => "center".to_owned(),
                ("", one) | (one, "") => one.to_owned(),
                (one, other) => format!("{one}-{other}"),
            };
            let clip = fixture.video_clip(&format!(
                "{GROUND} | text(\"Xo\", position: {position}, size: 14px)"
            ));
            let ink = frames(&clip)[0].bounding_box(BLACK).unwrap();
            let (x, y) = ((ink.left + ink.right) / 2, (ink.top + ink.bottom) / 2);
            assert_eq!((x * 3 / 160, y * 3 / 120), (column, row), "{position}: {ink:?}");
        }
    }
}

#[test]
fn text_has_the_given_colors() {
    let fixture = fixture(&[]);
    let clip = fixture.video_clip(&format!(
        "{GROUND} | text(\"MM\", size: 50px, color: red, outline: 4px, outline-color: lime, bold: true)"
    ));
    let drawn = frames(&clip).swap_remove(0);
    assert!(
        drawn.count(RED) > 100 && drawn.count(LIME) > 100,
        "{} {}",
        drawn.count(RED),
        drawn.count(LIME)
    );
    let boxed = frames(&fixture.video_clip(&format!(
        "{GROUND} | text(\"Hi\", size: 30px, box: blue, padding: 6px)"
    )));
    assert!(boxed[0].count(BLUE) > 400 && boxed[0].count(WHITE) > 20);
}

#[test]
fn text_honors_timing_and_fades() {
    let fixture = fixture(&[]);
    let clip = fixture.video_clip(
        "color(black, size: 160x120, duration: 2s) \
         | text(\"HHH\", size: 40px, bold: true, during: 0.4s..1.6s, fade-in: 400ms, fade-out: 400ms)",
    );
    let light: Vec<f64> = frames(&clip)
        .iter()
        .map(|frame| frame.luma(frame.whole()))
        .collect();
    assert!(light[9] < 0.5 && light[40] < 0.5, "{} {}", light[9], light[40]);
    let full = light[25];
    assert!(full > 5.0, "{full}");
    assert_close(light[15] / full, 0.5, 0.15);
    assert_close(light[35] / full, 0.5, 0.15);
}

#[test]
fn wrapped_lines_fit_the_given_width() {
    let fixture = fixture(&[]);
    let words = "several short words that do not fit on one line";
    let clip = fixture.video_clip(&format!("{GROUND} | text(\"{words}\", size: 12px, wrap: 90px)"));
    let ink = frames(&clip)[0].bounding_box(BLACK).unwrap();
    assert!(ink.right - ink.left <= 91 && ink.bottom - ink.top > 36, "{ink:?}");
}

/// Texts that are syntax to one of the programs they pass through.
const HOSTILE: &[(&str, &str)] = &[
    ("quotes", r#"\"a\" 'b'"#),
    ("expansion", "%{pts} %%"),
    ("colons", "a:b:c"),
    ("backslashes", r"a\\b\\\\c"),
    ("lines", r"one\ntwo\nthree"),
    ("emoji", "ok ☺ ★"),
    ("cyrillic", "Привет"),
    ("arabic", "مرحبا"),
    ("override", r"{{ '{' }}\\b1}bold"),
    ("ass-newline", r"a\\Nb\\hc"),
    ("long", "Donaudampfschifffahrtsgesellschaft"),
    ("blanks", "  a b  "),
    ("semicolons", "a;b;c"),
    ("brackets", "[x] [in]"),
    ("tab", r"a\tb"),
];

/// A frame as 32x9 cells of four gray levels.
fn coarse(frame: &Frame) -> String {
    let mut grid = String::new();
    for row in 0..9 {
        for column in 0..32 {
            let cell = Area {
                left: column * frame.width / 32,
                right: (column + 1) * frame.width / 32,
                top: row * frame.height / 9,
                bottom: (row + 1) * frame.height / 9,
            };
            grid.push(match frame.luma(cell) {
                light if light < 8.0 => '.',
                light if light < 50.0 => '-',
                light if light < 100.0 => '+',
                _ => '#',
            });
        }
        grid.push('\n');
    }
    grid
}

#[test]
fn any_text_is_drawn_verbatim() {
    let fixture = fixture(&[]);
    let mut seen = String::new();
    let mut before: Vec<(&str, Frame)> = Vec::new();
    for &(name, text) in HOSTILE {
        let clip = fixture.video_clip(&format!(
            "color(black, size: 320x90, duration: 40ms) | text(\"{text}\", size: 24px, font: \"DejaVu Sans\")"
        ));
        let frame = frames(&clip).swap_remove(0);
        let grid = coarse(&frame);
        assert!(grid.contains(['-', '+', '#']), "{name} left no ink");
        for (other, drawn) in &before {
            assert!(frame != *drawn, "{name} looks like {other}");
        }
        write!(seen, "{name}\n{grid}\n").unwrap();
        before.push((name, frame));
    }
    let golden = workspace::root().join("tests/tests/it/ops/text.txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&golden, &seen).unwrap();
    }
    let expected = std::fs::read_to_string(&golden).unwrap_or_default();
    let cells = seen.chars().zip(expected.chars());
    let differing = cells.filter(|(found, golden)| found != golden).count();
    assert!(
        seen.len() == expected.len() && differing <= seen.len() / 50,
        "{differing} cells differ; UPDATE=1 writes what is seen now:\n{seen}"
    );
}
