//! Files that packets come from.

use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mp4_atom::{Atom as _, Codec, DecodeMaybe as _, Header, Moov, Trak};

use super::{Left, Outcome};
use crate::probe::mp4::{self, Movie, Sample};

/// A file, and what its index says.
pub(super) struct Source {
    pub(super) path: PathBuf,
    pub(super) file: File,
    pub(super) movie: Arc<Movie>,
    tracks: Vec<Trak>,
}

impl Source {
    /// Opens a file whose index is a usual one.
    pub(super) async fn open(path: &Path) -> Outcome<Source> {
        let movie = mp4::movie(path).await;
        let movie = movie.ok_or(Left::Unusual("a file is no usual MP4 file"))?;
        let file = File::open(path)?;
        let tracks = index(&file)?.trak;
        Ok(Source {
            path: path.to_owned(),
            file,
            movie,
            tracks,
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

    /// The type of the first unit of a packet of H.264 (ITU-T H.264, table 7-1) whose units' lengths take four bytes.
    pub(super) fn first_unit(&self, sample: &Sample) -> Outcome<u8> {
        use std::os::unix::fs::FileExt as _;
        let mut head = [0; 5];
        self.file.read_exact_at(&mut head, sample.place)?;
        Ok(head[4] & 31)
    }
}

/// The index of a file.
fn index(mut file: &File) -> Outcome<Moov> {
    let length = file.metadata()?.len();
    let mut place = 0;
    while place < length {
        file.seek(SeekFrom::Start(place))?;
        let mut reader = BufReader::with_capacity(16, file);
        let mut head = Vec::new();
        reader.by_ref().take(16).read_to_end(&mut head)?;
        let mut rest = head.as_slice();
        let known = Header::decode_maybe(&mut rest)?;
        let (kind, size) = match known {
            Some(Header {
                kind,
                size: Some(size),
            }) => (kind, size as u64),
            _ => return Err(Left::Unusual("a box has no size")),
        };
        let begins = place + (head.len() - rest.len()) as u64;
        if kind == Moov::KIND {
            file.seek(SeekFrom::Start(begins))?;
            let mut body =
                vec![0; usize::try_from(size).map_err(|_| Left::Unusual("its index is too large"))?];
            file.read_exact(&mut body)?;
            return Ok(Moov::decode_body(&mut body.as_slice())?);
        }
        place = begins + size;
    }
    Err(Left::Unusual("it has no index"))
}
