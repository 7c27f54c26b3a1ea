//! What identifies a stage's work, wherever its files are.

use super::threads;
use crate::facts::Facts;
use crate::plan::{Arg, ArtifactId, Destination, PLAN_VERSION, Run, RunSource, SegmentSource, Stage};

/// BLAKE3 of the run, its threads aside, with each file's place replaced by its content's hash, of the FFmpeg build, of
/// the fonts if it draws letters, of the keys of the stages it uses, wherever in the plan they are, and of this version,
/// which decides how a run is carried out.
pub(super) fn of(run: &Run, before: &[Stage], facts: &Facts) -> String {
    let mut run = run.clone();
    let mut hasher = blake3::Hasher::new();
    let by_content = |path: &mut String| {
        if let Some(Ok(media)) = facts.media.get(path.as_str()) {
            *path = media.hash.clone();
        }
    };
    let mut by_key = |part: &mut ArtifactId| {
        hasher.update(before[part.stage].key.as_bytes());
        part.stage = 0;
    };
    for input in &mut run.inputs {
        match &mut input.source {
            RunSource::Media(path) => by_content(path),
            RunSource::Artifact(part) => by_key(part),
            RunSource::Concat(segments) => {
                for segment in segments {
                    match &mut segment.source {
                        SegmentSource::Media { key, .. } => by_content(key),
                        SegmentSource::Artifact { id: part, .. } => by_key(part),
                    }
                }
            }
            RunSource::File(_) => {}
        }
    }
    for output in &mut run.outputs {
        if let Destination::Named(name) = &mut output.destination {
            name.clear();
        }
        // What another machine makes with more of them is as good.
        for track in &mut output.tracks {
            track.options.retain(|(name, _)| name != threads::OPTION);
        }
    }
    for filter in run.graph.chains.iter_mut().flat_map(|chain| &mut chain.filters) {
        filter.origin = None;
        for (_, arg) in &mut filter.args {
            if let Arg::GainTo { stage, .. } = arg {
                hasher.update(before[*stage].key.as_bytes());
                *stage = 0;
            }
        }
    }
    if run.graph.filters().any(|filter| filter.name.spec().uses_fonts) {
        hasher.update(facts.fonts.fingerprint.as_bytes());
    }
    let version = format!("{} {PLAN_VERSION}", env!("CARGO_PKG_VERSION"));
    hasher.update(version.as_bytes());
    hasher.update(facts.ffmpeg.build.as_bytes());
    // A plan is made of strings, numbers and lists, all of which JSON holds.
    hasher.update(&serde_json::to_vec(&run).unwrap_or_default());
    hasher.finalize().to_hex().to_string()
}
