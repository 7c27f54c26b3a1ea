//! The work of a stage, in amounts that do not depend on the machine.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::plan::FilterName;

/// The work of one stage.
///
/// A unit of video is a megapixel: a million pixels of one frame. A unit of audio is a second of 48 kHz stereo, so a second
/// of mono is half a unit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Work {
    /// How many times ffmpeg is started.
    pub processes: u32,
    /// Decoding, by FFmpeg's name of the codec.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub decoded: BTreeMap<String, DecodeWork>,
    /// Units that pass through filters, by [`FilterName::cost_key`].
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub filtered: BTreeMap<String, f64>,
    /// Encoding, track by track.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub encoded: Vec<EncodeWork>,
    /// Megabytes of packets copied from files into the outputs.
    pub copied_megabytes: f64,
    /// Megabytes read from media files.
    pub read_megabytes: f64,
    /// The verification of the outputs after the run.
    pub verification: VerificationWork,
}

/// The work of a decoder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DecodeWork {
    /// Units of video or audio.
    pub units: f64,
    /// Megabits of packets.
    pub megabits: f64,
}

/// The work of an encoder for one track.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EncodeWork {
    /// FFmpeg's name of the encoder, such as `libx264`.
    pub encoder: String,
    /// The setting that decides its speed: the preset of x264 and x265, `cpu-used` of libvpx; empty if there is none.
    pub preset: String,
    /// Units of video or audio.
    pub units: f64,
    /// The target bit rate times the duration, in megabits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_megabits: Option<f64>,
    /// The target quality on the encoder's scale: `crf`, or `q`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality: Option<f64>,
    /// The complexity of video: megabits that x264 would need at `crf 21` and `medium`. 0 for audio.
    pub complexity: f64,
    /// The share of frames, 0 to 1, that differ from the previous frame. 1 for audio.
    #[serde(default = "one")]
    pub changing_share: f64,
}

fn one() -> f64 {
    1.0
}

/// The work of verifying a stage's outputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VerificationWork {
    /// Files that ffprobe examines.
    pub probed_files: u32,
    /// Further starts of ffmpeg or ffprobe.
    pub processes: u32,
    /// Megapixels decoded around seams.
    pub decoded_megapixels: f64,
}

impl Work {
    /// Adds decoding of a codec.
    pub(crate) fn decode(&mut self, codec: &str, more: DecodeWork) {
        let sum = self.decoded.entry(codec.to_owned()).or_default();
        sum.units += more.units;
        sum.megabits += more.megabits;
    }

    /// Adds units that pass through a filter, whose cost may depend on a `setting`.
    pub(crate) fn filter(&mut self, name: FilterName, setting: Option<&str>, units: f64) {
        if units > 0.0 {
            *self.filtered.entry(name.cost_key(setting)).or_default() += units;
        }
    }
}
