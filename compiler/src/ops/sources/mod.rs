//! Operations that make a clip from nothing or from a file.

pub(super) mod color;
pub(super) mod image;
pub(super) mod input;
pub(super) mod silence;

use crate::ops::Operation;

/// In the order of the reference.
pub(super) static OPERATIONS: &[&Operation] = &[
    &color::OPERATION,
    &image::OPERATION,
    &input::OPERATION,
    &silence::OPERATION,
];
