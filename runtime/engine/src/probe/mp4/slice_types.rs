//! Distinguishes IDR frames from recovery points by the first slices of keyframes (ITU-T H.264, 7.3).
//!
//! Encoders that spread intra blocks over many frames (gradual decoder refresh; x264's `intra-refresh`, and many for live
//! streaming) produce no intra frame after the first. Containers mark the beginning of each refresh as a keyframe, but
//! decoding from there shows damaged frames until the refresh is complete, in FFmpeg and in players.

use std::fs::File;
use std::io;

use h264_reader::rbsp::{BitRead as _, BitReader, decode_nal};

use super::nal_units;
use super::sample::Sample;

/// How many keyframes are examined at most; encoders do not change the method within a stream.
const MAX_KEYFRAMES: usize = 32;

/// The kind of a frame's first slice.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SliceKind {
    Idr,
    /// An I or SI slice of a frame that is not an IDR frame.
    Intra,
    /// Any other, or none.
    Inter,
}

/// Whether some keyframe after the first is not an intra frame. NAL units have length fields of `length_size` bytes.
pub(super) fn has_gradual_decoder_refresh(
    file: &File,
    samples: &[Sample],
    length_size: u8,
) -> io::Result<bool> {
    let keyframes: Vec<&Sample> = samples
        .iter()
        .filter(|sample| sample.is_keyframe)
        .skip(1)
        .collect();
    let step = keyframes.len().div_ceil(MAX_KEYFRAMES).max(1);
    for sample in keyframes.iter().step_by(step) {
        if first_slice(file, sample, length_size)? == SliceKind::Inter {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a frame is an IDR frame.
pub(super) fn is_idr(file: &File, sample: &Sample, length_size: u8) -> io::Result<bool> {
    Ok(first_slice(file, sample, length_size)? == SliceKind::Idr)
}

fn first_slice(file: &File, sample: &Sample, length_size: u8) -> io::Result<SliceKind> {
    for unit in nal_units::read(file, sample, length_size) {
        let unit = unit?;
        match unit.unit_type() {
            Some(5) => return Ok(SliceKind::Idr),
            Some(1) => {
                return Ok(match is_intra_slice(&unit.head) {
                    Some(true) => SliceKind::Intra,
                    _ => SliceKind::Inter,
                });
            }
            _ => {}
        }
    }
    Ok(SliceKind::Inter)
}

/// Whether a slice of a non-IDR frame is an I or SI slice (7.4.3, table 7-6).
fn is_intra_slice(nal_unit: &[u8]) -> Option<bool> {
    let rbsp = decode_nal(nal_unit).ok()?;
    let mut bits = BitReader::new(&*rbsp);
    bits.read_ue("first_mb_in_slice").ok()?;
    let slice_type = bits.read_ue("slice_type").ok()?;
    Some(matches!(slice_type % 5, 2 | 4))
}
