//! What identifies a stage's work, wherever its files are.

use crate::facts::Facts;
use crate::plan::{Arg, Run, RunSource, Stage};

/// BLAKE3 of the run with each file's place replaced by its content's hash, of the FFmpeg build, and of the keys of
/// the measurements it uses.
pub(super) fn of(run: &Run, before: &[Stage], facts: &Facts) -> String {
    let mut run = run.clone();
    for input in &mut run.inputs {
        if let RunSource::Media(path) = &mut input.source
            && let Some(Ok(media)) = facts.media.get(path.as_str())
        {
            *path = media.hash.clone();
        }
    }
    for output in &mut run.outputs {
        output.name = output.name.as_ref().map(|_| String::new());
    }
    let mut hasher = blake3::Hasher::new();
    for filter in run.graph.chains.iter_mut().flat_map(|chain| &mut chain.filters) {
        filter.origin = None;
        for (_, arg) in &filter.args {
            if let Arg::GainTo { stage, .. } = arg {
                hasher.update(before[*stage].key.as_bytes());
            }
        }
    }
    hasher.update(facts.ffmpeg.build.as_bytes());
    // A plan is made of strings, numbers and lists, all of which JSON holds.
    hasher.update(&serde_json::to_vec(&run).unwrap_or_default());
    hasher.finalize().to_hex().to_string()
}
