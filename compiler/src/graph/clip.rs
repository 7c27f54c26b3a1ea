//! Clips: the video, audio and subtitles that one value of a recipe holds together.

use vidc_dsl::Span;

use super::NodeId;
use crate::facts::Cue;

/// The value of a clip: at most one video stream, at most one audio stream, and any number of subtitle tracks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Clip {
    /// The video stream.
    pub video: Option<NodeId>,
    /// The audio stream.
    pub audio: Option<NodeId>,
    /// The soft subtitles: those that are not burned into the video.
    pub subtitles: Vec<SubtitleTrack>,
}

/// A soft subtitle track.
#[derive(Clone, Debug, PartialEq)]
pub struct SubtitleTrack {
    /// The source of its text.
    pub source: SubtitleSource,
    /// ISO 639 language code.
    pub language: Option<String>,
    /// The title that players show in their menus.
    pub title: Option<String>,
    /// The place in the recipe that it comes from.
    pub origin: Span,
}

/// The source of a subtitle track's text.
#[derive(Clone, Debug, PartialEq)]
pub enum SubtitleSource {
    /// A stream of a media file, copied; it cannot be shifted in time.
    Stream {
        /// The file's key in the facts.
        media: String,
        /// Index of the stream in its file.
        stream: u32,
        /// FFmpeg's name of its codec.
        codec: String,
    },
    /// Cues from the recipe or from a subtitle file.
    Cues(Vec<Cue>),
}
