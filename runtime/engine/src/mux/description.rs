//! What decoders are told of packets beforehand.

use mp4_atom::{Avc3, Avcc, Codec};

use super::{Left, Outcome};

/// How many bytes tell the length of a unit.
pub(super) const LENGTH_SIZE: u8 = 4;

/// Whether packets of one can follow those of another: sounds may differ in how many bits they have.
pub(super) fn is_like(one: &Codec, other: &Codec) -> bool {
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

/// The parameter sets of H.264, as units of a packet, each behind its length.
pub(super) fn parameter_sets(description: &Codec) -> Outcome<Vec<u8>> {
    let record = record(description)?;
    let sets = record
        .sequence_parameter_sets
        .iter()
        .chain(&record.picture_parameter_sets);
    let mut units = Vec::new();
    for set in sets {
        let length = u32::try_from(set.len()).map_err(|_| Left::Unusual("a parameter set is too large"))?;
        units.extend(length.to_be_bytes());
        units.extend(set);
    }
    Ok(units)
}

/// The same description of packets that may bring parameter sets of their own (ISO/IEC 14496-15, 5.3.3).
pub(super) fn in_band_parameter_sets(description: Codec) -> Outcome<Codec> {
    match description {
        Codec::Avc1(picture) => Ok(Codec::Avc3(Avc3 {
            visual: picture.visual,
            avcc: picture.avcc,
            btrt: None,
            colr: picture.colr,
            pasp: picture.pasp,
            taic: picture.taic,
            fiel: picture.fiel,
            spatial: picture.spatial,
        })),
        description @ Codec::Avc3(_) => Ok(description),
        _ => Err(Left::Unusual(
            "parameter sets are put among packets of H.264 only",
        )),
    }
}

/// The record of H.264 whose units' lengths take four bytes.
fn record(description: &Codec) -> Outcome<&Avcc> {
    let record = match description {
        Codec::Avc1(picture) => &picture.avcc,
        Codec::Avc3(picture) => &picture.avcc,
        _ => {
            return Err(Left::Unusual(
                "parameter sets are put among packets of H.264 only",
            ));
        }
    };
    match record.length_size {
        LENGTH_SIZE => Ok(record),
        _ => Err(Left::Unusual("lengths of units do not take four bytes")),
    }
}
