//! What is known of the world when a recipe is compiled: plain data, so that compiling is a pure function of it.

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

/// What is known of every file a recipe names, and of the FFmpeg and the fonts it will be rendered with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Probed media, by the path the recipe (or a binding) names.
    pub media: BTreeMap<String, Result<Media, Problem>>,
    /// Subtitle files read as text, by the path the recipe names.
    pub subtitles: BTreeMap<String, Result<SubtitleFile, Problem>>,
    /// The keyframes next to times of a media file's picture, by the path the recipe names.
    #[serde(default)]
    pub keyframes: BTreeMap<String, BTreeMap<Time, CutPoints>>,
    /// The target FFmpeg.
    pub ffmpeg: Capabilities,
    /// The fonts installed where it will run.
    pub fonts: Fonts,
    /// How fast it is there.
    #[serde(default)]
    pub rates: Rates,
}

/// Why a file could not be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "problem", content = "detail", rename_all = "kebab-case")]
pub enum Problem {
    /// There is no such file.
    Missing,
    /// It is there and could not be read or understood; what the operating system or ffprobe said.
    Unreadable(String),
}

/// The files a recipe names, and the places in them, to be probed before it is compiled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequiredFacts {
    /// Media to probe.
    pub media: BTreeSet<String>,
    /// Subtitle files to read, each with the character set the recipe says it is in.
    pub subtitles: BTreeMap<String, Option<String>>,
    /// Times of media files next to which to look for keyframes.
    pub keyframes: BTreeMap<String, BTreeSet<Time>>,
}

impl RequiredFacts {
    /// What of this `facts` does not answer yet.
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

    /// Whether nothing is wanted.
    pub fn is_empty(&self) -> bool {
        self.media.is_empty() && self.subtitles.is_empty() && self.keyframes.is_empty()
    }
}
