//! Failures of the service.

use vidc_engine::ErrorKind;

use crate::blobs::BlobError;
use crate::store::DatabaseError;

/// A failure of the service or of one of its backends.
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

/// Returns an error's message followed by those of its causes: HTTP clients give the reason of a failure there.
pub fn error_chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
