mod audio;
mod video;

use crate::facts::Facts;
use crate::graph::Graph;

use super::pass::Pass;

/// Legal for pictures where stretches of them are (see `segments`); and for sounds always, for what is kept of them
/// loses nothing. FFmpeg opens all files of a run at once, and each decoder holds a dozen pictures from then on.
pub(super) const PASS: Pass = Pass {
    summary: "Of very many clips, only so many are opened at once.",
    run,
};

fn run(graph: &Graph, facts: &Facts) -> (Graph, Vec<String>) {
    let mut graph = graph.clone();
    let mut done = Vec::new();
    for index in 0..graph.outputs.len() {
        done.extend(video::batch_video(&mut graph, facts, index));
    }
    done.extend(audio::batch_audio(&mut graph));
    (graph, done)
}
