//! What a stage does, in amounts that do not depend on the machine that does it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::plan::FilterName;

/// The work of one stage.
///
/// Pictures are counted in megapixels: frames times a million pixels of each. Sound is counted in seconds of 48 kHz
/// stereo: a second of mono is half of one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Work {
    /// How many times ffmpeg is started.
    pub processes: u32,
    /// What is decoded, by FFmpeg's name of the codec.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub decoded: BTreeMap<String, DecodeWork>,
    /// What filters go through, by [`FilterName::cost_key`]: megapixels of video, seconds of audio.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub filtered: BTreeMap<String, f64>,
    /// What is encoded, track by track.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub encoded: Vec<EncodeWork>,
    /// Megabytes of packets that go from files into the result as they are.
    pub copied_megabytes: f64,
    /// Megabytes that are read of media files.
    pub read_megabytes: f64,
    /// What is looked at after the run, to see whether it is what was expected.
    pub verification: VerificationWork,
}

/// A coded stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DecodeWork {
    /// Megapixels, or seconds of sound.
    pub units: f64,
    /// How large its packets are.
    pub megabits: f64,
}

/// A track that an encoder makes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EncodeWork {
    /// FFmpeg's name of the encoder, such as `libx264`.
    pub encoder: String,
    /// What else decides on its pace: the preset of x264 and x265, `cpu-used` of libvpx; empty where nothing does.
    pub preset: String,
    /// Megapixels, or seconds of sound.
    pub units: f64,
    /// The bit rate that is asked for, times the length: megabits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_megabits: Option<f64>,
    /// The quality that is asked for, as the encoder counts it: `crf`, or `q`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality: Option<f64>,
    /// How hard the pictures are to encode: megabits that x264 would need for them at `crf 21` and `medium`. 0 of
    /// sound.
    pub complexity: f64,
    /// Which share of the pictures, 0 to 1, is not like the one before. 1 of sound.
    #[serde(default = "whole")]
    pub changing_share: f64,
}

fn whole() -> f64 {
    1.0
}

/// What is looked at after a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VerificationWork {
    /// Files that ffprobe is asked about.
    pub probed_files: u32,
    /// Times that ffmpeg or ffprobe is started beside that.
    pub processes: u32,
    /// Megapixels that are decoded where packets of different origin meet.
    pub decoded_megapixels: f64,
}

impl Work {
    /// Adds to what is decoded of a codec.
    pub(crate) fn decode(&mut self, codec: &str, more: DecodeWork) {
        let coded = self.decoded.entry(codec.to_owned()).or_default();
        coded.units += more.units;
        coded.megabits += more.megabits;
    }

    /// Adds media that go through a filter, whose cost may depend on a `setting`.
    pub(crate) fn filter(&mut self, name: FilterName, setting: Option<&str>, amount: f64) {
        if amount > 0.0 {
            *self.filtered.entry(name.cost_key(setting)).or_default() += amount;
        }
    }
}
