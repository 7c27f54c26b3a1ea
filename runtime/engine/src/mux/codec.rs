//! Compares and converts the sample entries of tracks (decoder configurations).

use mp4_atom::{Avc3, Avcc, Codec};

use super::error::{MuxError, Result};

/// The size in bytes of the length field before each NAL unit.
pub(super) const LENGTH_SIZE: u8 = 4;

/// Whether one decoder configuration fits the packets of both. Bit rates of AAC may differ.
pub(super) fn is_compatible(one: &Codec, other: &Codec) -> bool {
    match (one, other) {
        (Codec::Avc1(one), Codec::Avc1(other)) => one.avcc == other.avcc,
        (Codec::Mp4a(one), Codec::Mp4a(other)) => {
            let (one, other) = (&one.esds.es_desc.dec_config, &other.esds.es_desc.dec_config);
            one.dec_specific == other.dec_specific
                && one.object_type_indication == other.object_type_indication
        }
        _ => false,
    }
}

/// The SPS and PPS of an H.264 track as they are inserted into a packet, each after its length.
pub(super) fn parameter_sets(codec: &Codec) -> Result<Vec<u8>> {
    let record = avc_record(codec)?;
    let sets = record
        .sequence_parameter_sets
        .iter()
        .chain(&record.picture_parameter_sets);
    let mut units = Vec::new();
    for set in sets {
        let length =
            u32::try_from(set.len()).map_err(|_| MuxError::Unsupported("a parameter set is too large"))?;
        units.extend(length.to_be_bytes());
        units.extend(set);
    }
    Ok(units)
}

/// Converts a sample entry to one for packets with in-band parameter sets (`avc3`; ISO/IEC 14496-15, 5.3.3).
pub(super) fn with_in_band_parameter_sets(codec: Codec) -> Result<Codec> {
    match codec {
        Codec::Avc1(entry) => Ok(Codec::Avc3(Avc3 {
            visual: entry.visual,
            avcc: entry.avcc,
            btrt: None,
            colr: entry.colr,
            pasp: entry.pasp,
            taic: entry.taic,
            fiel: entry.fiel,
            spatial: entry.spatial,
        })),
        codec @ Codec::Avc3(_) => Ok(codec),
        _ => Err(NOT_H264),
    }
}

const NOT_H264: MuxError =
    MuxError::Unsupported("in-band parameter sets are wanted for another codec than H.264");

/// The decoder configuration record of H.264 with length fields of [`LENGTH_SIZE`] bytes.
fn avc_record(codec: &Codec) -> Result<&Avcc> {
    let record = match codec {
        Codec::Avc1(entry) => &entry.avcc,
        Codec::Avc3(entry) => &entry.avcc,
        _ => return Err(NOT_H264),
    };
    match record.length_size {
        LENGTH_SIZE => Ok(record),
        _ => Err(MuxError::Unsupported("NAL unit lengths do not have four bytes")),
    }
}
