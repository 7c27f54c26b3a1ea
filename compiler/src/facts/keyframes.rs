//! Where a picture's packets can be cut.

use serde::{Deserialize, Serialize};

use crate::time::Time;

/// A keyframe that begins a closed group of pictures: nothing after it, in the order of decoding, is shown before it.
/// Packets can be cut here without any frame losing what it was made from (ITU-T H.264, 3.69, "IDR picture").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keyframe {
    /// When it is shown, from the file's start.
    pub shown: Time,
    /// When it is decoded, on the same clock: earlier by as many frames as decoders hold back.
    pub decoded: Time,
}

/// The keyframes next to a time; none where none was found nearby.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Around {
    /// The last one at or before it.
    pub before: Option<Keyframe>,
    /// The first one at or after it.
    pub after: Option<Keyframe>,
}
