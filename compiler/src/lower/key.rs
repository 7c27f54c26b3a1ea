//! Content keys, which identify a stage's work wherever its files are.

use super::threads;
use crate::facts::Facts;
use crate::plan::{Arg, ArtifactId, Destination, PLAN_VERSION, Run, RunSource, SegmentSource, Stage};

/// The content key of a run.
///
/// It is the BLAKE3 hash of the run without its thread counts, output names, and origins; of the contents of its media in
/// place of their paths; of the FFmpeg build; of the installed fonts if it renders text; of the keys of earlier stages in
/// place of their indices; and of the versions of vidc and of its plans, which decide how a run is executed.
pub(super) fn content_key(run: &Run, earlier: &[Stage], facts: &Facts) -> String {
    let mut run = run.clone();
    let mut hasher = blake3::Hasher::new();
    let use_content_hash = |path: &mut String| {
        if let Some(Ok(media)) = facts.media.get(path.as_str()) {
            *path = media.hash.clone();
        }
    };
    let mut use_key = |stage: &mut usize| {
        hasher.update(earlier[*stage].key.as_bytes());
        *stage = 0;
    };
    let mut use_artifact_key = |id: &mut ArtifactId| use_key(&mut id.stage);
    for input in &mut run.inputs {
        match &mut input.source {
            RunSource::Media(path) => use_content_hash(path),
            RunSource::Artifact(id) => use_artifact_key(id),
            RunSource::Concat(segments) => {
                for segment in segments {
                    match &mut segment.source {
                        SegmentSource::Media { key, .. } => use_content_hash(key),
                        SegmentSource::Artifact { id, .. } => use_artifact_key(id),
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
        // A result of another machine with another number of threads is as good.
        for track in &mut output.tracks {
            track.options.retain(|(name, _)| name != threads::OPTION);
        }
    }
    for filter in run.graph.chains.iter_mut().flat_map(|chain| &mut chain.filters) {
        filter.origin = None;
        for (_, arg) in &mut filter.args {
            if let Arg::GainTo { stage, .. } = arg {
                use_key(stage);
            }
        }
    }
    if run.graph.filters().any(|filter| filter.name.spec().uses_fonts) {
        hasher.update(facts.fonts.fingerprint.as_bytes());
    }
    let version = format!("{} {PLAN_VERSION}", env!("CARGO_PKG_VERSION"));
    hasher.update(version.as_bytes());
    hasher.update(facts.ffmpeg.build.as_bytes());
    // A plan consists of strings, numbers, and lists, all of which JSON represents.
    hasher.update(&serde_json::to_vec(&run).unwrap_or_default());
    hasher.finalize().to_hex().to_string()
}
