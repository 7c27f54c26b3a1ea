//! Reads the index of MP4 and QuickTime files and derives from it what ffprobe would report, without starting a process.
//!
//! ISO/IEC 14496-12 defines the boxes. Timestamps, durations and frame rates follow the rules of FFmpeg's demuxer
//! (`libavformat/mov.c`). Only the most common kind of file is read: one complete `moov`, with tracks of H.264, AAC-LC
//! and timed text, each with at most one plain edit. Everything else is left to ffprobe.
//!
//! This is the program's only reader of `moov`; the muxer uses the same index. `mp4-atom` decodes box headers and the
//! plain boxes (`mvhd`, `tkhd`, `elst`, `avcC`, `pasp`, and the fixed part of sample entries). The rest is our own code,
//! because the crate
//! * skips boxes that it does not know and takes the last of duplicates, while here an unknown box may mean that ffprobe
//!   reports something else, so it hands the file over;
//! * copies sample tables into vectors, while here they are read as slices of the index, and memory is bounded by
//!   [`MAX_SAMPLES`](moov::MAX_SAMPLES) however large the counts in a file are;
//! * reads QuickTime's numeric language codes as letters (`mdhd`), rejects handler names that are not UTF-8 (`hdlr`),
//!   ignores entry types other than `url ` (`dref`), takes reserved bits for a limited range (`colr`), and forgets the
//!   order of descriptors (`esds`).
//!
//! Keyframes are those that the index marks. FFmpeg also looks into H.264 packets and may find more; nothing relies on
//! those.

mod aac;
mod avc;
mod box_reader;
mod color;
mod edit_list;
mod file;
mod headers;
mod index_cache;
mod mdia;
mod moov;
mod movie;
mod nal_units;
mod parameter_sets;
mod rate_estimate;
mod sample;
mod sample_entry;
mod sample_offsets;
mod sample_table;
mod slice_types;
#[cfg(test)]
mod tests;
mod track;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) use box_reader::Unsupported;
pub(crate) use movie::Movie;
pub(crate) use sample::Sample;
pub(crate) use track::Track;
use vidc_compiler::facts::Problem;

use super::idr::{IdrFrames, TimeWindow};

/// Reads the index of a file, or takes it from the cache; `None` if the file is left to ffprobe.
pub(crate) async fn read_movie(path: &Path) -> Option<Arc<Movie>> {
    let path = path.to_owned();
    let read = move |path: PathBuf| {
        index_cache::get_or_read(&path, || {
            let log =
                |reason: &Unsupported| tracing::debug!("{} is left to ffprobe: {reason}", path.display());
            Movie::read(&path).inspect_err(log).ok()
        })
    };
    tokio::task::spawn_blocking(move || read(path))
        .await
        .ok()
        .flatten()
}

/// The type of the first NAL unit of an H.264 sample (ITU-T H.264, table 7-1), whose NAL units have length fields of
/// `length_size` bytes.
pub(crate) fn first_nal_unit_type(file: &File, sample: &Sample, length_size: u8) -> io::Result<Option<u8>> {
    let first = nal_units::read(file, sample, length_size).next().transpose()?;
    Ok(first.and_then(|unit| unit.unit_type()))
}

/// The duration in ticks that all samples of a stream have, except perhaps the last; the other streams of the file
/// need not be supported.
pub(super) async fn constant_sample_duration(path: &Path, stream: u32) -> Option<u32> {
    let path = path.to_owned();
    tokio::task::spawn_blocking(move || Movie::read_constant_sample_duration(&path, stream))
        .await
        .ok()
        .flatten()
}

/// Finds the IDR frames of a video stream in a window of time.
pub(super) async fn find_idr_frames(
    movie: &Arc<Movie>,
    path: &Path,
    stream: u32,
    window: TimeWindow,
) -> Result<IdrFrames, Problem> {
    let (movie, path) = (Arc::clone(movie), path.to_owned());
    tokio::task::spawn_blocking(move || movie.find_idr_frames(&path, stream, window))
        .await
        .map_err(io::Error::other)
        .flatten()
        .map_err(|error| Problem::Unreadable(error.to_string()))
}

/// Whether keyframes of a video stream after the first are only recovery points of a gradual decoder refresh.
pub(super) async fn has_gradual_decoder_refresh(
    movie: &Arc<Movie>,
    path: &Path,
    stream: u32,
) -> Result<bool, Problem> {
    let (movie, path) = (Arc::clone(movie), path.to_owned());
    tokio::task::spawn_blocking(move || movie.has_gradual_decoder_refresh(&path, stream))
        .await
        .map_err(io::Error::other)
        .flatten()
        .map_err(|error| Problem::Unreadable(error.to_string()))
}
