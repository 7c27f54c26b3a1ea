//! Presigned URLs, with which clients read and write blobs without going through the service.

use std::time::Duration;

use async_trait::async_trait;

use super::error::BlobError;
use super::stored_blob::StoredBlob;

/// Headers that the store sends with a download.
#[derive(Clone, Copy, Debug)]
pub struct ResponseHeaders<'a> {
    /// The file name, for `Content-Disposition`.
    pub file_name: &'a str,
    /// The media type, for `Content-Type`.
    pub media_type: &'a str,
}

/// A started multipart upload.
#[derive(Clone, Debug)]
pub struct MultipartUpload {
    /// The store's id of the upload.
    pub id: String,
    /// The parts in their order.
    pub parts: Vec<UploadPart>,
}

/// A part of a multipart upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadPart {
    /// The presigned URL to which the part is sent with `PUT`.
    pub url: String,
    /// Exact size in bytes.
    pub bytes: u64,
}

/// Issues presigned URLs.
#[async_trait]
pub trait Presigner: Send + Sync {
    /// Returns a URL from which a blob can be downloaded with `GET`.
    async fn presign_download(
        &self,
        name: &str,
        headers: ResponseHeaders<'_>,
        lifetime: Duration,
    ) -> Result<String, BlobError>;

    /// Starts a multipart upload of exactly `bytes` bytes, of which there must be at least one.
    async fn start_upload(
        &self,
        name: &str,
        bytes: u64,
        url_lifetime: Duration,
    ) -> Result<MultipartUpload, BlobError>;

    /// Completes a multipart upload, given the entity tags of its parts in their order, and reads the blob once to hash
    /// it. Completing an upload again does no harm.
    async fn complete_upload(
        &self,
        name: &str,
        upload_id: &str,
        etags: &[String],
    ) -> Result<StoredBlob, BlobError>;
}
