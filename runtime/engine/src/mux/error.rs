//! Why a run is left to FFmpeg.

use std::io;

/// Why a run is left to FFmpeg.
#[derive(Debug, thiserror::Error)]
pub(super) enum MuxError {
    /// The run or a file needs something that this module does not do.
    #[error("{0}")]
    Unsupported(&'static str),
    /// A file could not be read or written.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// A box could not be decoded or encoded.
    #[error("{0}")]
    Box(#[from] mp4_atom::Error),
}

pub(super) type Result<T> = std::result::Result<T, MuxError>;
