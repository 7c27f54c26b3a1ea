//! Random recipes, rendered with all passes and with none. A failing one is made as small as it can be first.
//!
//! `VIDC_EQUIVALENCE_CASES` says how many recipes of each kind, `VIDC_EQUIVALENCE_SEED` which.

use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};
use vidc_compiler::PassId;

use super::bench::{Bench, off};
use super::recipes::Recipe;
use super::strategies::{CUTS, PICTURES, SOUNDS, Theme};

/// Longer results are not made.
const LONGEST: f64 = 15.0;
/// Nor are shorter ones: a frame more or less is much of those.
const SHORTEST: f64 = 0.5;

fn number(variable: &str, otherwise: u64) -> u64 {
    match std::env::var(variable) {
        Ok(text) => text.parse().unwrap_or_else(|error| panic!("{variable}: {error}")),
        Err(_) => otherwise,
    }
}

fn check(bench: &Bench, recipe: &Recipe) -> Result<(), TestCaseError> {
    if !(SHORTEST..=LONGEST).contains(&recipe.length()) {
        return Err(TestCaseError::reject("it is long or short"));
    }
    match bench.differences(&recipe.text(), "all passes", &[]) {
        Ok(None) => Err(TestCaseError::reject("it is refused")),
        Ok(Some(said)) if said.is_empty() => Ok(()),
        Ok(Some(said)) | Err(said) => Err(TestCaseError::fail(said)),
    }
}

/// The passes without which a fault is gone.
fn blamed(bench: &Bench, recipe: &str) -> Vec<&'static str> {
    let names = PassId::ALL.into_iter().map(PassId::name);
    let gone = |name: &&str| {
        bench.differences(recipe, &format!("all but {name}"), &off([*name])) == Ok(Some(String::new()))
    };
    names.filter(gone).collect()
}

fn equivalent(theme: Theme, cases: u64, seed: u64) {
    let bench = Bench::stocked();
    let config = Config {
        cases: u32::try_from(number("VIDC_EQUIVALENCE_CASES", cases)).unwrap(),
        rng_seed: RngSeed::Fixed(number("VIDC_EQUIVALENCE_SEED", 0) + seed),
        failure_persistence: None,
        max_shrink_iters: 100,
        ..Config::default()
    };
    let mut runner = TestRunner::new(config);
    match runner.run(&theme.recipe(), |recipe| check(&bench, &recipe)) {
        Ok(()) => {}
        Err(TestError::Fail(reason, recipe)) => {
            let text = recipe.text();
            let blamed = blamed(&bench, &text);
            panic!("{text}\n{reason}\nit is gone without: {blamed:?}");
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
