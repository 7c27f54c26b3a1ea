//! The paths and values that an ffmpeg run gets on the machine that executes it.

use super::ArtifactId;
use crate::time::Rational;

/// Resolves what a run refers to.
pub trait RunEnvironment {
    /// The path of a probed media file.
    fn media_path(&self, key: &str) -> String;
    /// Further options of an input, each `-name value`, that protect the machine from a hostile file.
    fn guard_options(&self, _key: &str) -> Vec<(&'static str, String)> {
        Vec::new()
    }
    /// The path of an earlier stage's artifact.
    fn artifact_path(&self, id: ArtifactId) -> String;
    /// The path of the list of an input of the `concat` demuxer.
    fn concat_list_path(&self, input: usize) -> String;
    /// The path of a generated file of this run.
    fn generated_file_path(&self, index: usize) -> String;
    /// The path of an output.
    fn output_path(&self, index: usize) -> String;
    /// The gain that brings the audio that an earlier stage measured to a loudness in LUFS, such as `-3.20dB`.
    fn gain(&self, stage: usize, target: Rational) -> String;
}
