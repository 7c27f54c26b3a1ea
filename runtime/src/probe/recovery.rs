//! Whether keyframes are only points of recovery.
//!
//! Encoders that spread their intra blocks over many frames (x264's `intra-refresh`, and many for live streams) have no
//! intra pictures but the first. Containers mark as keyframes where such a round begins; but players that begin there show
//! wrong pictures until it is over, and so does FFmpeg.

use std::path::Path;

use vidc_compiler::facts::{Media, StreamFacts};

use super::Alias;
use super::reading::Reading;
use crate::ffmpeg::Tools;

/// Sets which pictures of a file recover slowly; only of files that are sought in. What cannot be told is taken to: then
/// it is read from its beginning, which is always right.
pub(super) async fn settle(tools: &Tools, media: &mut Media) {
    if !media.format.contains("mp4") && !media.format.contains("matroska") {
        return;
    }
    let Ok(alias) = Alias::of(Path::new(&media.path)) else {
        return;
    };
    for stream in &mut media.streams {
        if let ("h264", StreamFacts::Video(video)) = (stream.codec.as_str(), &mut stream.facts) {
            let reading = Reading::of(tools, alias.path()).await;
            video.recovers_slowly = reading.recovers_slowly(stream.index).await.unwrap_or(true);
        }
    }
}
