//! `vidc convert`: rewrites a recipe in the other syntax.

use std::path::PathBuf;

use clap::Args;
use vidc_dsl::Syntax;

use super::exit::Failure;
use super::output::Output;
use super::recipe::{Source, SyntaxName, SyntaxOption};

/// Arguments of `vidc convert`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The syntax to write; otherwise that of the output's name, or the other one
    #[arg(long, value_enum)]
    to: Option<SyntaxName>,
    /// Where to write; otherwise standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    syntax: SyntaxOption,
    /// The recipe; `-` reads standard input
    recipe: PathBuf,
}

pub(super) fn run(arguments: Arguments, output: &Output) -> Result<(), Failure> {
    let source = Source::read(&arguments.recipe, &arguments.syntax)?;
    let recipe = source.parse(output)?;
    let to = match (arguments.to, &arguments.output) {
        (Some(name), _) => name.syntax(),
        (None, Some(path)) => Syntax::for_file_name(&path.to_string_lossy()),
        (None, None) => match source.syntax() {
            Syntax::Text => Syntax::Yaml,
            Syntax::Yaml => Syntax::Text,
        },
    };
    let converted = source.print(&recipe, to);
    match &arguments.output {
        Some(path) => super::recipe::write(path, &converted),
        None => output.print(&converted),
    }
}
