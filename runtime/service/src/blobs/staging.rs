//! Incoming bytes are written to a hidden temporary file, and hashed and counted on the way.

use std::path::Path;

use futures_util::StreamExt as _;
use tempfile::TempPath;
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;

use super::error::{BlobError, disk_error};
use super::stored_blob::{ByteStream, Digest, StoredBlob};

/// A complete blob in a temporary file, which is deleted unless it is given a name.
pub(super) struct StagedBlob {
    pub(super) file: TempPath,
    pub(super) stored: StoredBlob,
}

impl StagedBlob {
    /// Writes a stream of at most `max_bytes` bytes to a temporary file in `dir`, and syncs it to the disk.
    pub(super) async fn receive(
        dir: &Path,
        mut bytes: ByteStream,
        max_bytes: u64,
    ) -> Result<StagedBlob, BlobError> {
        let (file, path) = tempfile::Builder::new()
            .prefix(".partial-")
            .tempfile_in(dir)
            .map_err(disk_error)?
            .into_parts();
        let mut file = File::from_std(file);
        let mut digest = Digest::default();
        while let Some(chunk) = bytes.next().await {
            let chunk = chunk.map_err(BlobError::Interrupted)?;
            if digest.update(&chunk) > max_bytes {
                return Err(BlobError::TooLarge(max_bytes));
            }
            file.write_all(&chunk).await.map_err(disk_error)?;
        }
        file.sync_all().await.map_err(disk_error)?;
        Ok(StagedBlob {
            file: path,
            stored: digest.finish(),
        })
    }
}
