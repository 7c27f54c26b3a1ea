//! Where the service keeps bytes: uploads and results, under names that it makes itself.

mod directory;

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;

pub use directory::Directory;

/// Bytes as they come.
pub type ByteStream = BoxStream<'static, io::Result<Bytes>>;

/// What was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// How many bytes.
    pub bytes: u64,
    /// Their SHA-256, hexadecimal.
    pub hash: String,
}

/// Why bytes were not stored or found.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// There is nothing under that name.
    #[error("there are no bytes named {0}")]
    Missing(String),
    /// More came than was allowed.
    #[error("it is larger than {0} bytes")]
    TooLarge(u64),
    /// Whoever sent them stopped.
    #[error("the bytes stopped coming: {0}")]
    Interrupted(io::Error),
    /// The store does not work.
    #[error("the blob store does not work: {0}")]
    Unavailable(String),
}

/// A store of bytes. What `put` has returned for is there until it is deleted; a name is used once.
#[async_trait]
pub trait BlobStore: Send + Sync + std::fmt::Debug {
    /// Stores bytes as they come, at most so many; nothing is there under the name until all are.
    async fn put(&self, name: &str, bytes: ByteStream, at_most: u64) -> Result<Stored, BlobError>;

    /// Stores a file, which may be moved away.
    async fn put_file(&self, name: &str, path: &Path) -> Result<Stored, BlobError>;

    /// Bytes in a range, or all of them.
    async fn get(&self, name: &str, range: Option<Range<u64>>) -> Result<ByteStream, BlobError>;

    /// The bytes as a local file that is only read: in its place, or copied into `folder`.
    async fn file(&self, name: &str, folder: &Path) -> Result<PathBuf, BlobError>;

    /// Deletes bytes; it is no mishap if there are none.
    async fn delete(&self, name: &str) -> Result<(), BlobError>;
}
