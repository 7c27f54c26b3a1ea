//! `vidc compile`: shows the work a recipe compiles to.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::Serialize;
use vidc_compiler::cost::Estimate;
use vidc_compiler::emit;
use vidc_compiler::plan::Plan;
use vidc_engine::probe::Identity;

use super::exit::Failure;
use super::machine::Machine;
use super::output::Output;
use super::recipe::{self, CompileOptions};

/// Arguments of `vidc compile`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// What to show
    #[arg(long, value_enum, default_value_t = Emit::Explain)]
    emit: Emit,
    /// The same as `--emit explain`
    #[arg(long, conflicts_with = "emit")]
    explain: bool,
    #[command(flatten)]
    options: CompileOptions,
    /// The recipe; `-` reads standard input
    recipe: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Emit {
    /// What the compiler decided, in words
    Explain,
    /// The same work as a shell script
    Sh,
    /// The plan as JSON
    Json,
    /// The plan as a graph for Graphviz
    Dot,
}

/// A plan, and beside its members what it is likely to take.
#[derive(Serialize)]
struct Emitted<'a> {
    #[serde(flatten)]
    plan: &'a Plan,
    estimate: &'a Estimate,
}

pub(super) fn run(arguments: Arguments, output: &Output) -> Result<(), Failure> {
    super::block_on(compile(arguments, output))
}

async fn compile(arguments: Arguments, output: &Output) -> Result<(), Failure> {
    // Only a plan as data tells the keys of its stages, which should be the same wherever the media are.
    let identity = match arguments.emit {
        Emit::Json => Identity::Content,
        Emit::Explain | Emit::Sh | Emit::Dot => Identity::State,
    };
    let prober = Machine::find()?.prober(identity);
    let outcome = recipe::compile(&arguments.recipe, &arguments.options, &prober).await?;
    let compiled = outcome.accept(output)?;
    match arguments.emit {
        Emit::Explain => output.print(&compiled.explanation),
        Emit::Sh => output.print(&emit::shell(&compiled.plan, &outcome.compilation.facts)),
        Emit::Json => output.value(&Emitted {
            plan: &compiled.plan,
            estimate: &compiled.estimate,
        }),
        Emit::Dot => output.print(&emit::dot(&compiled.plan)),
    }
}
