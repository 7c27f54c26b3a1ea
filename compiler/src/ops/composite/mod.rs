//! Operations that place one clip over another.

pub(super) mod overlay;
pub(super) mod pip;

use crate::ops::Operation;

/// In the order of the reference.
pub(super) static OPERATIONS: &[&Operation] = &[&overlay::OPERATION, &pip::OPERATION];
