//! How a file is read: by its own index or head where that tells all of what ffprobe would, else by ffprobe.
//!
//! Starting ffprobe takes longer than all else that is done with a small file. The ways are held to the same
//! answers by the tests next to [`mp4`](super::mp4) and [`png`](super::png).

use std::path::Path;
use std::sync::Arc;

use tokio::io::AsyncReadExt as _;
use vidc_compiler::facts::Problem;
use vidc_compiler::time::Time;

use super::ffprobe;
use super::mp4::{self, Movie};
use super::png;
use super::refreshes::{self, Refreshes, Stretch};
use super::report::{Packet, Report};
use super::streams::is_still;
use crate::ffmpeg::Tools;

/// A file, and the way it is read.
pub(super) struct Reading<'a> {
    tools: &'a Tools,
    path: &'a Path,
    way: Way,
}

enum Way {
    /// By the index of an MP4 or QuickTime file.
    Movie(Arc<Movie>),
    /// By the head of a picture, which tells all.
    Picture(Box<Report>),
    Ffprobe,
}

impl<'a> Reading<'a> {
    /// By the file's own index or head if it tells all.
    pub(super) async fn of(tools: &'a Tools, path: &'a Path) -> Reading<'a> {
        let way = match (mp4::movie(path).await, png::report(path).await) {
            (Some(movie), _) => Way::Movie(movie),
            (None, Some(report)) => Way::Picture(Box::new(report)),
            (None, None) => Way::Ffprobe,
        };
        Reading { tools, path, way }
    }

    /// By ffprobe.
    #[cfg(test)]
    pub(super) fn by_ffprobe(tools: &'a Tools, path: &'a Path) -> Reading<'a> {
        Reading {
            tools,
            path,
            way: Way::Ffprobe,
        }
    }

    /// What the file is, with its first packets.
    pub(super) async fn report(&self) -> Result<Report, Problem> {
        match &self.way {
            Way::Movie(movie) => Ok(movie.report()),
            Way::Picture(report) => Ok(Report::clone(report)),
            Way::Ffprobe => {
                let mut report = ffprobe::report(self.tools, self.path).await?;
                if let (true, [picture]) = (is_still(&report.format), report.streams.as_mut_slice())
                    && !is_plain_jpeg(self.path).await
                {
                    let of_frame = ffprobe::side_data_of_frame(self.tools, self.path).await?;
                    picture.side_data_list.extend(of_frame);
                }
                Ok(report)
            }
        }
    }

    /// The packets of one stream or of all: at least those from a keyframe before a time on, perhaps for some length.
    /// An index that is in memory gives all.
    pub(super) async fn packets(
        &self,
        stream: Option<u32>,
        from: Option<(Time, Option<Time>)>,
    ) -> Result<Vec<Packet>, Problem> {
        match &self.way {
            Way::Movie(movie) => Ok(movie.packets(stream)),
            Way::Picture(report) => Ok(report.packets.clone()),
            Way::Ffprobe => ffprobe::packets(self.tools, self.path, stream, from).await,
        }
    }

    /// At which keyframes packets can be cut, in a stretch of a stream in some codec.
    pub(super) async fn refreshes(
        &self,
        stream: (u32, &str),
        stretch: Stretch,
    ) -> Result<Refreshes, Problem> {
        match &self.way {
            Way::Movie(movie) => mp4::refreshes(movie, self.path, stream.0, stretch).await,
            Way::Picture(_) => Ok(Refreshes::Every),
            Way::Ffprobe => refreshes::refreshes(self.tools, self.path, stream, stretch).await,
        }
    }

    /// Whether packets of an H.265 stream bring parameter sets of their own, in a stretch of it.
    pub(super) async fn tells_inside(&self, stream: u32, stretch: Stretch) -> Result<bool, Problem> {
        match &self.way {
            // It has H.264.
            Way::Movie(_) | Way::Picture(_) => Ok(false),
            Way::Ffprobe => refreshes::tell_inside(self.tools, self.path, stream, stretch).await,
        }
    }

    /// Whether keyframes of an H.264 stream but the first are only points of recovery. Where packets have to be decoded to
    /// tell, only so far from the file's beginning; not at all where all known keyframes are refreshes.
    pub(super) async fn gradual_decoder_refresh(
        &self,
        stream: u32,
        until: Option<Time>,
    ) -> Result<bool, Problem> {
        match (&self.way, until) {
            (Way::Movie(movie), _) => mp4::gradual_decoder_refresh(movie, self.path, stream).await,
            (Way::Ffprobe, Some(until)) => {
                ffprobe::gradual_decoder_refresh(self.tools, self.path, stream, until).await
            }
            (Way::Picture(_), _) | (Way::Ffprobe, None) => Ok(false),
        }
    }

    /// How many ticks all packets of a stream last but the last, where the file's index tells.
    pub(super) async fn step(&self, stream: u32) -> Option<u32> {
        match &self.way {
            Way::Movie(movie) => movie.step(stream),
            Way::Picture(_) => None,
            Way::Ffprobe => mp4::step(self.path, stream).await,
        }
    }
}

/// Whether a file is a JPEG image that says nothing of its orientation, as far as its first segments tell: those of Exif come
/// first (CIPA DC-008, 4.5.4).
async fn is_plain_jpeg(path: &Path) -> bool {
    const FIRST: u64 = 64 << 10;
    let head = async {
        let mut head = Vec::new();
        let file = tokio::fs::File::open(path).await?;
        file.take(FIRST).read_to_end(&mut head).await?;
        Ok::<_, std::io::Error>(head)
    };
    head.await
        .is_ok_and(|head| head.starts_with(b"\xff\xd8") && !head.windows(6).any(|bytes| bytes == b"Exif\0\0"))
}
