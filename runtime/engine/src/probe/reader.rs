//! Chooses how a file is read: by our own readers if they support it, else by ffprobe.
//!
//! Starting ffprobe takes longer than everything else that is done with a small file. The tests next to [`mp4`] and
//! [`png`] assert that our readers report the same as ffprobe.

use std::path::Path;
use std::sync::Arc;

use tokio::io::AsyncReadExt as _;
use vidc_compiler::facts::Problem;
use vidc_compiler::time::Time;

use super::ffprobe;
use super::idr::{self, IdrFrames, TimeWindow};
use super::mp4::{self, Movie};
use super::png;
use super::report::{Packet, Report};
use crate::ffmpeg::Tools;

/// A file, and the backend that reads it.
pub(super) struct MediaReader<'a> {
    tools: &'a Tools,
    path: &'a Path,
    backend: Backend,
}

enum Backend {
    /// The index of an MP4 or QuickTime file.
    Mp4(Arc<Movie>),
    /// The header of a PNG image.
    Png(Box<Report>),
    Ffprobe,
}

impl<'a> MediaReader<'a> {
    /// Opens a file with our own reader if one supports it.
    pub(super) async fn open(tools: &'a Tools, path: &'a Path) -> MediaReader<'a> {
        let backend = match (mp4::read_movie(path).await, png::read_report(path).await) {
            (Some(movie), _) => Backend::Mp4(movie),
            (None, Some(report)) => Backend::Png(Box::new(report)),
            (None, None) => Backend::Ffprobe,
        };
        MediaReader { tools, path, backend }
    }

    /// Reads a file with ffprobe.
    #[cfg(test)]
    pub(super) fn with_ffprobe(tools: &'a Tools, path: &'a Path) -> MediaReader<'a> {
        MediaReader {
            tools,
            path,
            backend: Backend::Ffprobe,
        }
    }

    /// Reads a report of the file, with its first packets.
    pub(super) async fn report(&self) -> Result<Report, Problem> {
        match &self.backend {
            Backend::Mp4(movie) => Ok(movie.report()),
            Backend::Png(report) => Ok(Report::clone(report)),
            Backend::Ffprobe => {
                let mut report = ffprobe::report(self.tools, self.path).await?;
                if let (true, [image]) = (report.format.is_still_image(), report.streams.as_mut_slice())
                    && !is_jpeg_without_exif(self.path).await
                {
                    let side_data = ffprobe::frame_side_data(self.tools, self.path).await?;
                    image.side_data_list.extend(side_data);
                }
                Ok(report)
            }
        }
    }

    /// Reads the packets of one stream or of all: at least those from the keyframe before a start time, for an optional
    /// duration. Returns all packets if the index is in memory.
    pub(super) async fn packets(
        &self,
        stream: Option<u32>,
        window: Option<(Time, Option<Time>)>,
    ) -> Result<Vec<Packet>, Problem> {
        match &self.backend {
            Backend::Mp4(movie) => Ok(movie.packets(stream)),
            Backend::Png(report) => Ok(report.packets.clone()),
            Backend::Ffprobe => ffprobe::packets(self.tools, self.path, stream, window).await,
        }
    }

    /// Finds the IDR frames of a stream with the given index and codec, in a window of time.
    pub(super) async fn find_idr_frames(
        &self,
        stream: (u32, &str),
        window: TimeWindow,
    ) -> Result<IdrFrames, Problem> {
        match &self.backend {
            Backend::Mp4(movie) => mp4::find_idr_frames(movie, self.path, stream.0, window).await,
            Backend::Png(_) => Ok(IdrFrames::AllKeyframes),
            Backend::Ffprobe => idr::find_idr_frames(self.tools, self.path, stream, window).await,
        }
    }

    /// Whether packets of an H.265 stream contain parameter sets, in a window of time.
    pub(super) async fn has_in_band_parameter_sets(
        &self,
        stream: u32,
        window: TimeWindow,
    ) -> Result<bool, Problem> {
        match &self.backend {
            // Its video is H.264.
            Backend::Mp4(_) | Backend::Png(_) => Ok(false),
            Backend::Ffprobe => idr::has_in_band_parameter_sets(self.tools, self.path, stream, window).await,
        }
    }

    /// Whether keyframes of an H.264 stream after the first are only recovery points of a gradual decoder refresh.
    ///
    /// ffprobe has to decode packets for that, and does so up to `until` only; `None` means that all keyframes that are
    /// known are IDR frames, so that there is nothing to decode.
    pub(super) async fn has_gradual_decoder_refresh(
        &self,
        stream: u32,
        until: Option<Time>,
    ) -> Result<bool, Problem> {
        match (&self.backend, until) {
            (Backend::Mp4(movie), _) => mp4::has_gradual_decoder_refresh(movie, self.path, stream).await,
            (Backend::Ffprobe, Some(until)) => {
                ffprobe::has_gradual_decoder_refresh(self.tools, self.path, stream, until).await
            }
            (Backend::Png(_), _) | (Backend::Ffprobe, None) => Ok(false),
        }
    }

    /// The duration in ticks that all packets of a stream have, except perhaps the last, if the file's index states it.
    pub(super) async fn constant_packet_duration(&self, stream: u32) -> Option<u32> {
        match &self.backend {
            Backend::Mp4(movie) => movie.constant_sample_duration(stream),
            Backend::Png(_) => None,
            Backend::Ffprobe => mp4::constant_sample_duration(self.path, stream).await,
        }
    }
}

/// Whether a file is a JPEG image without an Exif segment, and so without an orientation. Exif segments come first (CIPA
/// DC-008, 4.5.4).
async fn is_jpeg_without_exif(path: &Path) -> bool {
    const HEAD_BYTES: u64 = 64 << 10;
    let head = async {
        let mut head = Vec::new();
        let file = tokio::fs::File::open(path).await?;
        file.take(HEAD_BYTES).read_to_end(&mut head).await?;
        Ok::<_, std::io::Error>(head)
    };
    head.await
        .is_ok_and(|head| head.starts_with(b"\xff\xd8") && !head.windows(6).any(|bytes| bytes == b"Exif\0\0"))
}
