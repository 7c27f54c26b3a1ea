//! Blobs as files of a directory.

use std::io::{self, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use futures_util::StreamExt as _;
use tokio::fs::{self, File};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;

use super::staging::StagedBlob;
use super::{BlobError, BlobStore, ByteStream, CHUNK_BYTES, StoredBlob, unavailable};

/// A directory.
#[derive(Clone, Debug)]
pub struct DirectoryStore {
    root: PathBuf,
}

impl DirectoryStore {
    /// Makes it if need be.
    pub fn open(root: impl Into<PathBuf>) -> io::Result<DirectoryStore> {
        let root: PathBuf = root.into();
        std::fs::create_dir_all(&root)?;
        // Links that are made elsewhere lead to its files.
        let root = root.canonicalize()?;
        Ok(DirectoryStore { root })
    }

    /// Names are made by the service; one that leads elsewhere is a mistake of ours.
    fn path(&self, name: &str) -> Result<PathBuf, BlobError> {
        let fits = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
                && !part.starts_with('.')
        };
        match name.split('/').all(fits) {
            true => Ok(self.root.join(name)),
            false => Err(BlobError::Unavailable(format!("`{name}` is no name for bytes"))),
        }
    }

    /// Gives a finished file its name, for good.
    async fn publish(&self, file: tempfile::TempPath, path: &Path) -> io::Result<()> {
        let path = path.to_owned();
        let publish = move || {
            file.persist(&path).map_err(|error| error.error)?;
            match path.parent() {
                Some(folder) => std::fs::File::open(folder)?.sync_all(),
                None => Ok(()),
            }
        };
        tokio::task::spawn_blocking(publish)
            .await
            .map_err(io::Error::other)?
    }
}

fn missing(name: &str) -> impl FnOnce(io::Error) -> BlobError {
    move |error| match error.kind() {
        io::ErrorKind::NotFound => BlobError::NotFound(name.to_owned()),
        _ => unavailable(error),
    }
}

#[async_trait]
impl BlobStore for DirectoryStore {
    async fn put(&self, name: &str, bytes: ByteStream, at_most: u64) -> Result<StoredBlob, BlobError> {
        let path = self.path(name)?;
        let folder = path.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder).await.map_err(unavailable)?;
        let arrival = StagedBlob::receive(folder, bytes, at_most).await?;
        self.publish(arrival.file, &path).await.map_err(unavailable)?;
        Ok(arrival.stored)
    }

    async fn put_file(&self, name: &str, path: &Path) -> Result<StoredBlob, BlobError> {
        let file = File::open(path).await.map_err(unavailable)?;
        let bytes = ReaderStream::with_capacity(file, CHUNK_BYTES).boxed();
        self.put(name, bytes, u64::MAX).await
    }

    async fn get(&self, name: &str, range: Option<Range<u64>>) -> Result<ByteStream, BlobError> {
        let mut file = File::open(self.path(name)?).await.map_err(missing(name))?;
        let Some(range) = range else {
            return Ok(ReaderStream::with_capacity(file, CHUNK_BYTES).boxed());
        };
        file.seek(SeekFrom::Start(range.start))
            .await
            .map_err(unavailable)?;
        let part = file.take(range.end.saturating_sub(range.start));
        Ok(ReaderStream::with_capacity(part, CHUNK_BYTES).boxed())
    }

    async fn file(&self, name: &str) -> Result<PathBuf, BlobError> {
        let path = self.path(name)?;
        fs::metadata(&path).await.map_err(missing(name))?;
        Ok(path)
    }

    async fn delete(&self, name: &str) -> Result<(), BlobError> {
        match fs::remove_file(self.path(name)?).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unavailable(error)),
            _ => Ok(()),
        }
    }
}
