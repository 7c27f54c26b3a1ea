//! Reads the NAL units of an H.264 sample, each of which follows its length (ISO/IEC 14496-15, 5.3.4).

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use super::sample::Sample;

/// As many bytes of a NAL unit as its slice type takes.
const HEAD_BYTES: usize = 16;
/// How many NAL units of a sample are read: a delimiter, parameter sets and SEI messages precede its first slice.
const MAX_UNITS: usize = 32;

/// A NAL unit of a sample.
pub(super) struct NalUnit {
    /// Offset of its first byte in the file.
    pub(super) file_offset: u64,
    /// In bytes.
    pub(super) length: u64,
    /// Its first bytes.
    pub(super) head: Vec<u8>,
}

impl NalUnit {
    /// `nal_unit_type` (ITU-T H.264, 7.4.1); `None` if the unit is empty.
    pub(super) fn unit_type(&self) -> Option<u8> {
        self.head.first().map(|header| header & 31)
    }
}

/// Reads the first NAL units of a sample, whose length fields take `length_size` bytes.
pub(super) fn read<'a>(
    file: &'a File,
    sample: &Sample,
    length_size: u8,
) -> impl Iterator<Item = io::Result<NalUnit>> + 'a {
    let (mut offset, end) = (sample.file_offset, sample.file_offset + u64::from(sample.size));
    let length_size = usize::from(length_size);
    let next = move || {
        let mut buffer = [0; 4 + HEAD_BYTES];
        let remaining = usize::try_from(end.saturating_sub(offset)).unwrap_or(usize::MAX);
        let buffer = buffer.get_mut(..remaining.min(length_size + HEAD_BYTES))?;
        if let Err(error) = file.read_exact_at(buffer, offset) {
            return Some(Err(error));
        }
        let (length, head) = buffer.split_at_checked(length_size)?;
        let unit = NalUnit {
            file_offset: offset + length.len() as u64,
            length: length
                .iter()
                .fold(0, |length, byte| (length << 8) | u64::from(*byte)),
            head: head.to_owned(),
        };
        offset = unit.file_offset + unit.length;
        Some(Ok(unit))
    };
    std::iter::from_fn(next).take(MAX_UNITS)
}
