//! `vidc check`: looks for mistakes in recipes.

use std::path::PathBuf;

use clap::Args;
use vidc_engine::ErrorKind;
use vidc_engine::probe::Identity;

use super::exit::Failure;
use super::machine::Machine;
use super::output::Output;
use super::recipe::{self, CompileOptions};

/// Arguments of `vidc check`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    options: CompileOptions,
    /// Recipes; `-` reads standard input
    #[arg(required = true, value_name = "RECIPE")]
    recipes: Vec<PathBuf>,
}

pub(super) fn run(arguments: Arguments, output: &Output) -> Result<(), Failure> {
    super::block_on(check(arguments, output))
}

async fn check(arguments: Arguments, output: &Output) -> Result<(), Failure> {
    let prober = Machine::find()?.prober(Identity::State);
    let mut refused = None;
    let mut told = Vec::new();
    for path in &arguments.recipes {
        let outcome = recipe::compile(path, &arguments.options, &prober).await?;
        if outcome.refused() {
            // A mistake in a recipe outweighs a file that is not there.
            refused = match (refused, outcome.blame()) {
                (Some(ErrorKind::InvalidRecipe), _) => Some(ErrorKind::InvalidRecipe),
                (_, blame) => Some(blame),
            };
        }
        if output.is_json() {
            told.extend(vidc_dsl::render::json(
                &outcome.compilation.diagnostics,
                outcome.source.sources(),
            ));
        } else {
            output.diagnostics(&outcome.compilation.diagnostics, outcome.source.sources());
        }
    }
    if output.is_json() {
        output.value(&told)?;
    }
    match refused {
        Some(blame) => Err(Failure::Told(blame)),
        None => Ok(()),
    }
}
