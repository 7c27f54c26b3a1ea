use crate::cost::estimate;
use crate::facts::Facts;
use crate::graph::Graph;
use crate::lower::lower;
use crate::output::{Encoding, OutputSpec};
use crate::time::{Rational, Time};

use super::pass::Pass;
use super::segments::{SegmentableVideo, split_evenly};

/// Legal where each stretch can be made by reading less of the files, for then it is what the whole shows at that time;
/// and where quality is constant, for then no frame's bits depend on those of a stretch far away. Each begins with a
/// keyframe of its own, and all have the same encoder, so the same parameter sets. Whether it pays is estimated: an
/// encoder that keeps all processors busy is not faster by halves.
pub(super) const PASS: Pass = Pass {
    summary: "A long picture that waits for its filters is made in stretches side by side, which are joined.",
    run,
};

/// Less than this is not worth a stretch of its own.
const SHORTEST: Time = Time::new(Rational::new_raw(10, 1));
/// How many there are at most.
const MOST: u32 = 8;
/// It must take no more than this share of the time it takes otherwise: estimates are not exact.
const WORTH: f64 = 0.75;

fn run(graph: &Graph, facts: &Facts) -> (Graph, Vec<String>) {
    // Several outputs may share what they decode, and are busy side by side as it is.
    if let [output] = graph.outputs.as_slice()
        && let Some((split, parts)) = split(graph, facts, output)
    {
        let (whole, side_by_side) = (estimated_seconds(graph, facts), estimated_seconds(&split, facts));
        if side_by_side <= WORTH * whole {
            let done = format!(
                "the picture of `{}` is made in {parts} stretches side by side: about {side_by_side:.0} s instead of {whole:.0} s",
                output.name
            );
            return (split, vec![done]);
        }
    }
    (graph.clone(), Vec::new())
}

/// What it takes.
fn estimated_seconds(graph: &Graph, facts: &Facts) -> f64 {
    estimate(&lower(graph, facts), &facts.rates).wall
}

/// The graph with its output's picture in as many stretches as there are processors; none where that cannot be.
fn split(graph: &Graph, facts: &Facts, output: &OutputSpec) -> Option<(Graph, i64)> {
    let stretched = SegmentableVideo::from_output(graph, facts, output)?;
    let room = stretched.length().as_secs_f64() / SHORTEST.as_secs_f64();
    let count = i64::from(facts.rates.total_cores().min(MOST).min(room as u32));
    if count < 2 {
        return None;
    }
    let mut split = graph.clone();
    let parts = split_evenly(&mut split, facts, stretched.node, stretched.frames, count)?;
    split.outputs[0].video.as_mut()?.encoding = Encoding::VideoConcat(stretched.into_concat(parts));
    Some((split, count))
}
