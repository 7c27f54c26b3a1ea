//! Clips: the video, audio and subtitles that one value of a recipe holds together.

use vidc_dsl::Span;

use super::NodeId;
use crate::facts::Cue;

/// What a recipe's names stand for: at most one picture, at most one sound, any number of subtitles.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Clip {
    /// The picture.
    pub video: Option<NodeId>,
    /// The sound.
    pub audio: Option<NodeId>,
    /// The subtitles that are not drawn into the picture.
    pub subtitles: Vec<SubtitleTrack>,
}

/// A subtitle track beside the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct SubtitleTrack {
    /// Where its text is.
    pub source: SubtitleSource,
    /// ISO 639 language.
    pub language: Option<String>,
    /// What a player's menu calls it.
    pub title: Option<String>,
    /// The place in the recipe that asked for it.
    pub origin: Span,
}

/// Where a subtitle track's text is.
#[derive(Clone, Debug, PartialEq)]
pub enum SubtitleSource {
    /// In a media file, as it is there; it cannot be moved in time.
    Stream {
        /// Its key in the facts.
        media: String,
        /// Index of the stream in its file.
        stream: u32,
        /// FFmpeg's name of its codec.
        codec: String,
    },
    /// In the recipe or in a file of its own.
    Cues(Vec<Cue>),
}
