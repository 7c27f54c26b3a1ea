//! Random recipes, rendered with all passes and with none. A failing one is made as small as it can be first.
//!
//! `VIDC_EQUIVALENCE_CASES` says how many recipes of each kind, `VIDC_EQUIVALENCE_SEED` which.

use std::fmt::Write as _;
use std::path::Path;

use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};
use vidc_compiler::PASSES;
use vidc_tests::alike::{Limits, compare};

use super::media::{self, CLIPS, OTHERS, SONGS};
use super::recipes::Recipe;
use super::themes::{CUTS, PICTURES, SOUNDS, Theme};
use super::{Bench, all_off, off};

/// What a recipe that is refused ends with.
const REFUSED: i32 = 1;
/// Longer results are not made.
const LONGEST: f64 = 15.0;

fn number(variable: &str, otherwise: u64) -> u64 {
    match std::env::var(variable) {
        Ok(text) => text.parse().unwrap_or_else(|error| panic!("{variable}: {error}")),
        Err(_) => otherwise,
    }
}

fn bench() -> Bench {
    let bench = Bench::new();
    let media = CLIPS.iter().chain(SONGS).map(|medium| medium.name);
    for name in media
        .chain(OTHERS.iter().copied())
        .filter(|name| *name != "words.srt")
    {
        std::fs::copy(media::path(name), bench.path().join(name)).unwrap();
    }
    std::fs::write(bench.path().join("words.srt"), media::WORDS).unwrap();
    bench
}

/// Renders a recipe in a way; none if it is refused.
fn made(bench: &Bench, way: &str, options: &[&str]) -> Result<Option<std::path::PathBuf>, String> {
    let (folder, done) = bench.render(way, options, Path::new("recipe.vidc"));
    match done.code {
        Some(0) => Ok(Some(folder)),
        Some(REFUSED) => Ok(None),
        _ => Err(format!("rendering with {way} fails:\n{}", done.stderr)),
    }
}

/// What differs if it is rendered in a way instead of without passes; none if it is refused.
fn differences(
    bench: &Bench,
    recipe: &Recipe,
    way: &str,
    options: &[&str],
) -> Result<Option<String>, String> {
    let (Some(with), Some(without)) = (made(bench, way, options)?, made(bench, "no passes", &all_off())?)
    else {
        return Ok(None);
    };
    let mut said = String::new();
    for (index, output) in recipe.outputs.iter().enumerate() {
        let limits = match output.lossless {
            true => Limits::LOSSLESS,
            false => Limits::LOSSY,
        };
        let name = output.name(index);
        for fault in compare(&with.join(&name), &without.join(&name), &limits).faults {
            let _ = writeln!(said, "{name}: {fault}");
        }
    }
    Ok(Some(said))
}

fn check(bench: &Bench, recipe: &Recipe) -> Result<(), TestCaseError> {
    if recipe.length() > LONGEST {
        return Err(TestCaseError::reject("it is long"));
    }
    std::fs::write(bench.path().join("recipe.vidc"), recipe.text()).unwrap();
    match differences(bench, recipe, "all passes", &[]) {
        Ok(None) => Err(TestCaseError::reject("it is refused")),
        Ok(Some(said)) if said.is_empty() => Ok(()),
        Ok(Some(said)) | Err(said) => Err(TestCaseError::fail(said)),
    }
}

/// The passes without which a fault is gone.
fn blamed(bench: &Bench, recipe: &Recipe) -> Vec<&'static str> {
    std::fs::write(bench.path().join("recipe.vidc"), recipe.text()).unwrap();
    let names = PASSES.iter().map(|pass| pass.name);
    let gone = |name: &&str| {
        differences(bench, recipe, &format!("all but {name}"), &off([*name])) == Ok(Some(String::new()))
    };
    names.filter(gone).collect()
}

fn equivalent(theme: Theme, cases: u64, seed: u64) {
    let bench = bench();
    let config = Config {
        cases: u32::try_from(number("VIDC_EQUIVALENCE_CASES", cases)).unwrap(),
        rng_seed: RngSeed::Fixed(number("VIDC_EQUIVALENCE_SEED", 0) + seed),
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Config::default()
    };
    let mut runner = TestRunner::new(config);
    match runner.run(&theme.recipe(), |recipe| check(&bench, &recipe)) {
        Ok(()) => {}
        Err(TestError::Fail(reason, recipe)) => {
            let blamed = blamed(&bench, &recipe);
            panic!("{}\n{reason}\nit is gone without: {blamed:?}", recipe.text());
        }
        Err(TestError::Abort(reason)) => panic!("{reason}"),
    }
}

#[test]
fn cuts_are_equivalent() {
    equivalent(CUTS, 20, 1);
}

#[test]
fn pictures_are_equivalent() {
    equivalent(PICTURES, 20, 2);
}

#[test]
fn sounds_are_equivalent() {
    equivalent(SOUNDS, 20, 3);
}
