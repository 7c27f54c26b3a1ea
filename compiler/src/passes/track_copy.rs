use crate::facts::Facts;
use crate::graph::{Graph, StreamType};
use crate::output::Encoding;

use super::pass::Pass;

/// Legal where a track is a whole stream of a file and its container takes the codec: the packets are the result.
/// A part of a stream is not copied, because packets can only be cut at keyframes.
pub(super) const PASS: Pass = Pass {
    summary: "A picture or sound that nothing touches is copied, not encoded again.",
    run,
};

fn run(graph: &Graph, facts: &Facts) -> (Graph, Vec<String>) {
    let mut graph = graph.clone();
    let mut done = Vec::new();
    let mut outputs = std::mem::take(&mut graph.outputs);
    for output in &mut outputs {
        let container = output.container;
        for track in output.video.iter_mut().chain(&mut output.audio) {
            let Encoding::Auto(encoder) = &track.encoding else {
                continue;
            };
            let fits = graph.check_copy(track.node, container, facts).is_ok();
            let what = match &graph.node(track.node).ty {
                StreamType::Video(_) => "picture",
                StreamType::Audio(_) => "sound",
            };
            if fits {
                done.push(format!("the {what} of `{}` is copied as it is", output.name));
                track.encoding = Encoding::Copy;
            } else {
                track.encoding = Encoding::Encode(encoder.clone());
            }
        }
    }
    graph.outputs = outputs;
    (graph, done)
}
