//! A cache of remote blobs on the local disk. Names are used once, so a cached copy is never out of date.

use std::fs::FileTimes;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tempfile::TempPath;
use tokio::fs;

use super::error::BlobError;
use super::staging::StagedBlob;
use super::stored_blob::ByteStream;

/// Time for which a copy is not evicted after its last use, because it may still be read.
const MIN_IDLE: Duration = Duration::from_secs(3600);

/// A directory of copies. It exceeds its maximum size only by copies that may still be read.
#[derive(Clone, Debug)]
pub(super) struct DiskCache {
    dir: PathBuf,
    max_bytes: u64,
}

impl DiskCache {
    /// Opens a cache, creating its directory if it does not exist.
    pub(super) fn open(dir: PathBuf, max_bytes: u64) -> io::Result<DiskCache> {
        std::fs::create_dir_all(&dir)?;
        let dir = dir.canonicalize()?;
        Ok(DiskCache { dir, max_bytes })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name.replace('/', "-"))
    }

    /// Returns the path of a blob's copy if it is cached, and keeps the copy for at least an hour.
    pub(super) async fn get(&self, name: &str) -> Option<PathBuf> {
        let path = self.path(name);
        let cached = path.clone();
        let touch = move || {
            let file = std::fs::File::options().append(true).open(cached)?;
            // Only the access time: the probe cache identifies files by their modification time.
            file.set_times(FileTimes::new().set_accessed(SystemTime::now()))
        };
        let touched = tokio::task::spawn_blocking(touch).await.ok()?;
        touched.ok().map(|()| path)
    }

    /// Writes a stream to a temporary file in the cache's directory.
    pub(super) async fn stage(&self, bytes: ByteStream, max_bytes: u64) -> Result<StagedBlob, BlobError> {
        StagedBlob::receive(&self.dir, bytes, max_bytes).await
    }

    /// Adds a staged file, and evicts the least recently used copies if the cache is too large.
    pub(super) async fn insert(&self, name: &str, file: TempPath) -> io::Result<PathBuf> {
        let path = self.path(name);
        file.persist(&path).map_err(|error| error.error)?;
        let cache = self.clone();
        tokio::task::spawn_blocking(move || cache.evict())
            .await
            .map_err(io::Error::other)??;
        Ok(path)
    }

    /// Deletes a blob's copy.
    pub(super) async fn remove(&self, name: &str) {
        // There may be no copy; one that cannot be deleted now is evicted later.
        let _ = fs::remove_file(self.path(name)).await;
    }

    fn evict(&self) -> io::Result<()> {
        let mut copies = Vec::new();
        for entry in std::fs::read_dir(&self.dir)? {
            let entry = entry?;
            // A concurrent eviction may have deleted it.
            let Ok(metadata) = entry.metadata() else { continue };
            copies.push((metadata.accessed()?, metadata.len(), entry.path()));
        }
        copies.sort();
        let mut total: u64 = copies.iter().map(|(_, bytes, _)| bytes).sum();
        for (used_at, bytes, path) in copies {
            if total <= self.max_bytes || used_at.elapsed().is_ok_and(|idle| idle < MIN_IDLE) {
                return Ok(());
            }
            remove_file_if_present(&path)?;
            total = total.saturating_sub(bytes);
        }
        Ok(())
    }
}

fn remove_file_if_present(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use futures_util::StreamExt as _;

    use super::*;

    async fn insert(cache: &DiskCache, name: &str) -> PathBuf {
        let bytes = futures_util::stream::iter([Ok(Bytes::from_static(b"0123456"))]).boxed();
        let staged = cache.stage(bytes, 7).await.unwrap();
        cache.insert(name, staged.file).await.unwrap()
    }

    #[tokio::test]
    async fn only_copies_that_were_not_used_recently_are_evicted() {
        let dir = tempfile::tempdir().unwrap();
        let cache = DiskCache::open(dir.path().to_owned(), 10).unwrap();
        let old = insert(&cache, "assets/a/old").await;
        let long_ago = SystemTime::now() - 2 * MIN_IDLE;
        let file = std::fs::File::options().append(true).open(&old).unwrap();
        file.set_times(FileTimes::new().set_accessed(long_ago)).unwrap();
        let new = insert(&cache, "assets/a/new").await;
        assert!(cache.get("assets/a/old").await.is_none());
        assert_eq!(std::fs::read_to_string(new).unwrap(), "0123456");
        // Both were used recently, so both stay although the cache is too large.
        insert(&cache, "assets/a/newer").await;
        assert!(cache.get("assets/a/new").await.is_some());
        let modified = || {
            std::fs::metadata(cache.path("assets/a/newer"))
                .unwrap()
                .modified()
                .unwrap()
        };
        let before = modified();
        assert!(cache.get("assets/a/newer").await.is_some());
        assert_eq!(modified(), before, "using a copy changes its modification time");
    }
}
