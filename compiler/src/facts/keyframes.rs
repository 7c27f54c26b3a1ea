//! Points at which a video stream's packets can be cut.

use serde::{Deserialize, Serialize};

use crate::time::Time;

/// A keyframe that begins a closed GOP: no frame after it in decoding order is shown before it.
/// Packets can be cut here without any frame losing its reference frames (ITU-T H.264, 3.69, "IDR picture").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keyframe {
    /// Its PTS, relative to the start of the file.
    pub pts: Time,
    /// Its DTS on the same clock, earlier than the PTS by the decoder's reordering delay.
    pub dts: Time,
}

/// A point at which a copy can end: every frame shown before it is decoded before any frame shown after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// The PTS of the first frame that is not copied, relative to the start of the file.
    pub pts: Time,
    /// The DTS of the first packet that is not copied, on the same clock.
    pub dts: Time,
}

/// The points near a time at which packets can be cut; `None` where none was found nearby.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CutPoints {
    /// The last end at or before the time.
    pub end: Option<End>,
    /// The first keyframe at or after the time.
    pub after: Option<Keyframe>,
}
