mod cut;

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::Facts;
use crate::graph::{Graph, NodeId, NodeKind, StreamType, Window};
use crate::time::Time;

use super::pass::Pass;
pub(super) use cut::Cutter;
use cut::gradual_decoder_refresh;

/// Legal through each kind of node for a reason of its own, given at `Cut::push`; and in the end because these
/// demuxers seek to the keyframe before a time and FFmpeg then drops frames up to it exactly (FFmpeg documentation,
/// "-ss"). Others guess, and are read from the start; so are pictures whose keyframes are only points of recovery.
pub(super) const PASS: Pass = Pass {
    summary: "A trim becomes a seek in the file, so that what is cut off is not decoded.",
    run,
};

fn run(graph: &Graph, facts: &Facts) -> (Graph, Vec<String>) {
    let mut slow = BTreeSet::new();
    let rewritten = graph.rewrite(|new, node| {
        let NodeKind::Trim { start, end } = node.kind else {
            return new.add(node);
        };
        let window = Window { start, end };
        let pushed = Cutter { new, facts }.push_down(node.inputs[0], window, node.origin);
        // A length that is not the same to the last digit is not worth a difference in the result.
        match pushed.filter(|id| new.node(*id).ty == node.ty) {
            Some(id) => id,
            None => {
                slow.extend(unseekable_source(new, facts, node.inputs[0]));
                new.add(node)
            }
        }
    });
    let before: BTreeSet<(&str, Time, Option<Time>)> = graph.sources().map(source_window).collect();
    let new: BTreeSet<(&str, Time, Option<Time>)> = rewritten.sources().map(source_window).collect();
    let mut parts: BTreeMap<&str, Vec<Window>> = BTreeMap::new();
    for (media, start, end) in new.difference(&before) {
        let window = Window {
            start: *start,
            end: *end,
        };
        parts.entry(media).or_default().push(window);
    }
    let done = parts
        .iter()
        .flat_map(|(media, parts)| describe_savings(facts, media, parts));
    let slow = slow.iter().map(|media| {
        format!(
            "`{media}` is read from its start: its pictures are made anew little by little, not by keyframes"
        )
    });
    let done = done.chain(slow).collect();
    (rewritten, done)
}

/// The file that a node reads, if there is no beginning in the middle of it.
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

/// How many parts of a file are told one by one.
const FEW: usize = 8;

/// What is saved of a file, in words.
fn describe_savings(facts: &Facts, media: &str, parts: &[Window]) -> Vec<String> {
    let whole = facts
        .media
        .get(media)
        .and_then(|known| known.as_ref().ok())
        .and_then(|known| known.duration);
    let end = |part: &Window| part.end.or(whole).unwrap_or_default();
    let words = |what: String, read: Time, times: i64| {
        let saved = whole
            .map(|whole| whole * times - read)
            .filter(|saved| saved.is_positive());
        let saved = saved.map(|saved| format!("; {saved} of decoding saved"));
        format!("only {what} of `{media}` is read{}", saved.unwrap_or_default())
    };
    if parts.len() > FEW {
        let read = parts.iter().map(|part| end(part) - part.start).sum();
        let count = i64::try_from(parts.len()).unwrap_or(i64::MAX);
        return vec![words(format!("{read} in {count} parts"), read, count)];
    }
    let one = |part: &Window| {
        words(
            format!("{}..{}", part.start, end(part)),
            end(part) - part.start,
            1,
        )
    };
    parts.iter().map(one).collect()
}
