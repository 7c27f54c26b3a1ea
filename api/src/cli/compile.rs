//! `vidc compile`: shows the plan a recipe compiles to.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::Serialize;
use vidc_compiler::cost::Estimate;
use vidc_compiler::emit;
use vidc_compiler::plan::Plan;
use vidc_engine::probe::Fingerprint;

use super::failure::Failure;
use super::recipe::{self, CompileOptions};
use super::runtime::block_on;
use super::terminal::Terminal;
use super::toolchain::Toolchain;

/// Arguments of `vidc compile`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Representation of the plan
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Emit::Explain)]
    emit: Emit,
    /// Same as `--emit explain`
    #[arg(long, conflicts_with = "emit")]
    explain: bool,
    #[command(flatten)]
    options: CompileOptions,
    /// Recipe to compile; `-` reads standard input
    recipe: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Emit {
    /// Explanation of the compiler's decisions
    Explain,
    /// Shell script that runs the plan
    Sh,
    /// JSON
    Json,
    /// Graphviz graph
    Dot,
}

/// A plan with its cost estimate, as one JSON object.
#[derive(Serialize)]
struct PlanDocument<'a> {
    #[serde(flatten)]
    plan: &'a Plan,
    estimate: &'a Estimate,
}

pub(super) fn run(arguments: Arguments, terminal: &Terminal) -> Result<(), Failure> {
    block_on(compile(arguments, terminal))
}

async fn compile(arguments: Arguments, terminal: &Terminal) -> Result<(), Failure> {
    // Only the JSON form shows the stages' content keys, which must not depend on where the media are.
    let identity = match arguments.emit {
        Emit::Json => Fingerprint::Content,
        Emit::Explain | Emit::Sh | Emit::Dot => Fingerprint::Metadata,
    };
    let prober = Toolchain::find()?.prober(identity);
    let checked = recipe::compile(&arguments.recipe, &arguments.options, &prober).await?;
    let compiled = checked.accept(terminal)?;
    match arguments.emit {
        Emit::Explain => terminal.print(&compiled.explanation),
        Emit::Sh => terminal.print(&emit::shell(&compiled.plan, &checked.compilation.facts)),
        Emit::Json => terminal.print_json(&PlanDocument {
            plan: &compiled.plan,
            estimate: &compiled.estimate,
        }),
        Emit::Dot => terminal.print(&emit::dot(&compiled.plan)),
    }
}
