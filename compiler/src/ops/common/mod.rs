//! What several operations share.

pub(super) mod canvas;
pub(super) mod cast;
pub(super) mod cues;
pub(super) mod fitting;
pub(super) mod inset;
pub(super) mod place;
pub(super) mod sound;
pub(super) mod style;
