//! Local copies of bytes that are kept elsewhere. Names are used once, so a copy is never out of date.

use std::fs::FileTimes;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tempfile::TempPath;
use tokio::fs;

use super::staging::StagedBlob;
use super::{BlobError, ByteStream};

/// A copy that was asked for less than so long ago may still be read.
const IN_USE: Duration = Duration::from_secs(3600);

/// A folder of copies, of about a size.
#[derive(Clone, Debug)]
pub(super) struct DiskCache {
    folder: PathBuf,
    bytes: u64,
}

impl DiskCache {
    pub(super) fn open(folder: PathBuf, bytes: u64) -> io::Result<DiskCache> {
        std::fs::create_dir_all(&folder)?;
        let folder = folder.canonicalize()?;
        Ok(DiskCache { folder, bytes })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name.replace('/', "-"))
    }

    /// The copy of that name, if it is there. It is not deleted for an hour.
    pub(super) async fn get(&self, name: &str) -> Option<PathBuf> {
        let path = self.path(name);
        let touched = path.clone();
        let touch = move || {
            let file = std::fs::File::options().append(true).open(touched)?;
            // What reads it goes by when it was written.
            file.set_times(FileTimes::new().set_accessed(SystemTime::now()))
        };
        let there = tokio::task::spawn_blocking(touch).await.ok()?;
        there.ok().map(|()| path)
    }

    /// Takes bytes that nobody finds yet.
    pub(super) async fn stage(&self, bytes: ByteStream, at_most: u64) -> Result<StagedBlob, BlobError> {
        StagedBlob::receive(&self.folder, bytes, at_most).await
    }

    /// Keeps a copy, and deletes those that were not asked for lately if there are too many.
    pub(super) async fn insert(&self, name: &str, copy: TempPath) -> io::Result<PathBuf> {
        let path = self.path(name);
        copy.persist(&path).map_err(|error| error.error)?;
        let near = self.clone();
        tokio::task::spawn_blocking(move || near.evict())
            .await
            .map_err(io::Error::other)??;
        Ok(path)
    }

    pub(super) async fn remove(&self, name: &str) {
        // It may never have been here; if it cannot be deleted now it is evicted later.
        let _ = fs::remove_file(self.path(name)).await;
    }

    fn evict(&self) -> io::Result<()> {
        let mut copies = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let entry = entry?;
            // Deleted meanwhile by somebody who evicts too.
            let Ok(about) = entry.metadata() else { continue };
            copies.push((about.accessed()?, about.len(), entry.path()));
        }
        copies.sort();
        let mut total: u64 = copies.iter().map(|(_, bytes, _)| bytes).sum();
        for (used, bytes, path) in copies {
            if total <= self.bytes || used.elapsed().is_ok_and(|ago| ago < IN_USE) {
                return Ok(());
            }
            remove(&path)?;
            total = total.saturating_sub(bytes);
        }
        Ok(())
    }
}

fn remove(path: &Path) -> io::Result<()> {
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

    async fn keep(near: &DiskCache, name: &str) -> PathBuf {
        let bytes = futures_util::stream::iter([Ok(Bytes::from_static(b"0123456"))]).boxed();
        let copy = near.stage(bytes, 7).await.unwrap();
        near.insert(name, copy.file).await.unwrap()
    }

    #[tokio::test]
    async fn what_was_not_asked_for_lately_makes_room() {
        let folder = tempfile::tempdir().unwrap();
        let near = DiskCache::open(folder.path().to_owned(), 10).unwrap();
        let old = keep(&near, "assets/a/old").await;
        let long_ago = SystemTime::now() - 2 * IN_USE;
        let file = std::fs::File::options().append(true).open(&old).unwrap();
        file.set_times(FileTimes::new().set_accessed(long_ago)).unwrap();
        let new = keep(&near, "assets/a/new").await;
        assert!(near.get("assets/a/old").await.is_none());
        assert_eq!(std::fs::read_to_string(new).unwrap(), "0123456");
        // Both are in use now, so both stay.
        keep(&near, "assets/a/newer").await;
        assert!(near.get("assets/a/new").await.is_some());
        let written = || {
            std::fs::metadata(near.path("assets/a/newer"))
                .unwrap()
                .modified()
                .unwrap()
        };
        let before = written();
        assert!(near.get("assets/a/newer").await.is_some());
        assert_eq!(written(), before, "it is still the same file");
    }
}
