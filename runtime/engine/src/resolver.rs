//! Where the files are that a recipe names.

use std::path::PathBuf;

use async_trait::async_trait;
use vidc_compiler::facts::Problem;

use crate::error::Error;

/// Why there is no file to read.
#[derive(Debug)]
pub enum ResolveError {
    /// That is a fact of the file, for the compiler to report.
    Problem(Problem),
    /// The store does not answer; the file may well be there.
    Unavailable(Error),
}

impl From<Problem> for ResolveError {
    fn from(problem: Problem) -> Self {
        ResolveError::Problem(problem)
    }
}

/// Finds files by the names that a recipe or its bindings give them.
#[async_trait]
pub trait MediaResolver: Send + Sync {
    /// Where the file is on this machine, to be read there.
    async fn locate(&self, name: &str) -> Result<PathBuf, ResolveError>;
}

/// Names are paths, relative to a folder.
#[derive(Clone, Debug)]
pub struct DirResolver(pub PathBuf);

#[async_trait]
impl MediaResolver for DirResolver {
    async fn locate(&self, name: &str) -> Result<PathBuf, ResolveError> {
        Ok(self.0.join(name))
    }
}
