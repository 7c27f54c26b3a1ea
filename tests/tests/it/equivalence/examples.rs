//! Every example, rendered with all passes, with none, and without each that saved something.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use vidc_compiler::PassId;
use vidc_tests::compare::{Limits, compare};
use vidc_tests::workspace;

use super::bench::{Bench, all_off, off};

/// Examples are divided among this many tests, which run side by side.
const TESTS: usize = 4;

/// The names of the passes that saved something.
fn saving(explained: &str) -> Vec<&'static str> {
    let lines = explained.lines().skip_while(|line| *line != "Savings").skip(1);
    let lines: Vec<&str> = lines.take_while(|line| line.starts_with("  ")).collect();
    let saved = |name: &str| {
        lines
            .iter()
            .any(|line| line.trim().starts_with(&format!("{name}:")))
    };
    PassId::ALL
        .into_iter()
        .map(PassId::name)
        .filter(|name| saved(name))
        .collect()
}

fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let name =
        |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name().to_string_lossy().into_owned();
    let mut names: Vec<String> = entries.map(name).collect();
    names.sort();
    names
}

/// What is wrong with an example. It is encoded with less care than it asks for, which takes less time.
fn faults(example: &Path) -> Vec<String> {
    let bench = Bench::new();
    let media = workspace::root().join("examples/media").canonicalize().unwrap();
    std::os::unix::fs::symlink(media, bench.path().join("media")).unwrap();
    let text = std::fs::read_to_string(example).unwrap();
    let example = &bench.path().join(example.file_name().unwrap());
    std::fs::write(example, text.replace("veryfast", "ultrafast")).unwrap();
    let explained = bench.vidc(&["compile"], &[], example).expect(0).stdout;
    let mut ways = vec![
        ("no passes".to_owned(), all_off()),
        ("all passes".to_owned(), Vec::new()),
    ];
    for name in saving(&explained) {
        ways.push((format!("all but {name}"), off([name])));
    }
    let name = example.file_name().unwrap().to_string_lossy().into_owned();
    // Ways that come to the same work are rendered once.
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    let mut faults = Vec::new();
    let mut reference: Option<PathBuf> = None;
    for (index, (way, options)) in ways.iter().enumerate() {
        let plan = bench
            .vidc(&["compile", "--emit", "json"], options, example)
            .expect(0)
            .stdout;
        if known.insert(plan, way.clone()).is_some() {
            continue;
        }
        let (folder, done) = bench.render(&format!("way{index}"), options, example);
        done.expect(0);
        let Some(reference) = &reference else {
            reference = Some(folder);
            continue;
        };
        assert_eq!(files(&folder), files(reference), "{name}: {way}");
        for file in files(&folder) {
            let found = compare(&folder.join(&file), &reference.join(&file), &Limits::LOSSY);
            println!(
                "{file}, {way}: picture {:?} dB, sound {:?} dB",
                found.picture, found.sound
            );
            faults.extend(
                found
                    .faults
                    .iter()
                    .map(|fault| format!("{name}, {file}, {way}: {fault}")),
            );
        }
    }
    faults
}

fn among(part: usize) {
    let mut examples = workspace::examples();
    // The two syntaxes of an example are the same recipe, as another test makes sure.
    examples.dedup_by_key(|path| path.with_extension(""));
    let mine = examples.iter().skip(part).step_by(TESTS);
    let faults: Vec<String> = mine.flat_map(|example| faults(example)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_first_part() {
    among(0);
}

#[test]
fn a_second_part() {
    among(1);
}

#[test]
fn a_third_part() {
    among(2);
}

#[test]
fn a_fourth_part() {
    among(3);
}
