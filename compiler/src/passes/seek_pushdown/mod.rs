//! Seek pushdown: reads only the parts of files that trims keep.

mod cutter;

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::Facts;
use crate::graph::{Graph, NodeId, NodeKind, StreamType, Window};
use crate::time::Time;

use super::pass::Pass;
pub(super) use cutter::Cutter;
use cutter::gradual_decoder_refresh;

/// Legal for each kind of node for a reason of its own, stated in `Cutter`; and for sources because the demuxers listed
/// there seek to the keyframe before a time and FFmpeg then drops frames up to it exactly (FFmpeg documentation, "-ss").
/// Other demuxers guess, so their files are read from the start, as is video that uses gradual decoder refresh.
pub(super) const PASS: Pass = Pass {
    summary: "A trim becomes a seek in the input file, so that the parts that are cut off are not decoded.",
    run,
};

fn run(graph: &Graph, facts: &Facts) -> (Graph, Vec<String>) {
    let mut unseekable = BTreeSet::new();
    let rewritten = graph.rewrite(|new, node| {
        let NodeKind::Trim { start, end } = node.kind else {
            return new.add(node);
        };
        let window = Window { start, end };
        let pushed = Cutter { graph: new, facts }.push_down(node.inputs[0], window, node.origin);
        // The type must stay the same to the last digit of its duration.
        match pushed.filter(|id| new.node(*id).ty == node.ty) {
            Some(id) => id,
            None => {
                unseekable.extend(unseekable_source(new, facts, node.inputs[0]));
                new.add(node)
            }
        }
    });
    let old_parts: BTreeSet<(&str, Time, Option<Time>)> = graph.sources().map(source_window).collect();
    let new_parts: BTreeSet<(&str, Time, Option<Time>)> = rewritten.sources().map(source_window).collect();
    let mut parts: BTreeMap<&str, Vec<Window>> = BTreeMap::new();
    for (media, start, end) in new_parts.difference(&old_parts) {
        let window = Window {
            start: *start,
            end: *end,
        };
        parts.entry(media).or_default().push(window);
    }
    let savings = parts
        .iter()
        .flat_map(|(media, parts)| describe_savings(facts, media, parts));
    let unseekable = unseekable.iter().map(|media| {
        format!(
            "`{media}`: read from its start, because it uses gradual decoder refresh instead of keyframes"
        )
    });
    let reports = savings.chain(unseekable).collect();
    (rewritten, reports)
}

/// The file that a node reads, if decoding cannot start in the middle of it.
fn unseekable_source(graph: &Graph, facts: &Facts, id: NodeId) -> Option<String> {
    let NodeKind::Source { media, stream, .. } = &graph.node(id).kind else {
        return None;
    };
    let known = facts.media.get(media)?.as_ref().ok()?;
    let found = known.stream(*stream);
    found.is_some_and(gradual_decoder_refresh).then(|| media.clone())
}

fn source_window<'g>((media, _, window): (&'g str, &StreamType, Window)) -> (&'g str, Time, Option<Time>) {
    (media, window.start, window.end)
}

/// The most parts of a file that are reported one by one.
const MAX_REPORTED_PARTS: usize = 8;

/// Describes the parts of a file that are read, and how much decoding that saves.
fn describe_savings(facts: &Facts, media: &str, parts: &[Window]) -> Vec<String> {
    let file = facts.media.get(media).and_then(|file| file.as_ref().ok());
    let duration = file.and_then(|file| file.duration);
    let end = |part: &Window| part.end.or(duration).unwrap_or_default();
    let describe = |parts: String, read: Time, count: i64| {
        let saved = duration
            .map(|duration| duration * count - read)
            .filter(|saved| saved.is_positive());
        let saved = saved.map(|saved| format!("; saves {saved} of decoding"));
        format!("`{media}`: reads only {parts}{}", saved.unwrap_or_default())
    };
    if parts.len() > MAX_REPORTED_PARTS {
        let read = parts.iter().map(|part| end(part) - part.start).sum();
        let count = i64::try_from(parts.len()).unwrap_or(i64::MAX);
        return vec![describe(format!("{read} in {count} parts"), read, count)];
    }
    let describe_part = |part: &Window| {
        let (start, end) = (part.start, end(part));
        describe(format!("{start}..{end}"), end - start, 1)
    };
    parts.iter().map(describe_part).collect()
}
