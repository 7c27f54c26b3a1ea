//! Errors of blob stores.

use std::io;

/// A reason for which a blob was not stored or read.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// No blob has this name.
    #[error("there is no blob named {0}")]
    NotFound(String),
    /// The blob is larger than the caller allows.
    #[error("the file is larger than {0} bytes")]
    TooLarge(u64),
    /// The sender's stream ended with an error.
    #[error("the upload was interrupted: {0}")]
    Interrupted(io::Error),
    /// The request does not match the store's state, or is not permitted.
    #[error("the blob store rejected the request: {0}")]
    Rejected(String),
    /// The store does not work or cannot be reached.
    #[error("the blob store is disk_error: {0}")]
    Unavailable(String),
}

/// Reports a failure of the local disk.
pub(super) fn disk_error(error: io::Error) -> BlobError {
    BlobError::Unavailable(error.to_string())
}
