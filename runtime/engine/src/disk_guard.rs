//! Checks the free space on the disks that a process writes to.

use std::io;
use std::path::{Path, PathBuf};

/// Folders, and the bytes that must be free on the disk of each.
#[derive(Clone, Debug)]
pub struct DiskGuard {
    folders: Vec<PathBuf>,
    bytes: u64,
}

impl DiskGuard {
    /// Guards these folders.
    pub fn new(folders: Vec<PathBuf>, bytes: u64) -> DiskGuard {
        DiskGuard { folders, bytes }
    }

    /// Describes a disk that is too full to start work; `None` if all have room.
    pub fn shortage(&self) -> Option<String> {
        self.folders.iter().find_map(|folder| {
            // If this fails, so will writing, with a better error.
            let free = free(folder).ok()?;
            let is_short = free < self.bytes;
            is_short.then(|| {
                format!(
                    "{} has {free} bytes free, but {} are required",
                    folder.display(),
                    self.bytes
                )
            })
        })
    }
}

/// Free space available to this user, in bytes.
fn free(folder: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortage_compares_with_free_space() {
        let folders = vec![std::env::temp_dir()];
        assert_eq!(DiskGuard::new(folders.clone(), 0).shortage(), None);
        assert!(DiskGuard::new(folders, u64::MAX).shortage().is_some());
    }
}
