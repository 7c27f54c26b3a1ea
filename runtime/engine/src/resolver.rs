//! Resolves the file names in a recipe to local paths.

use std::path::PathBuf;

use async_trait::async_trait;
use vidc_compiler::facts::Problem;

use crate::error::Error;

/// The reason why a file name cannot be resolved.
#[derive(Debug)]
pub enum ResolveError {
    /// A problem with the file, for the compiler to report.
    Problem(Problem),
    /// The store does not answer; the file may well be there.
    Unavailable(Error),
}

impl From<Problem> for ResolveError {
    fn from(problem: Problem) -> Self {
        ResolveError::Problem(problem)
    }
}

/// Resolves the names in a recipe or its bindings.
#[async_trait]
pub trait MediaResolver: Send + Sync {
    /// Returns the local path of a file.
    async fn locate(&self, name: &str) -> Result<PathBuf, ResolveError>;
}

/// Resolves names as paths relative to a folder.
#[derive(Clone, Debug)]
pub struct DirResolver(pub PathBuf);

#[async_trait]
impl MediaResolver for DirResolver {
    async fn locate(&self, name: &str) -> Result<PathBuf, ResolveError> {
        Ok(self.0.join(name))
    }
}
