//! `vidc fmt`: lays recipes out canonically.

use std::path::{Path, PathBuf};

use clap::Args;
use vidc_engine::ErrorKind;

use super::exit::Failure;
use super::output::Output;
use super::recipe::{Source, SyntaxOption};

/// Arguments of `vidc fmt`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Only say which files would change, and fail if any would
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    syntax: SyntaxOption,
    /// Recipes; `-` reads standard input and writes standard output
    #[arg(required = true, value_name = "RECIPE")]
    recipes: Vec<PathBuf>,
}

pub(super) fn run(arguments: Arguments, output: &Output) -> Result<(), Failure> {
    let mut worst = None;
    for path in &arguments.recipes {
        match format(path, &arguments, output) {
            Ok(()) => {}
            Err(Failure::Told(kind)) => worst = Some(Failure::Told(kind)),
            Err(other) => return Err(other),
        }
    }
    worst.map_or(Ok(()), Err)
}

/// Formats one recipe; one that cannot be read is told of and left alone.
fn format(path: &Path, arguments: &Arguments, output: &Output) -> Result<(), Failure> {
    let source = Source::read(path, &arguments.syntax)?;
    let recipe = source.parse(output)?;
    let formatted = source.print(&recipe, source.syntax());
    if source.is_stdin() && !arguments.check {
        return output.print(&formatted);
    }
    if formatted == source.text() {
        return Ok(());
    }
    if arguments.check {
        output.line(&format!("would change {}", path.display()))?;
        return Err(Failure::Told(ErrorKind::InvalidRecipe));
    }
    super::recipe::write(path, &formatted)
}
