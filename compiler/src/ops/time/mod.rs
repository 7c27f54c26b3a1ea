//! Operations on when frames and samples are shown or heard.

pub(super) mod concat;
pub(super) mod delay;
pub(super) mod fade;
pub(super) mod loop_;
pub(super) mod speed;
pub(super) mod trim;

use crate::ops::Operation;

/// In the order of the reference.
pub(super) static OPERATIONS: &[&Operation] = &[
    &concat::OPERATION,
    &delay::OPERATION,
    &fade::OPERATION,
    &loop_::OPERATION,
    &speed::OPERATION,
    &trim::OPERATION,
];
