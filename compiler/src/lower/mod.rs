//! Lowers a graph to a plan: which ffmpeg runs write its outputs, and the result expected of each.
//!
//! Data flows one way. [`stages`] decides which outputs share a run. For each run the consumers of decoded nodes are
//! known first; [`filter_graph`] lowers those nodes to pads, collecting [`inputs`] on the way; [`tracks`] and
//! [`outputs`] map pads to files; [`key`] and [`workload`] describe the finished run.

mod audio_concat;
mod chains;
mod complexity;
mod concat;
mod consumer;
mod context;
mod expected;
mod filter_graph;
mod filters;
mod inputs;
mod key;
mod last_frame;
mod media_timing;
mod multi_input;
mod outputs;
mod placement;
mod sources;
mod stage_list;
mod stages;
mod start_anchor;
mod threads;
mod tracks;
mod units;
mod verification;
mod video_concat;
mod workload;

use crate::facts::Facts;
use crate::graph::Graph;
use crate::plan::{PLAN_VERSION, Plan};

/// Lowers a graph whose types all fit.
pub(crate) fn lower(graph: &Graph, facts: &Facts) -> Plan {
    Plan {
        version: PLAN_VERSION,
        ffmpeg_build: facts.ffmpeg.build.clone(),
        stages: stages::stages(graph, facts),
    }
}
