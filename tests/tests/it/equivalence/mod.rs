//! With and without the passes, what comes out is the same: over the examples, and over random recipes.

mod examples;
mod media;
mod random;
mod recipes;
mod themes;

use std::path::{Path, PathBuf};

use vidc_compiler::PASSES;
use vidc_tests::{Run, run, vidc};

use crate::VIDC;

/// A folder in which a recipe is rendered in several ways.
struct Bench {
    folder: tempfile::TempDir,
}

/// Options that switch passes off.
fn off<'n>(passes: impl IntoIterator<Item = &'n str>) -> Vec<&'n str> {
    passes.into_iter().flat_map(|name| ["--no-pass", name]).collect()
}

/// Options that switch every pass off.
fn all_off() -> Vec<&'static str> {
    off(PASSES.iter().map(|pass| pass.name))
}

impl Bench {
    fn new() -> Bench {
        let folder = tempfile::tempdir().unwrap();
        Bench { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The folder for what one way of rendering makes, empty.
    fn emptied(&self, way: &str) -> PathBuf {
        let folder = self.path().join(way);
        // It is not there the first time.
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir(&folder).unwrap();
        folder
    }

    fn vidc(&self, command: &[&str], options: &[&str], recipe: &Path) -> Run {
        run(vidc(VIDC, self.path()).args(command).args(options).arg(recipe))
    }

    /// Renders a recipe into a folder of its own.
    fn render(&self, way: &str, options: &[&str], recipe: &Path) -> (PathBuf, Run) {
        let folder = self.emptied(way);
        let done = self.vidc(&["render", "--no-cache", "--output", way], options, recipe);
        (folder, done)
    }
}
