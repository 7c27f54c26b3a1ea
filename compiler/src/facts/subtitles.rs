//! Subtitle files as text. They are small enough to be held whole, so that they can be retimed at compile time.

use serde::{Deserialize, Serialize};

use crate::time::Time;

/// A subtitle file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubtitleFile {
    /// The syntax it was written in.
    pub format: SubtitleFormat,
    /// The character set its bytes were in, as the WHATWG Encoding Standard names it.
    pub charset: String,
    /// Whether the character set was detected from the bytes, rather than being certain (valid UTF-8 or a byte order mark).
    pub charset_guessed: bool,
    /// For ASS and SSA, everything before the events as ASS text; empty otherwise.
    pub ass_header: String,
    /// Its cues in order of their start.
    pub cues: Vec<Cue>,
}

/// The syntax of a subtitle file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubtitleFormat {
    /// SubRip
    Srt,
    /// WebVTT
    Vtt,
    /// Advanced SubStation Alpha, or its predecessor
    Ass,
}

/// One subtitle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cue {
    /// The time at which it appears.
    pub start: Time,
    /// The time at which it disappears.
    pub end: Time,
    /// Its text in ASS markup (`\N` for a line break, `{\i1}` and the like), as FFmpeg converts it.
    pub ass: String,
    /// For ASS and SSA files, the event's fields other than its times and text.
    pub ass_fields: Option<AssFields>,
}

/// The fields of an ASS event that are passed on unchanged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the ASS format's own")]
pub struct AssFields {
    pub layer: i32,
    pub style: String,
    pub name: String,
    pub margin_left: i32,
    pub margin_right: i32,
    pub margin_vertical: i32,
    pub effect: String,
}
