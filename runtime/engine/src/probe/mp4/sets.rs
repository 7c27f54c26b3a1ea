//! Parameter sets among packets, that may say something else of a picture than its description does.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use super::avc::Avc;
use super::bytes::{Declined, Read};
use super::tables::Sample;
use super::units;
use crate::probe::report::FIRST_PACKETS;

/// A sequence parameter set, a slice and an IDR slice (ITU-T H.264, table 7-1).
const SET: u8 = 7;
const SLICES: [u8; 2] = [1, 5];
/// Larger than any sequence parameter set, in bytes.
const LARGEST: u64 = 4096;

/// Declines a picture whose packets describe it otherwise, as far as FFmpeg reads to tell what a file is.
pub(super) fn agree(path: &Path, samples: &[Sample], avc: &Avc) -> Read<()> {
    let unreadable = |_| Declined("it cannot be read");
    let file = File::open(path).map_err(unreadable)?;
    for sample in samples.iter().take(FIRST_PACKETS).filter(|sample| sample.key) {
        for unit in units::of(&file, sample, avc.length_size) {
            let unit = unit.map_err(unreadable)?;
            match unit.kind() {
                Some(SET) if unit.length <= LARGEST => {
                    let mut set = vec![0; unit.length as usize];
                    file.read_exact_at(&mut set, unit.place).map_err(unreadable)?;
                    if Avc::of_set(&set, avc.length_size)? != *avc {
                        return Err(Declined("its packets describe the picture otherwise"));
                    }
                }
                Some(SET) => return Err(Declined("a parameter set is too large")),
                Some(kind) if SLICES.contains(&kind) => break,
                _ => {}
            }
        }
    }
    Ok(())
}
