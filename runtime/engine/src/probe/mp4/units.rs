//! The units that packets of H.264 consist of, each behind its length (ISO/IEC 14496-15, 5.3.4).

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use super::tables::Sample;

/// As much of a unit as tells what kind of slice it is.
const HEAD: usize = 16;
/// How many units are looked at in a packet: delimiters, parameter sets and notes come before its first slice.
const MOST: usize = 32;

/// One unit of a packet.
pub(super) struct Unit {
    /// Where it is in its file.
    pub(super) place: u64,
    /// In bytes.
    pub(super) length: u64,
    /// What it begins with.
    pub(super) head: Vec<u8>,
}

impl Unit {
    /// Its type (ITU-T H.264, 7.4.1); none of one without content.
    pub(super) fn kind(&self) -> Option<u8> {
        self.head.first().map(|head| head & 31)
    }
}

/// The first units of a packet, whose lengths take so many bytes.
pub(super) fn of<'a>(
    file: &'a File,
    sample: &Sample,
    length_size: u8,
) -> impl Iterator<Item = io::Result<Unit>> + 'a {
    let (mut place, end) = (sample.place, sample.place + u64::from(sample.size));
    let length_size = usize::from(length_size);
    let next = move || {
        let mut read = [0; 4 + HEAD];
        let left = usize::try_from(end.saturating_sub(place)).unwrap_or(usize::MAX);
        let read = read.get_mut(..left.min(length_size + HEAD))?;
        if let Err(error) = file.read_exact_at(read, place) {
            return Some(Err(error));
        }
        let (length, head) = read.split_at_checked(length_size)?;
        let unit = Unit {
            place: place + length.len() as u64,
            length: length
                .iter()
                .fold(0, |length, byte| (length << 8) | u64::from(*byte)),
            head: head.to_owned(),
        };
        place = unit.place + unit.length;
        Some(Ok(unit))
    };
    std::iter::from_fn(next).take(MOST)
}
