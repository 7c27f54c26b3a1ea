//! How a file is read: by its own index where that tells all of what ffprobe would, else by ffprobe.
//!
//! Starting ffprobe takes longer than all else that is done with a small file. The two ways are held to the same
//! answers by the tests next to [`mp4`](super::mp4).

use std::path::Path;
use std::sync::Arc;

use vidc_compiler::facts::Problem;
use vidc_compiler::time::Time;

use super::ffprobe;
use super::mp4::{self, Movie};
use super::report::{Packet, Report};
use crate::ffmpeg::Tools;

/// A file, and the way it is read.
pub(super) struct Reading<'a> {
    tools: &'a Tools,
    path: &'a Path,
    movie: Option<Arc<Movie>>,
}

impl<'a> Reading<'a> {
    /// By the file's own index if it tells all.
    pub(super) async fn of(tools: &'a Tools, path: &'a Path) -> Reading<'a> {
        Reading {
            movie: mp4::movie(path).await,
            ..Reading::by_ffprobe(tools, path)
        }
    }

    /// By ffprobe.
    pub(super) fn by_ffprobe(tools: &'a Tools, path: &'a Path) -> Reading<'a> {
        Reading {
            tools,
            path,
            movie: None,
        }
    }

    /// What the file is, with its first packets.
    pub(super) async fn report(&self) -> Result<Report, Problem> {
        match &self.movie {
            Some(movie) => Ok(movie.report()),
            None => ffprobe::report(self.tools, self.path).await,
        }
    }

    /// The packets of one stream or of all: at least those from a keyframe before a time on, perhaps for some length.
    /// An index that is in memory gives all.
    pub(super) async fn packets(
        &self,
        stream: Option<u32>,
        from: Option<(Time, Option<Time>)>,
    ) -> Result<Vec<Packet>, Problem> {
        match &self.movie {
            Some(movie) => Ok(movie.packets(stream)),
            None => ffprobe::packets(self.tools, self.path, stream, from).await,
        }
    }

    /// Whether keyframes of an H.264 stream but the first are only points of recovery.
    pub(super) async fn recovers_slowly(&self, stream: u32) -> Result<bool, Problem> {
        match &self.movie {
            Some(movie) => mp4::recovers_slowly(movie, self.path, stream).await,
            None => ffprobe::recovers_slowly(self.tools, self.path, stream).await,
        }
    }
}
