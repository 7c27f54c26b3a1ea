//! Subtitle files, read as text: small enough to carry whole, so that timing them is arithmetic at compile time.

use serde::{Deserialize, Serialize};

use crate::time::Time;

/// A subtitle file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubtitleFile {
    /// The syntax it was written in.
    pub format: SubtitleFormat,
    /// The character set its bytes were in, as the WHATWG Encoding Standard names it.
    pub charset: String,
    /// Whether the character set was guessed from the bytes rather than certain (valid UTF-8, or a byte order mark).
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
    /// When it appears.
    pub start: Time,
    /// When it goes.
    pub end: Time,
    /// Its text in ASS markup (`\N` for a line break, `{\i1}` and the like), as FFmpeg converts it.
    pub ass: String,
    /// For ASS and SSA files, the fields of the event other than its times and text:
    /// layer, style, name, left, right and vertical margins, effect.
    pub ass_fields: Option<AssFields>,
}

/// The fields of an ASS event that vidc passes on as they are.
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
