//! Operations on how the frame looks.

pub(super) mod grayscale;
pub(super) mod opacity;

use crate::ops::Operation;

/// In the order of the reference.
pub(super) static OPERATIONS: &[&Operation] = &[&grayscale::OPERATION, &opacity::OPERATION];
