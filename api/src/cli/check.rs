//! `vidc check`: checks recipes for errors without rendering.

use std::path::PathBuf;

use clap::Args;
use vidc_engine::ErrorKind;
use vidc_engine::probe::Fingerprint;

use super::failure::Failure;
use super::recipe::{self, CompileOptions};
use super::runtime::block_on;
use super::terminal::Terminal;
use super::toolchain::Toolchain;

/// Arguments of `vidc check`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    options: CompileOptions,
    /// Recipes to check; `-` reads standard input
    #[arg(required = true, value_name = "RECIPE")]
    recipes: Vec<PathBuf>,
}

pub(super) fn run(arguments: Arguments, terminal: &Terminal) -> Result<(), Failure> {
    block_on(check(arguments, terminal))
}

async fn check(arguments: Arguments, terminal: &Terminal) -> Result<(), Failure> {
    let prober = Toolchain::find()?.prober(Fingerprint::Metadata);
    let mut worst = None;
    let mut json = Vec::new();
    for path in &arguments.recipes {
        let checked = recipe::compile(path, &arguments.options, &prober).await?;
        if checked.is_rejected() {
            // An invalid recipe outweighs a missing file.
            worst = match (worst, checked.error_kind()) {
                (Some(ErrorKind::InvalidRecipe), _) => Some(ErrorKind::InvalidRecipe),
                (_, kind) => Some(kind),
            };
        }
        if terminal.is_json() {
            json.extend(vidc_dsl::render::json(
                &checked.compilation.diagnostics,
                checked.source.sources(),
            ));
        } else {
            terminal.print_diagnostics(&checked.compilation.diagnostics, checked.source.sources());
        }
    }
    if terminal.is_json() {
        terminal.print_json(&json)?;
    }
    match worst {
        Some(kind) => Err(Failure::Reported(kind)),
        None => Ok(()),
    }
}
