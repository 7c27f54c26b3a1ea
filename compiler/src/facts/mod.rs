//! Facts about media files, FFmpeg and fonts: plain data, so that compiling is a pure function of it.

mod capabilities;
mod fonts;
mod keyframes;
mod media;
mod subtitles;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::cost::Rates;
use crate::time::Time;

pub use capabilities::{Capabilities, Version};
pub use fonts::Fonts;
pub use keyframes::{CutPoints, End, Keyframe};
pub use media::{AudioFacts, GopKind, Media, Stream, StreamFacts, VideoFacts};
pub use subtitles::{AssFields, Cue, SubtitleFile, SubtitleFormat};

/// Facts about the files that a recipe names, and about the FFmpeg and the fonts that will render it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Probed media files, by their path in the recipe or in a binding.
    pub media: BTreeMap<String, Result<Media, Problem>>,
    /// Subtitle files, by their path in the recipe.
    pub subtitles: BTreeMap<String, Result<SubtitleFile, Problem>>,
    /// Cut points near given times of a media file's video, by its path in the recipe.
    #[serde(default)]
    pub keyframes: BTreeMap<String, BTreeMap<Time, CutPoints>>,
    /// The FFmpeg that will render the recipe.
    pub ffmpeg: Capabilities,
    /// The fonts installed on the machine that will render it.
    pub fonts: Fonts,
    /// The speed of that machine.
    #[serde(default)]
    pub rates: Rates,
}

/// The reason a file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "problem", content = "detail", rename_all = "kebab-case")]
pub enum Problem {
    /// The file does not exist.
    Missing,
    /// The file cannot be read or decoded; holds the message of the operating system or of ffprobe.
    Unreadable(String),
}

/// The files, and the times within them, that must be probed before a recipe can be compiled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequiredFacts {
    /// Media to probe.
    pub media: BTreeSet<String>,
    /// Subtitle files to read, each with the character set that the recipe declares for it.
    pub subtitles: BTreeMap<String, Option<String>>,
    /// Times in media files near which to look for cut points.
    pub keyframes: BTreeMap<String, BTreeSet<Time>>,
}

impl RequiredFacts {
    /// The required facts that `facts` does not contain yet.
    pub fn missing_from(&self, facts: &Facts) -> RequiredFacts {
        RequiredFacts {
            media: self
                .media
                .iter()
                .filter(|p| !facts.media.contains_key(*p))
                .cloned()
                .collect(),
            subtitles: self
                .subtitles
                .iter()
                .filter(|(path, _)| !facts.subtitles.contains_key(*path))
                .map(|(path, charset)| (path.clone(), charset.clone()))
                .collect(),
            keyframes: self
                .keyframes
                .iter()
                .map(|(path, times)| {
                    let known = facts.keyframes.get(path);
                    let unknown = |time: &&Time| !known.is_some_and(|known| known.contains_key(*time));
                    (path.clone(), times.iter().filter(unknown).copied().collect())
                })
                .filter(|(_, times): &(_, BTreeSet<Time>)| !times.is_empty())
                .collect(),
        }
    }

    /// Whether no facts are required.
    pub fn is_empty(&self) -> bool {
        self.media.is_empty() && self.subtitles.is_empty() && self.keyframes.is_empty()
    }
}
