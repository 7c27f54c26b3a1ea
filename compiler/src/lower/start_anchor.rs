//! Inputs whose first stream must be read, because FFmpeg would otherwise take another for the start of the file.

use std::collections::BTreeMap;

use super::context::Context;
use super::inputs::Inputs;
use crate::facts::{Stream, StreamFacts};
use crate::plan::{Chain, FilterCall, FilterGraph, FilterName, Pad, RunSource};

/// Demuxers of containers whose clock may start over (`AVFMT_TS_DISCONT`).
const DISCONTINUOUS: &[&str] = &["mpegts", "mpeg", "ogg"];

/// Reads the first stream of files in such containers and discards it, unless the graph reads it or one that starts with it.
///
/// FFmpeg counts their timestamps from the first stream in use (FFmpeg 5.1, `process_input`); so what is decoded begins
/// where it does on the file's timeline.
pub(super) fn anchor_starts(context: Context<'_>, inputs: &Inputs<'_>, graph: &mut FilterGraph) {
    let mut used: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
    for pad in graph.chains.iter().flat_map(|chain| &chain.inputs) {
        if let Pad::Stream { input, stream } = pad {
            used.entry(*input).or_default().push(*stream);
        }
    }
    for (input, streams) in used {
        let RunSource::Media(key) = inputs.source(input) else {
            continue;
        };
        let Some(media) = context.media(key) else {
            continue;
        };
        if !media
            .format
            .split(',')
            .any(|format| DISCONTINUOUS.contains(&format))
        {
            continue;
        }
        let timed = media.streams.iter().filter_map(|stream| match &stream.facts {
            StreamFacts::Video(video) if !video.still => Some((stream, FilterName::Nullsink)),
            StreamFacts::Audio(_) => Some((stream, FilterName::Anullsink)),
            _ => None,
        });
        let Some((first, sink)) = timed.min_by_key(|(stream, _)| stream.start) else {
            continue;
        };
        let is_anchor = |stream: &Stream| streams.contains(&stream.index) && stream.start <= first.start;
        if media.streams.iter().any(is_anchor) {
            continue;
        }
        graph.chains.push(Chain {
            inputs: vec![Pad::Stream {
                input,
                stream: first.index,
            }],
            filters: vec![FilterCall::plain(sink)],
            outputs: Vec::new(),
        });
    }
}
