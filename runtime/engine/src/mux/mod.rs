//! Remuxes H.264 and AAC packets of MP4 files into a new MP4 file, without starting a process.
//!
//! Starting FFmpeg takes longer than what it then does to some minutes of packets. A run that only copies such packets is
//! done here and produces the same packets with the same timestamps; everything else is left to FFmpeg. The caller verifies
//! the result as if FFmpeg had written it.
//!
//! Files are read through the prober's index ([`mp4`]); `mp4-atom` encodes the new one.

mod codec;
mod error;
mod file_header;
mod job;
mod media_data;
mod source_file;
#[cfg(test)]
mod tests;
mod timeline;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use vidc_compiler::plan::{Run, RunEnvironment};

use crate::cancel::Cancel;
use crate::probe::mp4;
use error::{MuxError, Result};
use job::MuxJob;
use source_file::SourceFile;
use timeline::Timeline;

/// Writes the outputs of a run if it only copies packets. Returns false if it is left to FFmpeg; outputs may be incomplete
/// then, also if it was canceled.
pub(crate) async fn mux(run: &Run, names: &(dyn RunEnvironment + Sync), cancel: &Cancel) -> bool {
    let result = match MuxJob::from_run(run, names) {
        Ok(jobs) => write_all(jobs, cancel.clone()).await,
        Err(error) => Err(error),
    };
    result
        .inspect_err(|error| tracing::debug!("{} is left to FFmpeg: {error}", names.output_path(0)))
        .is_ok()
}

async fn write_all(jobs: Vec<MuxJob>, cancel: Cancel) -> Result<()> {
    let paths: BTreeSet<&Path> = jobs.iter().flat_map(MuxJob::paths).collect();
    let mut movies = Vec::new();
    for path in paths {
        let movie = mp4::read_movie(path).await;
        let movie = movie.ok_or(MuxError::Unsupported("the index of a file is left to ffprobe"))?;
        movies.push((path.to_owned(), movie));
    }
    if jobs.iter().any(|job| job.keeps_tags) && movies.iter().any(|(_, movie)| movie.has_tags()) {
        return Err(MuxError::Unsupported("tags of a file have to be copied"));
    }
    let written = tokio::task::spawn_blocking(move || {
        let sources = movies
            .into_iter()
            .map(|(path, movie)| SourceFile::open(path, movie));
        let sources = sources.collect::<Result<Vec<SourceFile>>>()?;
        jobs.iter()
            .try_for_each(|job| write_output(job, &sources, &cancel))
    });
    written.await.map_err(io::Error::other)?
}

fn write_output(job: &MuxJob, sources: &[SourceFile], cancel: &Cancel) -> Result<()> {
    let timelines = job.tracks.iter().map(|track| Timeline::build(track, sources));
    let timelines = timelines.collect::<Result<Vec<Timeline>>>()?;
    let chunks = media_data::interleave(&timelines);
    let header = file_header::encode(job, &timelines, &chunks)?;
    let mut file = BufWriter::new(File::create(&job.output)?);
    file.write_all(&header)?;
    let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    media_data::copy_packets(&file, sources, &timelines, &chunks, cancel)
}
