//! What decoding can begin with, by the first slices of pictures (ITU-T H.264, 7.3).
//!
//! Encoders that spread their intra blocks over many frames (x264's `intra-refresh`, and many for live streams) have no
//! intra pictures but the first. Containers mark as keyframes where such a round begins; but players that begin there show
//! wrong pictures until it is over, and so does FFmpeg.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use h264_reader::rbsp::{BitRead as _, BitReader, decode_nal};

use super::tables::Sample;

/// How many keyframes are looked at, at most; encoders do not change their ways.
const ENOUGH: usize = 32;
/// How many units may come before the first slice of a picture: delimiters, parameter sets, notes.
const UNITS: usize = 32;
/// As much of a unit as tells what kind of slice it is.
const HEAD: usize = 16;

/// What a picture begins with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Slice {
    /// One of an instantaneous decoding refresh.
    Refresh,
    /// Another one that needs no other picture.
    Intra,
    /// Any other, or none.
    Other,
}

/// Whether some keyframe but the first is no intra picture. Units begin with their length in so many bytes.
pub(super) fn recover_slowly(file: &File, samples: &[Sample], length_size: u8) -> io::Result<bool> {
    let keys: Vec<&Sample> = samples.iter().filter(|sample| sample.key).skip(1).collect();
    for sample in keys.iter().step_by(keys.len().div_ceil(ENOUGH).max(1)) {
        if first_slice(file, sample, usize::from(length_size))? == Slice::Other {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a picture is an instantaneous decoding refresh.
pub(super) fn is_refresh(file: &File, sample: &Sample, length_size: u8) -> io::Result<bool> {
    Ok(first_slice(file, sample, usize::from(length_size))? == Slice::Refresh)
}

fn first_slice(file: &File, sample: &Sample, length_size: usize) -> io::Result<Slice> {
    let end = sample.place + u64::from(sample.size);
    let mut place = sample.place;
    for _ in 0..UNITS {
        let mut read = [0; 4 + HEAD];
        let left = usize::try_from(end.saturating_sub(place)).unwrap_or(usize::MAX);
        let known = read.len().min(left);
        let read = read.get_mut(..known).unwrap_or_default();
        file.read_exact_at(read, place)?;
        let Some((length, unit)) = read.split_at_checked(length_size) else {
            return Ok(Slice::Other);
        };
        let length = length
            .iter()
            .fold(0, |length, byte| (length << 8) | u64::from(*byte));
        match unit.first().map(|head| head & 31) {
            Some(5) => return Ok(Slice::Refresh),
            Some(1) => {
                return Ok(match is_intra(unit) {
                    Some(true) => Slice::Intra,
                    _ => Slice::Other,
                });
            }
            _ => place += length_size as u64 + length,
        }
    }
    Ok(Slice::Other)
}

/// Whether a slice of another than an IDR picture is an intra slice (7.4.3, table 7-6).
fn is_intra(unit: &[u8]) -> Option<bool> {
    let unit = decode_nal(unit).ok()?;
    let mut bits = BitReader::new(&*unit);
    bits.read_ue("first_mb_in_slice").ok()?;
    let kind = bits.read_ue("slice_type").ok()?;
    Some(matches!(kind % 5, 2 | 4))
}
