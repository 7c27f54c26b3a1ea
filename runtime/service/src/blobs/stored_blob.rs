//! Streams of bytes, and the size and hash of what was stored.

use std::io;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use sha2::{Digest as _, Sha256};

/// Size of the chunks in which files are read and written, in bytes.
pub(super) const CHUNK_BYTES: usize = 256 << 10;

/// A stream of bytes.
pub type ByteStream = BoxStream<'static, io::Result<Bytes>>;

/// The size and hash of a stored blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredBlob {
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 in hexadecimal digits.
    pub hash: String,
}

/// Computes the size and hash of a stream.
#[derive(Default)]
pub(super) struct Digest {
    bytes: u64,
    hash: Sha256,
}

impl Digest {
    /// Adds a chunk, and returns the size so far.
    pub(super) fn update(&mut self, chunk: &Bytes) -> u64 {
        self.hash.update(chunk);
        self.bytes += chunk.len() as u64;
        self.bytes
    }

    /// Returns the size and hash of all chunks.
    pub(super) fn finish(self) -> StoredBlob {
        let hash = self.hash.finalize();
        StoredBlob {
            bytes: self.bytes,
            hash: hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }
}
