//! A file that packets are copied from.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use super::error::{MuxError, Result};
use crate::probe::mp4::{Movie, Track};

/// An open file and its index.
pub(super) struct SourceFile {
    pub(super) path: PathBuf,
    pub(super) file: File,
    pub(super) movie: Arc<Movie>,
}

impl SourceFile {
    /// Opens a file whose index has been read.
    pub(super) fn open(path: PathBuf, movie: Arc<Movie>) -> Result<SourceFile> {
        Ok(SourceFile {
            file: File::open(&path)?,
            movie,
            path,
        })
    }

    /// The track of a stream.
    pub(super) fn track(&self, stream: u32) -> Result<&Track> {
        let track = self.movie.track(stream);
        track.ok_or(MuxError::Unsupported("a file has fewer streams than expected"))
    }
}
