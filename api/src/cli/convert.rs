//! `vidc convert`: converts a recipe to the other syntax.

use std::path::PathBuf;

use clap::Args;
use vidc_dsl::Syntax;

use super::failure::Failure;
use super::recipe::{Source, SyntaxName, SyntaxOption, write_recipe};
use super::terminal::Terminal;

/// Arguments of `vidc convert`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Syntax to convert to [default: by the extension of --output, otherwise the other syntax]
    #[arg(long, value_enum, value_name = "SYNTAX")]
    to: Option<SyntaxName>,
    /// Write to this file [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    syntax: SyntaxOption,
    /// Recipe to convert; `-` reads standard input
    recipe: PathBuf,
}

pub(super) fn run(arguments: Arguments, terminal: &Terminal) -> Result<(), Failure> {
    let source = Source::read(&arguments.recipe, &arguments.syntax)?;
    let recipe = source.parse(terminal)?;
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
        Some(path) => write_recipe(path, &converted),
        None => terminal.print(&converted),
    }
}
