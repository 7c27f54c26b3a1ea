//! Where the files are that a recipe names.

use std::path::PathBuf;

use async_trait::async_trait;
use vidc_compiler::facts::Problem;

use crate::error::Error;

/// Why there is no file to read.
#[derive(Debug)]
pub enum NotLocated {
    /// That is a fact of the file, for the compiler to report.
    Problem(Problem),
    /// The place where files are does not answer; the file may well be there.
    Away(Error),
}

impl From<Problem> for NotLocated {
    fn from(problem: Problem) -> Self {
        NotLocated::Problem(problem)
    }
}

/// Finds files by the names that a recipe or its bindings give them.
#[async_trait]
pub trait Library: Send + Sync {
    /// Where the file is on this machine, to be read there.
    async fn locate(&self, name: &str) -> Result<PathBuf, NotLocated>;
}

/// Names are paths, relative to a folder.
#[derive(Clone, Debug)]
pub struct Folder(pub PathBuf);

#[async_trait]
impl Library for Folder {
    async fn locate(&self, name: &str) -> Result<PathBuf, NotLocated> {
        Ok(self.0.join(name))
    }
}
