//! `vidc fmt`: formats recipes.

use std::path::{Path, PathBuf};

use clap::Args;
use vidc_engine::ErrorKind;

use super::failure::Failure;
use super::recipe::{Source, SyntaxOption, write_recipe};
use super::terminal::Terminal;

/// Arguments of `vidc fmt`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// List files that would change instead of writing them, and exit with 1 if there are any
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    syntax: SyntaxOption,
    /// Recipes to format; `-` reads standard input and writes standard output
    #[arg(required = true, value_name = "RECIPE")]
    recipes: Vec<PathBuf>,
}

pub(super) fn run(arguments: Arguments, terminal: &Terminal) -> Result<(), Failure> {
    let mut failure = None;
    for path in &arguments.recipes {
        match format(path, &arguments, terminal) {
            Ok(()) => {}
            Err(Failure::Reported(kind)) => failure = Some(Failure::Reported(kind)),
            Err(other) => return Err(other),
        }
    }
    failure.map_or(Ok(()), Err)
}

/// Formats one recipe in place. A recipe with syntax errors is reported and left unchanged.
fn format(path: &Path, arguments: &Arguments, terminal: &Terminal) -> Result<(), Failure> {
    let source = Source::read(path, &arguments.syntax)?;
    let recipe = source.parse(terminal)?;
    let formatted = source.print(&recipe, source.syntax());
    if source.is_stdin() && !arguments.check {
        return terminal.print(&formatted);
    }
    if formatted == source.text() {
        return Ok(());
    }
    if arguments.check {
        terminal.print_line(&format!("would change {}", path.display()))?;
        return Err(Failure::Reported(ErrorKind::InvalidRecipe));
    }
    write_recipe(path, &formatted)
}
