//! Stream copy of whole tracks.

use crate::facts::Facts;
use crate::graph::Graph;
use crate::output::Encoding;

use super::pass::Pass;

/// Legal where a track is a whole stream of a file and its container supports the codec: the packets are the result.
/// A part of a stream is not copied here, because packets can only be cut at keyframes.
pub(super) const PASS: Pass = Pass {
    summary: "Tracks that nothing changes are copied instead of encoded again.",
    run,
};

fn run(graph: &Graph, facts: &Facts) -> (Graph, Vec<String>) {
    let mut graph = graph.clone();
    let mut reports = Vec::new();
    let mut outputs = std::mem::take(&mut graph.outputs);
    for output in &mut outputs {
        let container = output.container;
        for track in output.video.iter_mut().chain(&mut output.audio) {
            let Encoding::Auto(encoder) = &track.encoding else {
                continue;
            };
            if graph.check_copy(track.node, container, facts).is_ok() {
                let kind = graph.node(track.node).ty.kind();
                reports.push(format!("`{}`: {kind} copied", output.name));
                track.encoding = Encoding::Copy;
            } else {
                track.encoding = Encoding::Encode(encoder.clone());
            }
        }
    }
    graph.outputs = outputs;
    (graph, reports)
}
