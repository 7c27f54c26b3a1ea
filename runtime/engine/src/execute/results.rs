//! The files and measurements that stages have produced.

use std::collections::BTreeMap;
use std::path::PathBuf;

use vidc_compiler::plan::{ArtifactId, Loudness};

/// A rendered output file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Its name in the recipe.
    pub name: String,
    /// Its absolute path.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// The content key of the stage that produced it.
    pub key: String,
}

/// A file that a stage produced.
#[derive(Debug)]
pub(super) enum StageOutput {
    /// An output of the recipe.
    Artifact(Artifact),
    /// The input of a later stage.
    Intermediate(PathBuf),
}

impl StageOutput {
    /// Its path.
    pub(super) fn into_path(self) -> PathBuf {
        match self {
            StageOutput::Artifact(artifact) => artifact.path,
            StageOutput::Intermediate(path) => path,
        }
    }
}

/// The outputs of a stage, and its measurement.
pub(super) type StageResult = (Vec<StageOutput>, Option<Loudness>);

/// The results of the stages completed so far.
#[derive(Clone, Default)]
pub(super) struct Completed {
    pub(super) measured: BTreeMap<usize, Loudness>,
    pub(super) parts: BTreeMap<ArtifactId, PathBuf>,
    pub(super) artifacts: BTreeMap<usize, Vec<Artifact>>,
}

impl Completed {
    /// Adds the results of a stage.
    pub(super) fn add(&mut self, stage: usize, (outputs, loudness): StageResult) {
        self.measured.extend(loudness.map(|loudness| (stage, loudness)));
        for (output, produced) in outputs.into_iter().enumerate() {
            match produced {
                StageOutput::Artifact(artifact) => self.artifacts.entry(stage).or_default().push(artifact),
                StageOutput::Intermediate(path) => {
                    drop(self.parts.insert(ArtifactId { stage, output }, path))
                }
            }
        }
    }
}
