//! Where a picture's packets can be cut.

use serde::{Deserialize, Serialize};

use crate::time::Time;

/// A keyframe that begins a closed group of pictures: nothing after it, in the order of decoding, is shown before it.
/// Packets can be cut here without any frame losing what it was made from (ITU-T H.264, 3.69, "IDR picture").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keyframe {
    /// When it is shown, from the file's start.
    pub pts: Time,
    /// When it is decoded, on the same clock: earlier by as many frames as decoders hold back.
    pub dts: Time,
}

/// Where packets can end: all that is shown before is decoded before anything that is shown later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// When the first frame that does not belong to them is shown, from the file's start.
    pub pts: Time,
    /// When the first packet that does not belong to them is decoded, on the same clock.
    pub dts: Time,
}

/// Where packets can be cut next to a time; none where no such place was found nearby.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CutPoints {
    /// The last end at or before it.
    pub end: Option<End>,
    /// The first keyframe at or after it.
    pub after: Option<Keyframe>,
}
