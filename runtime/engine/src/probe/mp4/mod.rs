//! What ffprobe says of MP4 and QuickTime files, read from their index without a process.
//!
//! ISO/IEC 14496-12 says how such files are built. What times, lengths and rates they have is what FFmpeg's demuxer makes
//! of them, by whose rules this goes. Only the kind of file that almost all are is read: a whole index in one place, and
//! tracks of H.264, AAC-LC and timed text that a plain edit at most says when to show. All else, and whatever is odd, is
//! left to ffprobe. So the boxes are read by hand: it must be seen that there are no others.
//!
//! Whether decoding can begin with a packet is what the index says of it. FFmpeg looks into packets of H.264 and may find
//! more than the index tells; those it does not count on.

mod aac;
mod avc;
mod bytes;
mod color;
mod description;
mod edits;
mod file;
mod media;
mod memory;
mod movie;
mod rates;
mod sample_offsets;
mod sets;
mod slices;
mod tables;
#[cfg(test)]
mod tests;
mod track;
mod units;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) use bytes::Declined;
pub(crate) use movie::Movie;
pub(crate) use tables::Sample;
pub(crate) use track::Track;
use vidc_compiler::facts::Problem;

use super::refreshes::{Refreshes, Stretch};

/// The index of a file, if it tells all of what ffprobe would.
pub(crate) async fn movie(path: &Path) -> Option<Arc<Movie>> {
    let path = path.to_owned();
    let read = move |path: PathBuf| {
        memory::recalled(&path, || {
            let left = |why: &Declined| tracing::debug!("{} is left to ffprobe: {why}", path.display());
            Movie::read(&path).inspect_err(left).ok()
        })
    };
    tokio::task::spawn_blocking(move || read(path))
        .await
        .ok()
        .flatten()
}

/// The body of a file's index, if it is in one place.
pub(crate) fn index(path: &Path) -> Result<Vec<u8>, Declined> {
    file::boxes(path).map(|boxes| boxes.index)
}

/// The type of the first unit of a packet of H.264 (ITU-T H.264, table 7-1) whose units' lengths take so many bytes.
pub(crate) fn first_unit(file: &File, sample: &Sample, length_size: u8) -> io::Result<Option<u8>> {
    let first = units::of(file, sample, length_size).next().transpose()?;
    Ok(first.and_then(|unit| unit.kind()))
}

/// How many ticks all packets of a stream last but the last, whatever the other streams are.
pub(super) async fn step(path: &Path, stream: u32) -> Option<u32> {
    let path = path.to_owned();
    tokio::task::spawn_blocking(move || Movie::step_in(&path, stream))
        .await
        .ok()
        .flatten()
}

/// At which keyframes of a picture packets can be cut, in a stretch.
pub(super) async fn refreshes(
    movie: &Arc<Movie>,
    path: &Path,
    stream: u32,
    stretch: Stretch,
) -> Result<Refreshes, Problem> {
    let (movie, path) = (Arc::clone(movie), path.to_owned());
    tokio::task::spawn_blocking(move || movie.refreshes(&path, stream, stretch))
        .await
        .map_err(io::Error::other)
        .flatten()
        .map_err(|error| Problem::Unreadable(error.to_string()))
}

/// Whether keyframes of a picture but the first are only points of recovery.
pub(super) async fn gradual_decoder_refresh(
    movie: &Arc<Movie>,
    path: &Path,
    stream: u32,
) -> Result<bool, Problem> {
    let (movie, path) = (Arc::clone(movie), path.to_owned());
    tokio::task::spawn_blocking(move || movie.gradual_decoder_refresh(&path, stream))
        .await
        .map_err(io::Error::other)
        .flatten()
        .map_err(|error| Problem::Unreadable(error.to_string()))
}
