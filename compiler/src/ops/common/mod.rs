//! Code that several operations share.

pub(super) mod audio_format;
pub(super) mod compositing;
pub(super) mod concat_format;
pub(super) mod ducking;
pub(super) mod filter_value;
pub(super) mod fonts;
pub(super) mod geometry;
pub(super) mod object_fit;
pub(super) mod placement;
pub(super) mod square_pixels;
pub(super) mod subtitle_cues;
pub(super) mod subtitle_style;
pub(super) mod transition;
