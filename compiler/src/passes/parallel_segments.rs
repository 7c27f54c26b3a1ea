//! Encoding of one video in parallel segments.

use crate::cost::estimate;
use crate::facts::Facts;
use crate::graph::Graph;
use crate::lower::lower;
use crate::output::{Encoding, OutputSpec};
use crate::time::{Rational, Time};

use super::pass::Pass;
use super::segments::{SegmentableVideo, split_evenly};

/// Legal where each segment can be produced by reading only a part of the files, so that it equals that part of the
/// whole; and where quality is constant, so that no frame's bits depend on a distant segment. Each segment starts with a
/// keyframe of its own, and all use the same encoder, so the same parameter sets. An estimate decides whether it pays: if
/// the encoder already keeps all cores busy, segments gain nothing.
pub(super) const PASS: Pass = Pass {
    summary: "Long video whose filters are slower than its encoder is split into segments that are encoded in parallel.",
    run,
};

/// The shortest segment.
const MIN_LENGTH: Time = Time::new(Rational::new_raw(10, 1));
/// The most segments.
const MAX_SEGMENTS: u32 = 8;
/// The largest share of the undivided time that a split may take, as a margin for the error of estimates.
const MAX_TIME_RATIO: f64 = 0.75;

fn run(graph: &Graph, facts: &Facts) -> (Graph, Vec<String>) {
    // Several outputs may share decoding, and already run in parallel.
    if let [output] = graph.outputs.as_slice()
        && let Some((split, count)) = split(graph, facts, output)
    {
        let (whole, parallel) = (estimated_seconds(graph, facts), estimated_seconds(&split, facts));
        if parallel <= MAX_TIME_RATIO * whole {
            let report = format!(
                "`{}`: {count} video segments encoded in parallel (about {parallel:.0} s instead of {whole:.0} s)",
                output.name
            );
            return (split, vec![report]);
        }
    }
    (graph.clone(), Vec::new())
}

/// The estimated wall time of a graph.
fn estimated_seconds(graph: &Graph, facts: &Facts) -> f64 {
    estimate(&lower(graph, facts), &facts.rates).wall
}

/// Splits the output's video into as many segments as there are cores, and counts them; `None` if it cannot be split.
fn split(graph: &Graph, facts: &Facts, output: &OutputSpec) -> Option<(Graph, i64)> {
    let video = SegmentableVideo::from_output(graph, facts, output)?;
    let max_by_length = video.length().as_secs_f64() / MIN_LENGTH.as_secs_f64();
    let count = facts.rates.total_cores().min(MAX_SEGMENTS);
    let count = i64::from(count.min(max_by_length as u32));
    if count < 2 {
        return None;
    }
    let mut split = graph.clone();
    let segments = split_evenly(&mut split, facts, video.node, video.frames, count)?;
    split.outputs[0].video.as_mut()?.encoding = Encoding::VideoConcat(video.into_concat(segments));
    Some((split, count))
}
