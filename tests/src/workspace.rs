//! Paths in the repository.

use std::path::{Path, PathBuf};

/// The repository's root.
pub fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The example recipes, sorted by name.
///
/// # Panics
/// If the folder cannot be read.
pub fn examples() -> Vec<PathBuf> {
    let folder = root().join("examples");
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut recipes: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "vidc" || e == "yaml"))
        .collect();
    recipes.sort();
    recipes
}
