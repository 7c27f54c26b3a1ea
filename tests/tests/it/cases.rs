//! Expected diagnostics: pages of recipes, each followed by the output of `vidc check`. `UPDATE=1` writes
//! them anew; read what changed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use vidc_dsl::Severity;
use vidc_tests::markdown::{Block, blocks};
use vidc_tests::{run, vidc, workspace};

use crate::{VIDC, folder};

fn pages() -> Vec<PathBuf> {
    let folder = Path::new("tests/cases");
    let entries = std::fs::read_dir(workspace::root().join(folder)).unwrap();
    let mut pages: Vec<PathBuf> = entries
        .map(|entry| folder.join(entry.unwrap().file_name()))
        .collect();
    pages.sort();
    pages
}

/// The output of `vidc check` for a recipe. The command succeeds exactly if no error is among its diagnostics.
fn said(recipe: &Block, folder: &Path) -> String {
    let name = format!("recipe.{}", recipe.language);
    std::fs::write(folder.join(&name), &recipe.body).unwrap();
    let check = run(vidc(VIDC, folder).args(["check", "--color", "never", &name]));
    let wrong = check.stderr.lines().any(|line| line.starts_with("error"));
    match check.code {
        Some(0) => assert!(!wrong, "{}", recipe.place()),
        Some(1 | 3) => assert!(wrong, "{}: {}", recipe.place(), check.stderr),
        code => panic!("{}: exit {code:?}: {}", recipe.place(), check.stderr),
    }
    check.stderr
}

fn cases() -> Vec<(Block, Block)> {
    let mut cases = Vec::new();
    for page in pages() {
        for pair in blocks(&page).chunks(2) {
            let [recipe, text] = pair else {
                panic!("{}: a recipe without its text", page.display())
            };
            assert!(recipe.is("vidc") || recipe.is("yaml"), "{}", recipe.place());
            assert!(text.is("text"), "{}", text.place());
            cases.push((recipe.clone(), text.clone()));
        }
    }
    cases
}

#[test]
fn mistakes_are_told() {
    let folder = folder();
    let update = std::env::var_os("UPDATE").is_some_and(|value| value == "1");
    let mut differing = Vec::new();
    for page in pages() {
        let path = workspace::root().join(&page);
        let mut lines: Vec<String> = std::fs::read_to_string(&path)
            .unwrap()
            .lines()
            .map(str::to_owned)
            .collect();
        let mine = |(recipe, _): &(Block, Block)| Path::new(&recipe.page) == page;
        for (recipe, text) in cases().into_iter().filter(mine).rev() {
            let said = said(&recipe, folder.path());
            if said.trim_end() != text.body.trim_end() {
                differing.push(format!("{}\n{said}", text.place()));
            }
            let body = text.line..text.line + text.body.lines().count();
            lines.splice(body, said.trim_end().lines().map(str::to_owned));
        }
        if update {
            std::fs::write(&path, lines.join("\n") + "\n").unwrap();
        }
    }
    assert!(update || differing.is_empty(), "{}", differing.join("\n"));
}

/// Diagnostics that `vidc check` of a recipe alone cannot produce.
const ELSEWHERE: &[&str] = &[
    // They need 10-bit video, a font without some glyph, an FFmpeg without some component, or a command line.
    "depth-reduced",
    "missing-glyphs",
    "not-in-ffmpeg",
    "unknown-binding",
];

#[test]
fn every_mistake_has_a_case() {
    let told: String = cases().into_iter().map(|(_, text)| text.body).collect();
    let all = vidc_dsl::codes::ALL.iter().chain(vidc_compiler::codes::ALL);
    let missing: BTreeSet<&str> = all
        .filter(|code| code.severity != Severity::Note)
        .map(|code| code.id)
        .filter(|name| !told.contains(&format!("[{name}]")) && !ELSEWHERE.contains(name))
        .collect();
    assert!(missing.is_empty(), "no case shows {missing:?}");
}

#[test]
fn eight_mistakes_are_told_at_once() {
    let eight: Vec<_> = cases()
        .into_iter()
        .filter(|(recipe, _)| recipe.page.ends_with("many_errors.md"))
        .collect();
    assert_eq!(eight.len(), 2, "in both syntaxes");
    for (recipe, text) in eight {
        let errors = text
            .body
            .lines()
            .filter(|line| line.starts_with("error["))
            .count();
        assert!(errors >= 8, "{}: {errors}", recipe.place());
    }
}
