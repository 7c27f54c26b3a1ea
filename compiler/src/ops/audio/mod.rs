//! Operations on audio alone.

pub(super) mod channels;
pub(super) mod duck;
pub(super) mod loudness;
pub(super) mod mix;
pub(super) mod mute;
pub(super) mod replace_audio;
pub(super) mod resample;
pub(super) mod volume;

use crate::ops::Operation;

/// In the order of the reference.
pub(super) static OPERATIONS: &[&Operation] = &[
    &channels::OPERATION,
    &duck::OPERATION,
    &loudness::OPERATION,
    &mix::OPERATION,
    &mute::OPERATION,
    &replace_audio::OPERATION,
    &resample::OPERATION,
    &volume::OPERATION,
];
