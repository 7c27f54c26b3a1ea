//! Renders a recipe with and without passes, and compares the results.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use vidc_compiler::PassId;
use vidc_tests::compare::{Limits, compare};
use vidc_tests::{Run, run, vidc};

use super::media::{self, CLIPS, OTHERS, SONGS};
use crate::VIDC;

/// The exit code for a rejected recipe.
const REFUSED: i32 = 1;
/// Matroska counts milliseconds: what is read from the middle of a file may be off by as many samples.
const MILLISECOND: usize = 48;

/// A folder in which recipes are rendered.
pub(super) struct Bench {
    folder: tempfile::TempDir,
}

/// Options that switch passes off.
pub(super) fn off<'n>(passes: impl IntoIterator<Item = &'n str>) -> Vec<&'n str> {
    passes.into_iter().flat_map(|name| ["--no-pass", name]).collect()
}

/// Options that switch every pass off.
pub(super) fn all_off() -> Vec<&'static str> {
    off(PassId::ALL.map(PassId::name))
}

impl Bench {
    /// An empty one.
    pub(super) fn new() -> Bench {
        let folder = tempfile::tempdir().unwrap();
        Bench { folder }
    }

    /// Creates a bench with all media that random recipes use.
    pub(super) fn stocked() -> Bench {
        let bench = Bench::new();
        let media = CLIPS.iter().chain(SONGS).map(|medium| medium.name);
        for name in media.chain(OTHERS.iter().copied()) {
            std::fs::copy(media::path(name), bench.path().join(name)).unwrap();
        }
        std::fs::write(bench.path().join("words.srt"), media::WORDS).unwrap();
        bench
    }

    /// The path of the folder.
    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs a command on a recipe.
    pub(super) fn vidc(&self, command: &[&str], options: &[&str], recipe: &Path) -> Run {
        run(vidc(VIDC, self.path()).args(command).args(options).arg(recipe))
    }

    /// Renders a recipe into a folder of its own, which it empties.
    pub(super) fn render(&self, way: &str, options: &[&str], recipe: &Path) -> (PathBuf, Run) {
        let folder = self.path().join(way);
        // It is not there the first time.
        let _ = std::fs::remove_dir_all(&folder);
        let done = self.vidc(&["render", "--no-cache", "--output", way], options, recipe);
        (folder, done)
    }

    /// Renders a recipe with options; none if it is rejected.
    fn try_render(&self, recipe: &str, way: &str, options: &[&str]) -> Result<Option<PathBuf>, String> {
        std::fs::write(self.path().join("recipe.vidc"), recipe).unwrap();
        let (folder, done) = self.render(way, options, Path::new("recipe.vidc"));
        match done.code {
            Some(0) => Ok(Some(folder)),
            Some(REFUSED) => Ok(None),
            _ => Err(format!("rendering with {way} fails:\n{}", done.stderr)),
        }
    }

    /// Compares a render with options to one without passes; none if the recipe is rejected.
    pub(super) fn differences(
        &self,
        recipe: &str,
        way: &str,
        options: &[&str],
    ) -> Result<Option<String>, String> {
        let Some(with) = self.try_render(recipe, way, options)? else {
            return Ok(None);
        };
        let Some(without) = self.try_render(recipe, "no passes", &all_off())? else {
            return Ok(None);
        };
        let mut said = String::new();
        for (name, mut limits) in outputs(recipe) {
            if recipe.contains(".mkv\"\n") {
                limits.shift = limits.shift.max(MILLISECOND);
            }
            for fault in compare(&with.join(name), &without.join(name), &limits).faults {
                let _ = writeln!(said, "{name}: {fault}");
            }
        }
        Ok(Some(said))
    }
}

/// The names and tolerances of a recipe's outputs.
fn outputs(recipe: &str) -> impl Iterator<Item = (&str, Limits)> {
    recipe.lines().filter_map(|line| {
        let name = line.strip_prefix("output(\"")?.split('"').next()?;
        let mut limits = Limits {
            frames: 1,
            ..Limits::LOSSY
        };
        if line.contains("crf: 0") {
            limits.picture = Limits::LOSSLESS.picture;
        }
        if line.contains("audio: pcm") || name.ends_with(".wav") {
            limits.sound = Limits::LOSSLESS.sound;
            limits.shift = Limits::LOSSLESS.shift;
        }
        Some((name, limits))
    })
}
