//! Where the service keeps bytes: uploads and results, under names that it makes itself.

mod directory;
mod disk_cache;
mod presigned;
mod s3;
mod staging;

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use sha2::{Digest as _, Sha256};

pub use directory::DirectoryStore;
pub use presigned::{MultipartUpload, Presigner, ResponseHeaders, UploadPart};
pub use s3::{S3Settings, S3Store};

pub(crate) use s3::S3Client;

/// Read and written at once.
const CHUNK_BYTES: usize = 256 << 10;

/// Bytes as they come.
pub type ByteStream = BoxStream<'static, io::Result<Bytes>>;

/// What was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredBlob {
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
    NotFound(String),
    /// More came than was allowed.
    #[error("it is larger than {0} bytes")]
    TooLarge(u64),
    /// Whoever sent them stopped.
    #[error("the bytes stopped coming: {0}")]
    Interrupted(io::Error),
    /// What is asked does not fit what is there.
    #[error("the blob store refuses that: {0}")]
    Rejected(String),
    /// The store does not work.
    #[error("the blob store does not work: {0}")]
    Unavailable(String),
}

/// A store of bytes. What `put` has returned for is there until it is deleted; a name is used once.
#[async_trait]
pub trait BlobStore: Send + Sync + std::fmt::Debug {
    /// Stores bytes as they come, at most so many; nothing is there under the name until all are.
    async fn put(&self, name: &str, bytes: ByteStream, at_most: u64) -> Result<StoredBlob, BlobError>;

    /// Stores a copy of a file.
    async fn put_file(&self, name: &str, path: &Path) -> Result<StoredBlob, BlobError>;

    /// Bytes in a range, or all of them.
    async fn get(&self, name: &str, range: Option<Range<u64>>) -> Result<ByteStream, BlobError>;

    /// The bytes as a local file that is only read. It may be gone an hour later.
    async fn file(&self, name: &str) -> Result<PathBuf, BlobError>;

    /// Deletes bytes, and what came of an upload that was never finished; it is no mishap if there are none.
    async fn delete(&self, name: &str) -> Result<(), BlobError>;

    /// The way past the service, for a store that clients can ask themselves.
    fn presigner(&self) -> Option<&dyn Presigner> {
        None
    }
}

fn unavailable(error: io::Error) -> BlobError {
    BlobError::Unavailable(error.to_string())
}

fn to_hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
