//! Ways past the service: addresses, good for a while, by which clients load and store bytes themselves.

use std::time::Duration;

use async_trait::async_trait;

use super::{BlobError, StoredBlob};

/// How a client is to be handed bytes.
#[derive(Clone, Copy, Debug)]
pub struct ResponseHeaders<'a> {
    /// What the file is called there.
    pub file_name: &'a str,
    /// What its media type is said to be.
    pub media_type: &'a str,
}

/// An upload in parts, begun.
#[derive(Clone, Debug)]
pub struct MultipartUpload {
    /// What the store calls it.
    pub id: String,
    /// In their order.
    pub parts: Vec<UploadPart>,
}

/// A part of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadPart {
    /// Where to `PUT` it.
    pub url: String,
    /// Exactly how long it is.
    pub bytes: u64,
}

/// A store that clients can ask themselves.
#[async_trait]
pub trait Presigner: Send + Sync {
    /// An address to `GET` bytes from, good for so long.
    async fn presign_download(
        &self,
        name: &str,
        how: ResponseHeaders<'_>,
        lasting: Duration,
    ) -> Result<String, BlobError>;

    /// Begins an upload of so many bytes, at least one, that clients store themselves; the addresses are good for so long.
    async fn start_upload(
        &self,
        name: &str,
        bytes: u64,
        lasting: Duration,
    ) -> Result<MultipartUpload, BlobError>;

    /// Puts together what was uploaded, by the entity tags of its parts, and reads it once for its hash.
    /// Finishing again what has been finished does no harm.
    async fn complete_upload(
        &self,
        name: &str,
        upload: &str,
        tags: &[String],
    ) -> Result<StoredBlob, BlobError>;
}
