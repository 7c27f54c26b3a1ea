//! Operations that draw text or add subtitles.

pub(super) mod cues;
pub(super) mod subtitles;
#[expect(clippy::module_inception, reason = "a file is named after its operation")]
pub(super) mod text;

use crate::ops::Operation;

/// In the order of the reference.
pub(super) static OPERATIONS: &[&Operation] = &[&cues::OPERATION, &subtitles::OPERATION, &text::OPERATION];
