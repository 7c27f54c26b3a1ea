//! What can go wrong around a task, on top of what can go wrong while rendering.

use vidc_engine::ErrorKind;

use crate::blobs::BlobError;
use crate::store::DatabaseError;

/// Why the service could not do what was asked of it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The engine failed: probing, compiling or rendering.
    #[error(transparent)]
    Engine(#[from] vidc_engine::Error),
    /// The database failed or does not answer.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// Redis cannot be used as it was configured.
    #[error("cannot use Redis: {0}")]
    Redis(#[from] redis::RedisError),
    /// The HTTP client cannot be built.
    #[error("cannot prepare HTTP requests to other servers: {0}")]
    HttpClient(#[from] reqwest::Error),
    /// The blob store failed or does not answer.
    #[error(transparent)]
    Blob(#[from] BlobError),
}

impl Error {
    /// The error's class, from which HTTP problems and exit codes follow.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Error::Engine(error) => error.kind(),
            Error::Database(_) | Error::Redis(_) | Error::HttpClient(_) | Error::Blob(_) => {
                ErrorKind::Environment
            }
        }
    }

    /// Whether a backend is unreachable and may be back soon, so that a retry makes sense.
    pub(crate) fn is_transient(&self) -> bool {
        matches!(
            self,
            Error::Database(DatabaseError::Unavailable(_)) | Error::Blob(BlobError::Unavailable(_))
        )
    }
}
