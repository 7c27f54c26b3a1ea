//! Operations on the frame's size, shape and rate.

pub(super) mod crop;
pub(super) mod fit;
pub(super) mod flip;
pub(super) mod fps;
pub(super) mod pad;
pub(super) mod rotate;
pub(super) mod scale;

use crate::ops::Operation;

/// In the order of the reference.
pub(super) static OPERATIONS: &[&Operation] = &[
    &crop::OPERATION,
    &fit::OPERATION,
    &flip::OPERATION,
    &fps::OPERATION,
    &pad::OPERATION,
    &rotate::OPERATION,
    &scale::OPERATION,
];
