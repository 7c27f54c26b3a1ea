//! Paths that FFmpeg takes literally.

use std::io;
use std::path::{Path, PathBuf};

/// A path that FFmpeg takes literally. FFmpeg's `image2` demuxer expands `%d`, so a path with a `%` is reached through a
/// symbolic link without one, which is removed when this is dropped.
pub(crate) struct LiteralPath {
    path: PathBuf,
    _directory: Option<tempfile::TempDir>,
}

impl LiteralPath {
    pub(crate) fn new(path: &Path) -> io::Result<LiteralPath> {
        if !path.to_string_lossy().contains('%') {
            return Ok(LiteralPath {
                path: path.to_owned(),
                _directory: None,
            });
        }
        let directory = tempfile::Builder::new().prefix("vidc-").tempdir()?;
        let mut link = directory.path().join("input");
        if let Some(extension) = path.extension().filter(|e| !e.to_string_lossy().contains('%')) {
            link.set_extension(extension);
        }
        std::os::unix::fs::symlink(path, &link)?;
        Ok(LiteralPath {
            path: link,
            _directory: Some(directory),
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}
