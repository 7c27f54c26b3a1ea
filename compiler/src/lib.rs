//! Checks a recipe against what is known of its media, and lowers it to the least FFmpeg work that makes it.
//!
//! ```text
//! Recipe + Facts ─▶ check ─▶ Graph ─▶ passes ─▶ Graph ─▶ lower ─▶ Plan ─▶ argv | sh | json | dot
//! ```
//!
//! Everything here is a pure function of plain data: no file, process, network, clock or environment.

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
mod passes;
pub mod plan;
mod size;
pub mod time;
mod value;
pub mod view;

pub use bindings::Bindings;
pub use passes::{BATCHES, COPYING, JOINING, PASSES, Pass, SEGMENTS};

use std::collections::BTreeSet;

use vidc_dsl::ast::Recipe;
use vidc_dsl::{Diagnostics, Signatures};

use cost::Estimate;
use facts::{Facts, RequiredFacts};
use plan::Plan;
use view::View;

/// How to compile.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Names of passes not to run.
    pub without_passes: BTreeSet<String>,
    /// Makes only what a look at a part of an output needs.
    pub view: Option<View>,
}

/// What a recipe was compiled to.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The work.
    pub plan: Plan,
    /// What the compiler decided, for `--emit explain`: headed paragraphs, ready to print.
    pub explanation: String,
    /// What the work is likely to take.
    pub estimate: Estimate,
}

/// The callables of this version of the language, for the front ends.
pub fn signatures() -> Signatures {
    catalogue::signatures()
}

/// The files that a recipe names as far as `facts` allow to see. Probe them, add what was found, and ask again
/// until nothing is missing: a name may depend on what another file turned out to be.
pub fn required_facts(
    recipe: &Recipe,
    bindings: &Bindings,
    facts: &Facts,
    options: &Options,
) -> RequiredFacts {
    let mut diagnostics = Diagnostics::new();
    let checked = eval::check(recipe, bindings, facts, &mut diagnostics);
    let mut wanted = checked.wanted;
    if wanted.missing_from(facts).is_empty() && !diagnostics.has_errors() {
        wanted.keyframes = passes::wanted(checked.graph, facts, &options.without_passes);
    }
    wanted
}

/// Checks and lowers a recipe. Every mistake of the user's is in `diagnostics`; there is no plan if any is an error,
/// nor if there is nothing to see where [`Options::view`] looks.
pub fn compile(
    recipe: &Recipe,
    bindings: &Bindings,
    facts: &Facts,
    options: &Options,
    diagnostics: &mut Diagnostics,
) -> Option<Compiled> {
    let checked = eval::check(recipe, bindings, facts, diagnostics);
    if diagnostics.has_errors() || !checked.wanted.missing_from(facts).is_empty() {
        return None;
    }
    let graph = match &options.view {
        Some(view) => view::look(&checked.graph, view)?,
        None => checked.graph,
    };
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
