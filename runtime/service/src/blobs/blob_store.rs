//! The interface of blob stores.

use std::ops::Range;
use std::path::{Path, PathBuf};

use async_trait::async_trait;

use super::error::BlobError;
use super::presigner::Presigner;
use super::stored_blob::{ByteStream, StoredBlob};

/// A store of immutable blobs. Each name is used once, and a blob that was stored stays until it is deleted.
#[async_trait]
pub trait BlobStore: Send + Sync + std::fmt::Debug {
    /// Stores a stream of at most `max_bytes` bytes. The blob appears only once all of it is stored.
    async fn put(&self, name: &str, bytes: ByteStream, max_bytes: u64) -> Result<StoredBlob, BlobError>;

    /// Stores a copy of a file.
    async fn put_file(&self, name: &str, path: &Path) -> Result<StoredBlob, BlobError>;

    /// Streams a blob, or a range of its bytes.
    async fn get(&self, name: &str, range: Option<Range<u64>>) -> Result<ByteStream, BlobError>;

    /// Returns the path of a local file with the blob's content. The file must only be read, and may be deleted an hour
    /// later.
    async fn file(&self, name: &str) -> Result<PathBuf, BlobError>;

    /// Deletes a blob and any unfinished upload under its name. Deleting a blob that does not exist is not an error.
    async fn delete(&self, name: &str) -> Result<(), BlobError>;

    /// Returns the issuer of presigned URLs, if clients can reach the store themselves.
    fn presigner(&self) -> Option<&dyn Presigner> {
        None
    }
}
