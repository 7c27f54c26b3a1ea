//! Limits on the number of input files that one FFmpeg process opens.

mod audio;
mod video;

use crate::facts::Facts;
use crate::graph::Graph;

use super::pass::Pass;

/// Legal for video where segments of it are (see `parallel-segments`), and for audio always, because the intermediate
/// files are lossless. FFmpeg opens all inputs of a process at startup, and each decoder then holds a dozen frames.
pub(super) const PASS: Pass = Pass {
    summary: "Renders of very many clips open a limited number of input files at once, to save memory.",
    run,
};

fn run(graph: &Graph, facts: &Facts) -> (Graph, Vec<String>) {
    let mut graph = graph.clone();
    let mut reports = Vec::new();
    for index in 0..graph.outputs.len() {
        reports.extend(video::batch_video(&mut graph, facts, index));
    }
    reports.extend(audio::batch_audio(&mut graph));
    (graph, reports)
}
