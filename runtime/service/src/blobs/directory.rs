//! A blob store in a directory.

use std::io::{self, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use futures_util::StreamExt as _;
use tokio::fs::{self, File};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;

use super::blob_store::BlobStore;
use super::error::{BlobError, disk_error};
use super::staging::StagedBlob;
use super::stored_blob::{ByteStream, CHUNK_BYTES, StoredBlob};

/// A directory with one file for each blob.
#[derive(Clone, Debug)]
pub struct DirectoryStore {
    root: PathBuf,
}

impl DirectoryStore {
    /// Opens a directory, creating it if it does not exist.
    pub fn open(root: impl Into<PathBuf>) -> io::Result<DirectoryStore> {
        let root: PathBuf = root.into();
        std::fs::create_dir_all(&root)?;
        // Symbolic links in other directories point to its files, so its path must be absolute.
        let root = root.canonicalize()?;
        Ok(DirectoryStore { root })
    }

    /// Returns the path of a blob. Names come from the service itself; one that leaves the directory is a bug.
    fn path(&self, name: &str) -> Result<PathBuf, BlobError> {
        let is_valid = |component: &str| {
            !component.is_empty()
                && component
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
                && !component.starts_with('.')
        };
        match name.split('/').all(is_valid) {
            true => Ok(self.root.join(name)),
            false => Err(BlobError::Unavailable(format!(
                "`{name}` is not a valid blob name"
            ))),
        }
    }

    /// Moves a complete file to its final name, durably.
    async fn publish(&self, file: tempfile::TempPath, path: &Path) -> io::Result<()> {
        let path = path.to_owned();
        let publish = move || {
            file.persist(&path).map_err(|error| error.error)?;
            match path.parent() {
                Some(dir) => std::fs::File::open(dir)?.sync_all(),
                None => Ok(()),
            }
        };
        tokio::task::spawn_blocking(publish)
            .await
            .map_err(io::Error::other)?
    }
}

fn open_error(name: &str) -> impl FnOnce(io::Error) -> BlobError {
    move |error| match error.kind() {
        io::ErrorKind::NotFound => BlobError::NotFound(name.to_owned()),
        _ => disk_error(error),
    }
}

#[async_trait]
impl BlobStore for DirectoryStore {
    async fn put(&self, name: &str, bytes: ByteStream, max_bytes: u64) -> Result<StoredBlob, BlobError> {
        let path = self.path(name)?;
        let dir = path.parent().unwrap_or(&self.root);
        fs::create_dir_all(dir).await.map_err(disk_error)?;
        let staged = StagedBlob::receive(dir, bytes, max_bytes).await?;
        self.publish(staged.file, &path).await.map_err(disk_error)?;
        Ok(staged.stored)
    }

    async fn put_file(&self, name: &str, path: &Path) -> Result<StoredBlob, BlobError> {
        let file = File::open(path).await.map_err(disk_error)?;
        let bytes = ReaderStream::with_capacity(file, CHUNK_BYTES).boxed();
        self.put(name, bytes, u64::MAX).await
    }

    async fn get(&self, name: &str, range: Option<Range<u64>>) -> Result<ByteStream, BlobError> {
        let mut file = File::open(self.path(name)?).await.map_err(open_error(name))?;
        let Some(range) = range else {
            return Ok(ReaderStream::with_capacity(file, CHUNK_BYTES).boxed());
        };
        file.seek(SeekFrom::Start(range.start))
            .await
            .map_err(disk_error)?;
        let bytes = file.take(range.end.saturating_sub(range.start));
        Ok(ReaderStream::with_capacity(bytes, CHUNK_BYTES).boxed())
    }

    async fn file(&self, name: &str) -> Result<PathBuf, BlobError> {
        let path = self.path(name)?;
        fs::metadata(&path).await.map_err(open_error(name))?;
        Ok(path)
    }

    async fn delete(&self, name: &str) -> Result<(), BlobError> {
        match fs::remove_file(self.path(name)?).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(disk_error(error)),
            _ => Ok(()),
        }
    }
}
