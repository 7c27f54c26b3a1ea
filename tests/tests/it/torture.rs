//! Hostile texts arrive in the picture as written: each is drawn, and compared with a picture that was looked at.
//! `UPDATE=1` writes the pictures anew; look at them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use vidc_tests::media::luma;
use vidc_tests::{run, vidc, workspace};

use crate::VIDC;

/// Every name begins with how the text could hurt.
const TEXTS: &[(&str, &str)] = &[
    ("quotes", r#"it's "so" `said`"#),
    ("apostrophes", "''''"),
    ("percent", "100 % %{pts} %d %%"),
    ("colon", "a:b:c=1:x='2'"),
    ("backslash", r"C:\new\table\ \\"),
    ("backslash-last", r"ends with \"),
    ("ass-break", r"one\Ntwo\nthree\hfour"),
    ("ass-override", r"{\b1}bold{\i1} {=1}"),
    ("braces", "{ } {} }{"),
    ("template", "{{ 1 + 1 }} {% raw %}"),
    ("graph", "[a];[b],c=d;e"),
    ("shell", "$HOME $(ls) `id` ; rm *"),
    ("comma", "a,b,,c"),
    ("newline", "first\nsecond"),
    ("blank-lines", "up\n\ndown"),
    ("carriage-return", "dos\r\nline"),
    ("tab", "a\tb"),
    ("spaces", "  two   inside  "),
    ("markup", "<b>bold</b> &amp; <i>"),
    ("cyrillic", "Съешь ещё булок"),
    ("greek", "Ελληνικά ώς"),
    ("arabic", "مرحبا بالعالم"),
    ("combining", "e\u{301}a\u{308}n\u{303}"),
    ("emoji", "☺ ★ ♥ ☂"),
    ("punctuation", "— … « » “ ” №"),
    ("vertical-bar", "a|b||c #1 //"),
    ("comment", "# no comment"),
    ("long-word", "Donaudampfschifffahrtsgesellschaftskapitän"),
];

const COLUMNS: usize = 120;
const ROWS: usize = 24;
/// Each cell of 4 by 4 pixels is as bright as its average, in eight steps.
const SHADES: &[u8] = b" .:-=+*#";

#[test]
fn hostile_texts_arrive_as_written() {
    let folder = tempfile::tempdir().unwrap();
    let drawn = drawn(folder.path());
    let golden = workspace::root().join("tests/golden/text");
    let update = std::env::var_os("UPDATE").is_some_and(|value| value == "1");
    let mut differing = String::new();
    for (name, picture) in &drawn {
        let path = golden.join(format!("{name}.txt"));
        if update {
            std::fs::write(&path, picture).unwrap();
        }
        let wanted = std::fs::read_to_string(&path).unwrap_or_default();
        let off = distance(picture, &wanted);
        if off > 0.02 {
            writeln!(differing, "{name}: {off:.3} off\n{picture}\nwanted\n{wanted}").unwrap();
        }
    }
    assert!(differing.is_empty(), "{differing}");
}

/// The pictures differ by more than what is forgiven, so a text that lost something would be seen.
#[test]
fn golden_pictures_differ() {
    let golden = workspace::root().join("tests/golden/text");
    let pictures: Vec<(&str, String)> = TEXTS
        .iter()
        .map(|(name, _)| {
            (
                *name,
                std::fs::read_to_string(golden.join(format!("{name}.txt"))).unwrap(),
            )
        })
        .collect();
    for (index, (name, picture)) in pictures.iter().enumerate() {
        assert!(distance(picture, "") > 0.02, "{name} is all black");
        for (other, second) in &pictures[..index] {
            assert!(distance(picture, second) > 0.02, "{name} looks like {other}");
        }
    }
}

/// Every text drawn by a parameter of its name, so that no syntax stands between.
fn drawn(folder: &Path) -> BTreeMap<&'static str, String> {
    let mut recipe = String::from("vidc 1\n\n");
    let mut values = serde_json::Map::new();
    for (name, text) in TEXTS {
        writeln!(recipe, "param {name}: string").unwrap();
        values.insert((*name).to_owned(), serde_json::Value::from(*text));
    }
    recipe.push_str("\nlet ground = color(black, size: 480x96, duration: 1s)\n\n");
    for (name, _) in TEXTS {
        writeln!(
            recipe,
            "output(\"{name}.png\", from: ground | text({name}, size: 28px, font: \"DejaVu Sans\"))"
        )
        .unwrap();
    }
    std::fs::write(folder.join("texts.vidc"), recipe).unwrap();
    std::fs::write(
        folder.join("texts.json"),
        serde_json::Value::from(values).to_string(),
    )
    .unwrap();
    run(vidc(VIDC, folder).args(["render", "texts.vidc", "--params", "texts.json"])).expect(0);
    TEXTS
        .iter()
        .map(|(name, _)| (*name, picture(&folder.join(format!("{name}.png")))))
        .collect()
}

/// A picture as text.
fn picture(path: &Path) -> String {
    let cells = luma(path, COLUMNS, ROWS);
    let shade = |level: &u8| char::from(SHADES[usize::from(*level) * SHADES.len() / 256]);
    let rows = cells
        .chunks(COLUMNS)
        .map(|row| row.iter().map(shade).collect::<String>());
    rows.map(|row| row.trim_end().to_owned() + "\n").collect()
}

/// How far two pictures are apart: the steps between their cells, per cell of either that is not black. Fonts are
/// drawn a little differently by every version of libass and FreeType.
fn distance(one: &str, other: &str) -> f64 {
    let level = |picture: &str, row: usize, column: usize| {
        let cell = picture
            .lines()
            .nth(row)
            .and_then(|line| line.as_bytes().get(column));
        cell.and_then(|cell| SHADES.iter().position(|shade| shade == cell))
            .unwrap_or(0)
    };
    let (mut apart, mut inked) = (0, 0);
    for row in 0..ROWS {
        for column in 0..COLUMNS {
            let (a, b) = (level(one, row, column), level(other, row, column));
            apart += a.abs_diff(b).saturating_sub(1);
            inked += a.max(b);
        }
    }
    apart as f64 / inked.max(1) as f64
}
