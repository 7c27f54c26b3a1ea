//! What README and the book in docs/ say is true: their recipes compile, their links lead somewhere.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use vidc_tests::markdown::{Block, blocks};
use vidc_tests::{run, vidc, workspace};

use crate::{VIDC, folder};

/// Every Markdown file of the book, and README and CONTRIBUTING.
pub(crate) fn pages() -> Vec<PathBuf> {
    let mut found = vec!["README.md".into(), "CONTRIBUTING.md".into()];
    let mut folders = vec![PathBuf::from("docs/src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(workspace::root().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            if entry.path().is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn read(page: &Path) -> String {
    std::fs::read_to_string(workspace::root().join(page)).unwrap()
}

fn is_recipe(block: &Block) -> bool {
    (block.is("vidc") || block.is("yaml")) && block.marks.iter().all(|mark| mark == "says")
}

fn all_blocks() -> Vec<Block> {
    pages().iter().flat_map(|page| blocks(page)).collect()
}

#[test]
fn marks_are_known() {
    for block in all_blocks() {
        for mark in &block.marks {
            assert!(
                ["fragment", "fails", "says"].contains(&mark.as_str()),
                "{}: there is no mark `{mark}`",
                block.place()
            );
        }
    }
}

#[test]
fn recipes_compile() {
    let folder = folder();
    let mut command = vidc(VIDC, folder.path());
    command.arg("check");
    let mut recipes = 0;
    for block in all_blocks().iter().filter(|block| is_recipe(block)) {
        std::fs::write(folder.path().join(block.file()), &block.body).unwrap();
        command.arg(block.file());
        recipes += 1;
    }
    assert!(recipes > 30, "{recipes} recipes were found");
    run(&mut command).expect(0);
}

#[test]
fn recipes_are_laid_out_canonically() {
    let folder = folder();
    let mut command = vidc(VIDC, folder.path());
    command.args(["fmt", "--check"]);
    for block in all_blocks().iter().filter(|block| is_recipe(block)) {
        std::fs::write(folder.path().join(block.file()), &block.body).unwrap();
        command.arg(block.file());
    }
    run(&mut command).expect(0);
}

/// A recipe in YAML right behind one in the text syntax is the same recipe.
#[test]
fn pairs_are_the_same_recipe() {
    let folder = folder();
    let mut pairs = 0;
    for page in pages() {
        for pair in blocks(&page).windows(2) {
            let [text, yaml] = pair else { unreachable!() };
            if !(is_recipe(text) && text.is("vidc") && is_recipe(yaml) && yaml.is("yaml")) {
                continue;
            }
            for (from, to) in [(text, yaml), (yaml, text)] {
                std::fs::write(folder.path().join(from.file()), &from.body).unwrap();
                let converted = run(vidc(VIDC, folder.path()).args(["convert", &from.file()])).expect(0);
                assert_eq!(converted.stdout, to.body, "{} from {}", to.place(), from.place());
            }
            pairs += 1;
        }
    }
    assert!(pairs >= 12, "{pairs} pairs");
}

/// Recipes that are shown to fail do, and what is shown behind a recipe is what is said of it.
#[test]
fn messages_are_real() {
    let folder = folder();
    let mut shown = 0;
    for page in pages() {
        let blocks = blocks(&page);
        for (index, block) in blocks.iter().enumerate() {
            let code = match block.marks.first().map(String::as_str) {
                Some("fails") => 1,
                Some("says") => 0,
                _ => continue,
            };
            let name = format!("recipe.{}", block.language);
            std::fs::write(folder.path().join(&name), &block.body).unwrap();
            let said = run(vidc(VIDC, folder.path()).args(["check", &name]))
                .expect(code)
                .stderr;
            let text = blocks.get(index + 1).filter(|next| next.is("text")).unwrap();
            assert!(
                said.contains(text.body.trim_end()),
                "{}: it says\n{said}",
                text.place()
            );
            shown += 1;
        }
    }
    assert!(shown >= 3, "{shown} messages are shown");
}

/// Source files and folders that pages name exist.
#[test]
fn source_paths_exist() {
    let folders = [
        "api/",
        "benches/",
        "compiler/",
        "docs/",
        "dsl/",
        "grammar/",
        "runtime/",
        "scripts/",
        "tests/",
    ];
    let mut missing = String::new();
    let mut paths = 0;
    for page in pages().iter().filter(|page| !page.ends_with("CHANGELOG.md")) {
        let text = prose(page);
        for path in text.split('`').skip(1).step_by(2) {
            let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "/._-".contains(c);
            if !folders.iter().any(|folder| path.starts_with(folder)) || !path.chars().all(is_name) {
                continue;
            }
            paths += 1;
            if !workspace::root().join(path).exists() {
                writeln!(missing, "{}: {path}", page.display()).unwrap();
            }
        }
    }
    assert!(paths > 30, "{paths} paths were found");
    assert!(
        missing.is_empty(),
        "pages name files that do not exist:\n{missing}"
    );
}

/// The text of a page without its fenced blocks.
fn prose(page: &Path) -> String {
    let mut open = false;
    let mut text = String::new();
    for line in read(page).lines() {
        if line.starts_with("```") {
            open = !open;
        } else if !open {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

/// The names by which a page's headings can be linked to.
fn anchors(page: &Path) -> Vec<String> {
    prose(page)
        .lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| {
            let title = line.trim_start_matches('#').trim().to_lowercase();
            let kept = title
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        })
        .collect()
}

/// Where a page's links lead, in the order in which they stand.
fn links(page: &Path) -> Vec<String> {
    prose(page)
        .split("](")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once(')')?.0.to_owned()))
        .collect()
}

#[test]
fn links_resolve() {
    let mut broken = String::new();
    for page in pages() {
        for link in links(&page) {
            if link.contains("://") {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = match path {
                "" => page.clone(),
                path => page.parent().unwrap().join(path),
            };
            let there = workspace::root().join(&target).exists();
            let is_page = target.extension().is_some_and(|e| e == "md");
            let anchored =
                anchor.is_empty() || is_page && anchors(&target).iter().any(|known| known == anchor);
            if !there || !anchored {
                writeln!(broken, "{}: {link}", page.display()).unwrap();
            }
        }
    }
    assert!(broken.is_empty(), "links that lead nowhere:\n{broken}");
}

#[test]
fn headings_are_unique() {
    for page in pages() {
        let mut known = BTreeSet::new();
        for anchor in anchors(&page) {
            assert!(
                known.insert(anchor.clone()),
                "{}: `{anchor}` is twice",
                page.display()
            );
        }
    }
}

#[test]
fn every_page_is_in_the_summary() {
    let summary = Path::new("docs/src/SUMMARY.md");
    let listed: BTreeSet<PathBuf> = links(summary)
        .iter()
        .map(|link| Path::new("docs/src").join(link))
        .collect();
    let pages: BTreeSet<PathBuf> = pages()
        .into_iter()
        .filter(|page| page.starts_with("docs") && page != summary)
        .collect();
    assert_eq!(pages, listed);
}

/// The options of a command, by its help.
fn options(help: &str) -> impl Iterator<Item = &str> {
    help.lines().filter_map(|line| {
        let (_, rest) = line
            .split_once("--")
            .filter(|(before, _)| before.trim().len() <= 3)?;
        rest.split([' ', '=']).next()
    })
}

#[test]
fn every_command_and_option_is_told() {
    let page = read(Path::new("docs/src/command-line.md"));
    let folder = tempfile::tempdir().unwrap();
    let help = |arguments: &[&str]| run(vidc(VIDC, folder.path()).args(arguments)).expect(0).stdout;
    let all = help(&["--help"]);
    let commands = all
        .split("Commands:\n")
        .nth(1)
        .unwrap()
        .split("\n\n")
        .next()
        .unwrap();
    for command in commands.lines().filter_map(|line| line.split_whitespace().next()) {
        if command == "help" {
            continue;
        }
        let section = page
            .split(&format!("## `vidc {command}`"))
            .nth(1)
            .unwrap_or_else(|| panic!("`vidc {command}` has no section"));
        let section = section.split("\n## ").next().unwrap();
        for option in options(&help(&[command, "--help"])) {
            let told = format!("`--{option}");
            let everywhere = ["format", "color", "help", "version"].contains(&option);
            let place = if everywhere { &page } else { section };
            assert!(place.contains(&told), "`vidc {command}` leaves out `--{option}`");
        }
    }
    for line in all.split("Exit codes:\n").nth(1).unwrap().lines() {
        let (code, meaning) = line.trim().split_once("  ").unwrap();
        assert!(
            page.contains(&format!("| {code} |")),
            "exit code {code}: {meaning}"
        );
    }
}
