//! Bytes that come in are written to a file without a name of its own, hashed and counted on the way.

use std::path::Path;

use futures_util::StreamExt as _;
use sha2::{Digest as _, Sha256};
use tempfile::TempPath;
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;

use super::{BlobError, ByteStream, StoredBlob, to_hex, unavailable};

/// All of them, in a file that is deleted unless it gets a name.
pub(super) struct StagedBlob {
    pub(super) file: TempPath,
    pub(super) stored: StoredBlob,
}

impl StagedBlob {
    /// Takes at most so many, into a file of the folder. They are on the disk for good when this returns.
    pub(super) async fn receive(
        folder: &Path,
        mut bytes: ByteStream,
        at_most: u64,
    ) -> Result<StagedBlob, BlobError> {
        let (file, partial) = tempfile::Builder::new()
            .prefix(".partial-")
            .tempfile_in(folder)
            .map_err(unavailable)?
            .into_parts();
        let mut file = File::from_std(file);
        let mut hash = Sha256::new();
        let mut count = 0;
        while let Some(piece) = bytes.next().await {
            let piece = piece.map_err(BlobError::Interrupted)?;
            count += piece.len() as u64;
            if count > at_most {
                return Err(BlobError::TooLarge(at_most));
            }
            hash.update(&piece);
            file.write_all(&piece).await.map_err(unavailable)?;
        }
        file.sync_all().await.map_err(unavailable)?;
        Ok(StagedBlob {
            file: partial,
            stored: StoredBlob {
                bytes: count,
                hash: to_hex(hash),
            },
        })
    }
}
