//! Checks a recipe against its probed media, and compiles it to the smallest plan of FFmpeg runs that renders it.
//!
//! ```text
//! Recipe + Facts ─▶ eval ─▶ Graph ─▶ passes ─▶ Graph ─▶ lower ─▶ Plan ─▶ argv | sh | json | dot
//! ```
//!
//! Compiling is a pure function of plain data: it uses no file, process, network, clock or environment variable.

pub mod aac;
pub mod ass;
mod bindings;
mod call;
pub mod catalogue;
pub mod codes;
pub mod cost;
pub mod emit;
mod eval;
mod explain;
pub mod facts;
mod graph;
mod lower;
mod ops;
mod output;
mod param;
mod passes;
pub mod plan;
pub mod preview;
mod size;
pub mod time;
mod value;

pub use bindings::Bindings;
pub use passes::{GraphStage, PassId, UnknownPass};

use std::collections::BTreeSet;

use vidc_dsl::ast::Recipe;
use vidc_dsl::{Diagnostics, Signatures, Sources};

use cost::Estimate;
use facts::{Facts, RequiredFacts};
use graph::Graph;
use plan::Plan;
use preview::Preview;

/// Compiler options.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Passes to skip.
    pub without_passes: BTreeSet<PassId>,
    /// Restricts the plan to a preview of part of one output.
    pub preview: Option<Preview>,
}

/// A compiled recipe.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The FFmpeg runs and copies that render it.
    pub plan: Plan,
    /// The compiler's decisions as printable paragraphs with headings, for `--emit explain`.
    pub explanation: String,
    /// The time, memory and disk space that the plan is expected to take.
    pub estimate: Estimate,
}

/// The signatures of all operations and other callables, for the front ends.
pub fn signatures() -> Signatures {
    catalogue::signatures()
}

/// The files that a recipe needs probed, as far as `facts` reveal them.
///
/// Probe them, add the results to `facts` and call this again until nothing is missing: a file's name may depend on
/// the properties of another file.
pub fn required_facts(
    recipe: &Recipe,
    bindings: &Bindings,
    facts: &Facts,
    options: &Options,
) -> RequiredFacts {
    let mut diagnostics = Diagnostics::new();
    let evaluated = eval::evaluate(recipe, bindings, facts, &mut diagnostics);
    let mut required = evaluated.required;
    if required.missing_from(facts).is_empty() && !diagnostics.has_errors() {
        required.keyframes = passes::required_keyframes(evaluated.graph, facts, &options.without_passes);
    }
    required
}

/// Checks a recipe and compiles it to a plan.
///
/// All user errors are reported in `diagnostics`. Returns `None` if there are any, if a required fact is missing, or
/// if [`Options::preview`] selects nothing.
pub fn compile(
    recipe: &Recipe,
    bindings: &Bindings,
    facts: &Facts,
    options: &Options,
    diagnostics: &mut Diagnostics,
) -> Option<Compiled> {
    let graph = evaluate(recipe, bindings, facts, options, diagnostics)?;
    let (graph, reports) = passes::run(graph, facts, &options.without_passes);
    let plan = lower::lower(&graph, facts);
    let estimate = cost::estimate(&plan, &facts.rates);
    let explanation = explain::explanation(&graph, facts, &reports, &plan, &estimate);
    Some(Compiled {
        plan,
        explanation,
        estimate,
    })
}

/// The typed graph of a recipe at a stage of its compilation, as text: a line per node, then the outputs.
///
/// `sources` are the texts that nodes come from. Returns `None` where [`compile`] does.
pub fn graph_text(
    recipe: &Recipe,
    bindings: &Bindings,
    facts: &Facts,
    options: &Options,
    stage: GraphStage,
    sources: &Sources,
) -> Option<String> {
    let graph = evaluate(recipe, bindings, facts, options, &mut Diagnostics::new())?;
    let without = &options.without_passes;
    let graph = match stage {
        GraphStage::Checked => graph,
        GraphStage::After(last) => passes::run_until(graph, facts, without, last).0,
        GraphStage::Optimized => passes::run(graph, facts, without).0,
    };
    Some(emit::graph(&graph, sources))
}

/// The graph before any pass.
fn evaluate(
    recipe: &Recipe,
    bindings: &Bindings,
    facts: &Facts,
    options: &Options,
    diagnostics: &mut Diagnostics,
) -> Option<Graph> {
    let evaluated = eval::evaluate(recipe, bindings, facts, diagnostics);
    if diagnostics.has_errors() || !evaluated.required.missing_from(facts).is_empty() {
        return None;
    }
    match &options.preview {
        Some(preview) => preview.restrict(&evaluated.graph),
        None => Some(evaluated.graph),
    }
}
