//! Packets of MP4 files put into another one, without a process.
//!
//! Starting FFmpeg takes longer than all that it then does to some minutes of packets. A run that only copies H.264 and
//! AAC from MP4 files into one is done here, and makes the same packets at the same times; whatever is unusual is left to
//! FFmpeg. What comes of it is verified by whoever asked for it, as if FFmpeg had made it.

mod boxes;
mod data;
mod description;
mod job;
mod source;
#[cfg(test)]
mod tests;
mod timeline;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use vidc_compiler::plan::{Names, Run};

use crate::cancel::Cancel;
use crate::probe::mp4;
use job::Job;
use source::Source;
use timeline::Timeline;

/// Why a run is left to FFmpeg.
#[derive(Debug, thiserror::Error)]
enum Left {
    /// It is not what is done here.
    #[error("{0}")]
    Unusual(&'static str),
    /// A file could not be read or written.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// A file is not built as usual.
    #[error("{0}")]
    Declined(#[from] mp4::Declined),
    /// An index could not be read or written.
    #[error("{0}")]
    Index(#[from] mp4_atom::Error),
}

type Outcome<T> = Result<T, Left>;

/// Makes the files that a run makes; or does not, and they are to be made by FFmpeg. If it is cancelled, what it leaves is
/// not whole.
pub(crate) async fn mux(run: &Run, names: &(dyn Names + Sync), cancel: &Cancel) -> bool {
    let made = match Job::all(run, names) {
        Ok(jobs) => make(jobs, cancel.clone()).await,
        Err(left) => Err(left),
    };
    made.inspect_err(|left| tracing::debug!("{} is left to FFmpeg: {left}", names.output(0)))
        .is_ok()
}

async fn make(jobs: Vec<Job>, cancel: Cancel) -> Outcome<()> {
    let paths: BTreeSet<&Path> = jobs.iter().flat_map(Job::paths).collect();
    let mut movies = Vec::new();
    for path in paths {
        let movie = mp4::movie(path).await;
        let movie = movie.ok_or(Left::Unusual("a file is no usual MP4 file"))?;
        movies.push((path.to_owned(), movie));
    }
    if jobs.iter().any(|job| job.keeps_tags) && movies.iter().any(|(_, movie)| movie.is_tagged()) {
        return Err(Left::Unusual("tags of a file are to be kept"));
    }
    let made = tokio::task::spawn_blocking(move || {
        let sources = movies.into_iter().map(|(path, movie)| Source::open(path, movie));
        let sources = sources.collect::<Outcome<Vec<Source>>>()?;
        jobs.iter().try_for_each(|job| written(job, &sources, &cancel))
    });
    made.await.map_err(io::Error::other)?
}

fn written(job: &Job, sources: &[Source], cancel: &Cancel) -> Outcome<()> {
    let timelines = job.tracks.iter().map(|track| Timeline::of(track, sources));
    let timelines = timelines.collect::<Outcome<Vec<Timeline>>>()?;
    let chunks = data::chunks(&timelines);
    let head = boxes::head(job, &timelines, &chunks)?;
    let mut file = BufWriter::new(File::create(&job.output)?);
    file.write_all(&head)?;
    let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    data::copy(&file, sources, &timelines, &chunks, cancel)
}
