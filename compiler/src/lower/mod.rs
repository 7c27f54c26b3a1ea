//! The graph as a plan: which ffmpeg runs make its outputs, and what each of them must turn out to be.

mod complexity;
mod expected;
mod filters;
mod inputs;
mod join;
mod key;
mod multi_input;
mod outputs;
mod run;
mod stages;
mod threads;
mod tracks;
mod units;
mod workload;

use vidc_dsl::Span;

use crate::facts::Facts;
use crate::graph::Graph;
use crate::plan::{FilterCall, PLAN_VERSION, Plan};

/// Lowers a graph whose types all fit.
pub(crate) fn lower(graph: &Graph, facts: &Facts) -> Plan {
    Plan {
        version: PLAN_VERSION,
        ffmpeg_build: facts.ffmpeg.build.clone(),
        stages: stages::stages(graph, facts),
    }
}

/// Filters of the compiler's own, pointed at the line that they are for.
fn placed(calls: Vec<FilterCall>, origin: Span) -> Vec<FilterCall> {
    calls
        .into_iter()
        .map(|call| FilterCall {
            origin: call.origin.or(Some(origin)),
            ..call
        })
        .collect()
}
