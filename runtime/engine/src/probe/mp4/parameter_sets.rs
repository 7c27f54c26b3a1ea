//! Checks in-band parameter sets, which may contradict the sample entry of a track.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use super::avc::AvcConfig;
use super::box_reader::{Parsed, Unsupported};
use super::nal_units;
use super::sample::Sample;
use crate::probe::report::FIRST_PACKETS;

/// NAL unit types (ITU-T H.264, table 7-1): a sequence parameter set, and slices of non-IDR and IDR pictures.
const SPS: u8 = 7;
const SLICES: [u8; 2] = [1, 5];
/// No sequence parameter set is larger, in bytes.
const MAX_SPS_BYTES: u64 = 4096;

/// Checks that each SPS among the samples that FFmpeg reads while probing equals that of the sample entry.
pub(super) fn check_in_band(path: &Path, samples: &[Sample], avc: &AvcConfig) -> Parsed<()> {
    let unreadable = |_| Unsupported("it cannot be read");
    let file = File::open(path).map_err(unreadable)?;
    let keyframes = samples
        .iter()
        .take(FIRST_PACKETS)
        .filter(|sample| sample.is_keyframe);
    for sample in keyframes {
        for unit in nal_units::read(&file, sample, avc.length_size) {
            let unit = unit.map_err(unreadable)?;
            match unit.unit_type() {
                Some(SPS) if unit.length <= MAX_SPS_BYTES => {
                    let mut sps = vec![0; unit.length as usize];
                    file.read_exact_at(&mut sps, unit.file_offset)
                        .map_err(unreadable)?;
                    if AvcConfig::from_sps(&sps, avc.length_size)? != *avc {
                        return Err(Unsupported("an in-band SPS differs from the sample entry"));
                    }
                }
                Some(SPS) => return Err(Unsupported("an SPS is too large")),
                Some(slice) if SLICES.contains(&slice) => break,
                _ => {}
            }
        }
    }
    Ok(())
}
