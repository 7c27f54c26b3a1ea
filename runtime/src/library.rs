//! Where the files are that a recipe names.

use std::path::PathBuf;

use async_trait::async_trait;
use vidc_compiler::facts::Problem;

/// Finds files by the names that a recipe or its bindings give them.
#[async_trait]
pub trait Library: Send + Sync {
    /// Where the file is on this machine, to be read there.
    async fn locate(&self, name: &str) -> Result<PathBuf, Problem>;
}

/// Names are paths, relative to a folder.
#[derive(Clone, Debug)]
pub struct Folder(pub PathBuf);

#[async_trait]
impl Library for Folder {
    async fn locate(&self, name: &str) -> Result<PathBuf, Problem> {
        Ok(self.0.join(name))
    }
}
