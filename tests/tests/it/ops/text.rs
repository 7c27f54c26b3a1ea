//! Letters: where they are, in which colors, when, and that any text arrives as it was written.

use std::fmt::Write as _;

use vidc_tests::picture::{Area, Frame, frames};
use vidc_tests::workspace;

use super::{BLACK, BLUE, LIME, RED, WHITE, about, studio};

const GROUND: &str = "color(black, size: 160x120, duration: 80ms)";

#[test]
fn text_lies_in_its_ninth_of_the_picture() {
    let studio = studio(&[]);
    for (row, rows) in ["top", "", "bottom"].iter().enumerate() {
        for (column, columns) in ["left", "", "right"].iter().enumerate() {
            let position = match (*rows, *columns) {
                ("", "") => "center".to_owned(),
                ("", one) | (one, "") => one.to_owned(),
                (one, other) => format!("{one}-{other}"),
            };
            let clip = studio.picture(&format!(
                "{GROUND} | text(\"Xo\", position: {position}, size: 14px)"
            ));
            let ink = frames(&clip)[0].ink(BLACK).unwrap();
            let (x, y) = ((ink.left + ink.right) / 2, (ink.top + ink.bottom) / 2);
            assert_eq!((x * 3 / 160, y * 3 / 120), (column, row), "{position}: {ink:?}");
        }
    }
}

#[test]
fn text_has_the_colors_it_was_given() {
    let studio = studio(&[]);
    let clip = studio.picture(&format!(
        "{GROUND} | text(\"MM\", size: 50px, color: red, outline: 4px, outline-color: lime, bold: true)"
    ));
    let drawn = frames(&clip).swap_remove(0);
    assert!(
        drawn.count(RED) > 100 && drawn.count(LIME) > 100,
        "{} {}",
        drawn.count(RED),
        drawn.count(LIME)
    );
    let boxed = frames(&studio.picture(&format!(
        "{GROUND} | text(\"Hi\", size: 30px, box: blue, padding: 6px)"
    )));
    assert!(boxed[0].count(BLUE) > 400 && boxed[0].count(WHITE) > 20);
}

#[test]
fn text_is_seen_when_told_and_fades() {
    let studio = studio(&[]);
    let clip = studio.picture(
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
    about(light[15] / full, 0.5, 0.15);
    about(light[35] / full, 0.5, 0.15);
}

#[test]
fn wrapped_lines_are_no_wider_than_told() {
    let studio = studio(&[]);
    let words = "several short words that do not fit on one line";
    let clip = studio.picture(&format!("{GROUND} | text(\"{words}\", size: 12px, wrap: 90px)"));
    let ink = frames(&clip)[0].ink(BLACK).unwrap();
    assert!(ink.right - ink.left <= 91 && ink.bottom - ink.top > 36, "{ink:?}");
}

/// Texts that mean something to one of the programs they pass through.
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

/// A frame as 32x9 cells of four levels.
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
fn any_text_arrives_as_it_was_written() {
    let studio = studio(&[]);
    let mut seen = String::new();
    let mut before: Vec<(&str, Frame)> = Vec::new();
    for &(name, text) in HOSTILE {
        let clip = studio.picture(&format!(
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
