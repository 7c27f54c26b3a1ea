//! Whether there is room on the disks that a process writes to.

use std::io;
use std::path::{Path, PathBuf};

/// Folders, and how many bytes must be free on the disk of each.
#[derive(Clone, Debug)]
pub struct DiskGuard {
    folders: Vec<PathBuf>,
    bytes: u64,
}

impl DiskGuard {
    /// In these folders.
    pub fn new(folders: Vec<PathBuf>, bytes: u64) -> DiskGuard {
        DiskGuard { folders, bytes }
    }

    /// Which disk is too full to begin anything, and how full it is; none if there is room.
    pub fn shortage(&self) -> Option<String> {
        self.folders.iter().find_map(|folder| {
            // A disk that cannot be asked is told by whoever fails to write to it.
            let free = free(folder).ok()?;
            let few = free < self.bytes;
            few.then(|| {
                format!(
                    "{} has {free} bytes free, and {} are needed",
                    folder.display(),
                    self.bytes
                )
            })
        })
    }
}

/// What may still be written, in bytes.
fn free(folder: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_what_the_disk_has() {
        let folders = vec![std::env::temp_dir()];
        assert_eq!(DiskGuard::new(folders.clone(), 0).shortage(), None);
        assert!(DiskGuard::new(folders, u64::MAX).shortage().is_some());
    }
}
