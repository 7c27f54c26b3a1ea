//! What decoding can begin with, by the first slices of pictures (ITU-T H.264, 7.3).
//!
//! Encoders that spread their intra blocks over many frames (x264's `intra-refresh`, and many for live streams) have no
//! intra pictures but the first. Containers mark as keyframes where such a round begins; but players that begin there show
//! wrong pictures until it is over, and so does FFmpeg.

use std::fs::File;
use std::io;

use h264_reader::rbsp::{BitRead as _, BitReader, decode_nal};

use super::tables::Sample;
use super::units;

/// How many keyframes are looked at, at most; encoders do not change their ways.
const ENOUGH: usize = 32;

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
        if first_slice(file, sample, length_size)? == Slice::Other {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a picture is an instantaneous decoding refresh.
pub(super) fn is_refresh(file: &File, sample: &Sample, length_size: u8) -> io::Result<bool> {
    Ok(first_slice(file, sample, length_size)? == Slice::Refresh)
}

fn first_slice(file: &File, sample: &Sample, length_size: u8) -> io::Result<Slice> {
    for unit in units::of(file, sample, length_size) {
        let unit = unit?;
        match unit.kind() {
            Some(5) => return Ok(Slice::Refresh),
            Some(1) => {
                return Ok(match is_intra(&unit.head) {
                    Some(true) => Slice::Intra,
                    _ => Slice::Other,
                });
            }
            _ => {}
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
