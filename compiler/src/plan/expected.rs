//! The properties that the compiler predicts of an output. A file that differs is a failure.

use serde::{Deserialize, Serialize};

use crate::time::{Rational, Time};

/// The expected properties of an output.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Expected {
    /// The longer of the video's and the audio's duration; none for a still image or if it cannot be known.
    pub duration: Option<Time>,
    /// How far the duration may be off, beyond a frame and a packet.
    pub tolerance: Time,
    /// The video track; none if there must be none.
    pub video: Option<ExpectedVideo>,
    /// The audio track; none if there must be none.
    pub audio: Option<ExpectedAudio>,
    /// The number of subtitle tracks.
    pub subtitles: usize,
    /// Whether video and audio must be equally long, within the tolerance.
    pub equal_lengths: bool,
    /// The times at which segments of different origin meet; around these the file must decode without errors.
    pub seams: Vec<Time>,
}

/// The expected properties of a video track.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpectedVideo {
    /// Width in pixels, as displayed.
    pub width: u32,
    /// Height in pixels, as displayed.
    pub height: u32,
    /// Frames per second; none for VFR or if the container does not store it exactly.
    pub frame_rate: Option<Rational>,
    /// The track's own duration; none for a still image.
    pub duration: Option<Time>,
    /// How far a frame's PTS may be off, beyond a tick of the file's clock.
    pub pts_jitter: Time,
}

/// The expected properties of an audio track.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpectedAudio {
    /// Samples per second.
    pub sample_rate: u32,
    /// Number of channels.
    pub channels: u16,
    /// The track's own duration.
    pub duration: Option<Time>,
    /// Whether every packet must begin where the previous one ends.
    pub gapless: bool,
}
