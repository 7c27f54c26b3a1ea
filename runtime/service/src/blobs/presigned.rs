//! Ways past the service: addresses, good for a while, by which clients load and store bytes themselves.

use std::time::Duration;

use async_trait::async_trait;

use super::{BlobError, Stored};

/// How a client is to be handed bytes.
#[derive(Clone, Copy, Debug)]
pub struct Download<'a> {
    /// What the file is called there.
    pub file_name: &'a str,
    /// What its media type is said to be.
    pub media_type: &'a str,
}

/// An upload in parts, begun.
#[derive(Clone, Debug)]
pub struct Upload {
    /// What the store calls it.
    pub id: String,
    /// In their order.
    pub parts: Vec<Part>,
}

/// A part of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Where to `PUT` it.
    pub url: String,
    /// Exactly how long it is.
    pub bytes: u64,
}

/// A store that clients can ask themselves.
#[async_trait]
pub trait Direct: Send + Sync {
    /// An address to `GET` bytes from, good for so long.
    async fn link(&self, name: &str, how: Download<'_>, lasting: Duration) -> Result<String, BlobError>;

    /// Begins an upload of so many bytes, at least one, that clients store themselves; the addresses are good for so long.
    async fn begin(&self, name: &str, bytes: u64, lasting: Duration) -> Result<Upload, BlobError>;

    /// Puts together what was uploaded, by the entity tags of its parts, and reads it once for its hash.
    /// Finishing again what has been finished does no harm.
    async fn finish(&self, name: &str, upload: &str, tags: &[String]) -> Result<Stored, BlobError>;
}
