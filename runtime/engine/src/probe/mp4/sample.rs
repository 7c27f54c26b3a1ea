//! A sample of a track: where its bytes are and when it is decoded and presented.

/// One sample, in ticks of its track's timescale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sample {
    pub(crate) dts: i64,
    /// The composition offset as the file states it: PTS − DTS before any shift (`ctts`).
    pub(crate) composition_offset: i32,
    /// In bytes.
    pub(crate) size: u32,
    /// Offset of its first byte in the file.
    pub(crate) file_offset: u64,
    pub(crate) is_keyframe: bool,
    /// Decoded because later samples need it, but not presented: the edit list trims it.
    pub(crate) is_discarded: bool,
}
