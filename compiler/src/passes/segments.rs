use crate::cost::estimate;
use crate::facts::Facts;
use crate::graph::{Graph, NodeId, Window};
use crate::lower::lower;
use crate::output::{Codec, Encoder, Encoding, Join, JoinPart, JoinSource, OutputSpec};
use crate::time::{Rational, Time};

use super::Pass;
use super::seek_pushdown::Cut;

/// Legal where each stretch can be made by reading less of the files, for then it is what the whole shows at that time;
/// and where quality is constant, for then no frame's bits depend on those of a stretch far away. Each begins with a
/// keyframe of its own, and all have the same encoder, so the same parameter sets. Whether it pays is estimated: an
/// encoder that keeps all processors busy is not faster by halves.
pub(super) const PASS: Pass = Pass {
    name: "segments",
    why: "A long picture that waits for its filters is made in stretches side by side, which are joined.",
    run,
};

/// Less than this is not worth a stretch of its own.
const SHORTEST: Time = Time::new(Rational::new_raw(10, 1));
/// How many there are at most.
const MOST: u32 = 8;
/// It must take no more than this share of the time it takes otherwise: estimates are not exact.
const WORTH: f64 = 0.85;

fn run(graph: &Graph, facts: &Facts) -> (Graph, Vec<String>) {
    // Several outputs may share what they decode, and are busy side by side as it is.
    if let [output] = graph.outputs.as_slice()
        && let Some((split, parts)) = split(graph, facts, output)
    {
        let (whole, side_by_side) = (seconds(graph, facts), seconds(&split, facts));
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
fn seconds(graph: &Graph, facts: &Facts) -> f64 {
    estimate(&lower(graph, facts), &facts.rates).wall
}

/// The graph with its output's picture in as many stretches as there are processors; none where that cannot be.
fn split(graph: &Graph, facts: &Facts, output: &OutputSpec) -> Option<(Graph, u32)> {
    let (node, encoder, codec) = splittable(graph, facts, output)?;
    let ty = graph.video(node)?;
    if ty.still || ty.variable_rate {
        return None;
    }
    let rate = ty.frame_rate;
    let frames = ty.duration?.frames(rate);
    let room = Time::of_frames(frames, rate).as_secs_f64() / SHORTEST.as_secs_f64();
    let parts = facts.rates.everywhere().min(MOST).min(room as u32);
    if parts < 2 {
        return None;
    }
    let mut split = graph.clone();
    let ends: Vec<i64> = (0..=parts)
        .map(|n| frames * i64::from(n) / i64::from(parts))
        .collect();
    let mut joined = Vec::new();
    for pair in ends.windows(2) {
        let (from, until) = (pair[0], pair[1]);
        let window = Window {
            start: Time::of_frames(from, rate),
            end: (until < frames).then(|| Time::of_frames(until, rate)),
        };
        let part = Cut {
            new: &mut split,
            facts,
        }
        .push(node, window, output.origin)?;
        let part = split.exact(part, until - from, output.origin);
        joined.push(JoinPart {
            length: Time::of_frames(until - from, rate),
            source: JoinSource::Encoded(part),
        });
    }
    let join = Join {
        parts: joined,
        encoder: encoder.clone(),
        codec,
        ticks: ticks(rate),
        grain: Time::ZERO,
        in_band: false,
    };
    split.outputs[0].video.as_mut()?.encoding = Encoding::Join(join);
    Some((split, parts))
}

/// The picture, its encoder and its codec, if it is to be encoded and may be in stretches.
fn splittable<'o>(
    graph: &Graph,
    facts: &Facts,
    output: &'o OutputSpec,
) -> Option<(NodeId, &'o Encoder, Codec)> {
    let track = output.video.as_ref()?;
    let encoder = match &track.encoding {
        Encoding::Auto(encoder) if graph.copyable(track.node, output.container, facts).is_err() => encoder,
        Encoding::Encode(encoder) => encoder,
        _ => return None,
    };
    let constant = encoder
        .options
        .iter()
        .any(|(name, _)| matches!(name.as_str(), "crf" | "q"));
    let codec = Codec::joined_in(output.container)
        .iter()
        .copied()
        .find(|codec| codec.encoder() == encoder.name)?;
    (constant && output.clock.is_none()).then_some((track.node, encoder, codec))
}

/// A clock that counts frames exactly: frames in a second, doubled until there are enough.
pub(super) fn ticks(rate: Rational) -> i64 {
    let mut doubled = std::iter::successors(Some(*rate.numer()), |ticks| Some(ticks * 2));
    doubled.find(|ticks| *ticks >= 10_000).unwrap_or(90_000)
}
