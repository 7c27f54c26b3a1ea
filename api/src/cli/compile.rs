//! `vidc compile`: shows the plan a recipe compiles to.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::builder::{EnumValueParser, PossibleValue, TypedValueParser};
use clap::{Arg, Args, Command, ValueEnum};
use serde::Serialize;
use vidc_compiler::cost::Estimate;
use vidc_compiler::plan::Plan;
use vidc_compiler::{GraphStage, emit};
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
    #[arg(long, value_name = "FORMAT", value_parser = EmitParser, default_value = "explain")]
    emit: Emit,
    /// Same as `--emit explain`
    #[arg(long, conflicts_with = "emit")]
    explain: bool,
    #[command(flatten)]
    options: CompileOptions,
    /// Recipe to compile; `-` reads standard input
    recipe: PathBuf,
}

/// A value of `--emit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Emit {
    Explain,
    Graph(GraphStage),
    Sh,
    Json,
    Dot,
}

impl ValueEnum for Emit {
    fn value_variants<'a>() -> &'a [Emit] {
        &[
            Emit::Explain,
            Emit::Graph(GraphStage::Optimized),
            Emit::Sh,
            Emit::Json,
            Emit::Dot,
        ]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Emit::Explain => {
                PossibleValue::new("explain").help("Explanation of the compiler's decisions")
            }
            Emit::Graph(_) => PossibleValue::new("graph").help(
                "Typed graph after all passes; `graph=checked` before them, `graph=after:PASS` after one of them",
            ),
            Emit::Sh => PossibleValue::new("sh").help("Shell script that runs the plan"),
            Emit::Json => PossibleValue::new("json").help("JSON"),
            Emit::Dot => PossibleValue::new("dot").help("Graphviz graph"),
        })
    }
}

/// Parses the values of `--emit`: the variants of [`Emit`] by name, and `graph=STAGE`.
#[derive(Clone, Copy, Debug)]
struct EmitParser;

impl TypedValueParser for EmitParser {
    type Value = Emit;

    fn parse_ref(&self, cmd: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<Emit, clap::Error> {
        let is_stage = value.to_str().is_some_and(|value| value.starts_with("graph="));
        match is_stage {
            true => graph_stage.map(Emit::Graph).parse_ref(cmd, arg, value),
            false => EnumValueParser::<Emit>::new().parse_ref(cmd, arg, value),
        }
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let values = Emit::value_variants().iter();
        Some(Box::new(values.filter_map(Emit::to_possible_value)))
    }
}

/// Parses `graph=checked` and `graph=after:PASS`.
fn graph_stage(value: &str) -> Result<GraphStage, String> {
    match value.trim_start_matches("graph=").split_once(':') {
        None if value == "graph=checked" => Ok(GraphStage::Checked),
        Some(("after", pass)) => match pass.parse() {
            Ok(pass) => Ok(GraphStage::After(pass)),
            Err(unknown) => Err(format!("{unknown}")),
        },
        _ => Err("expected `graph`, `graph=checked` or `graph=after:PASS`".to_owned()),
    }
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
        Emit::Explain | Emit::Graph(_) | Emit::Sh | Emit::Dot => Fingerprint::Metadata,
    };
    let prober = Toolchain::find()?.prober(identity);
    let checked = recipe::compile(&arguments.recipe, &arguments.options, &prober).await?;
    let compiled = checked.accept(terminal)?;
    match arguments.emit {
        Emit::Explain => terminal.print(&compiled.explanation),
        Emit::Graph(stage) => {
            let graph = checked.compilation.graph_text(stage, checked.source.sources());
            terminal.print(&graph.unwrap_or_default())
        }
        Emit::Sh => terminal.print(&emit::shell(&compiled.plan, &checked.compilation.facts)),
        Emit::Json => terminal.print_json(&PlanDocument {
            plan: &compiled.plan,
            estimate: &compiled.estimate,
        }),
        Emit::Dot => terminal.print(&emit::dot(&compiled.plan)),
    }
}
