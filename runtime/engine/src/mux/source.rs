//! Files that packets come from.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use mp4_atom::{Atom as _, Codec, Moov, Trak};

use super::{Left, Outcome};
use crate::probe::mp4::{self, Movie};

/// A file, and what its index says.
pub(super) struct Source {
    pub(super) path: PathBuf,
    pub(super) file: File,
    pub(super) movie: Arc<Movie>,
    tracks: Vec<Trak>,
}

impl Source {
    /// Opens a file that has been read.
    pub(super) fn open(path: PathBuf, movie: Arc<Movie>) -> Outcome<Source> {
        let index = mp4::index(&path)?;
        Ok(Source {
            file: File::open(&path)?,
            tracks: Moov::decode_body(&mut index.as_slice())?.trak,
            movie,
            path,
        })
    }

    /// What the file says of one of its streams.
    pub(super) fn track(&self, stream: u32) -> Outcome<&Trak> {
        let track = usize::try_from(stream)
            .ok()
            .and_then(|stream| self.tracks.get(stream));
        track.ok_or(Left::Unusual("a file has fewer streams than it should"))
    }

    /// What decoders are told of a stream.
    pub(super) fn description(&self, stream: u32) -> Outcome<&Codec> {
        match self.track(stream)?.mdia.minf.stbl.stsd.codecs.as_slice() {
            [description] => Ok(description),
            _ => Err(Left::Unusual("there is not one description of the samples")),
        }
    }
}
