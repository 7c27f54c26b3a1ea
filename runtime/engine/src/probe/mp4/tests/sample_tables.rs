//! Parses valid and contradictory sample tables.

use crate::probe::mp4::box_reader::{Parsed, Unsupported};
use crate::probe::mp4::sample::Sample;
use crate::probe::mp4::sample_table::{SampleTable, SampleTableBoxes};

fn encode_box(box_type: &[u8; 4], numbers: &[u32]) -> Vec<u8> {
    let numbers: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
    let size = numbers.len() as u32 + 8;
    [&size.to_be_bytes()[..], box_type, &numbers].concat()
}

/// Parses the table of four samples of 5 bytes in two chunks, with some other boxes.
fn parse(other_boxes: &[Vec<u8>]) -> Parsed<SampleTable> {
    let mut table = other_boxes.concat();
    for (box_type, numbers) in [
        (b"stsz", &[0, 5, 4][..]),
        (b"stsc", &[0, 2, 1, 3, 1, 2, 1, 1]),
        (b"stco", &[0, 2, 100, 200]),
    ] {
        table.extend(encode_box(box_type, numbers));
    }
    SampleTableBoxes::parse(&table)?.read(10, 300)
}

#[test]
fn tables_are_combined_into_samples() {
    let times = encode_box(b"stts", &[0, 2, 3, 10, 1, 7]);
    let sync_samples = encode_box(b"stss", &[0, 2, 1, 4]);
    let table = parse(&[times.clone(), sync_samples]).unwrap();
    let fields = |sample: &Sample| (sample.dts, sample.file_offset, sample.size, sample.is_keyframe);
    let samples: Vec<_> = table.samples.iter().map(fields).collect();
    assert_eq!(
        samples,
        [
            (0, 100, 5, true),
            (10, 105, 5, false),
            (20, 110, 5, false),
            (30, 200, 5, true)
        ]
    );
    assert_eq!(
        (table.duration, table.constant_sample_duration, table.total_size),
        (37, Some(10), 20)
    );
    assert!(!table.has_composition_offsets);
    let negative = (-20_i32).cast_unsigned();
    let offsets = encode_box(b"ctts", &[0, 4, 1, 0, 1, negative, 1, 10, 1, 0]);
    let table = parse(&[times, offsets]).unwrap();
    assert_eq!(
        table.composition_shift, 20,
        "no sample is presented before it is decoded"
    );
    assert_eq!(table.samples[1].composition_offset, -20);
    assert!(
        table.samples.iter().all(|sample| sample.is_keyframe),
        "without stss, all samples are keyframes"
    );
}

#[test]
fn contradictory_tables_are_unsupported() {
    let times = || encode_box(b"stts", &[0, 1, 4, 10]);
    assert!(parse(&[times()]).is_ok());
    for (tables, defect) in [
        (vec![], "no stts"),
        (vec![encode_box(b"stts", &[0, 1, 3, 10])], "too few DTS"),
        (vec![encode_box(b"stts", &[0, 1, u32::MAX, 10])], "too many DTS"),
        (
            vec![encode_box(b"stts", &[0, 2, 2, 0, 2, 10])],
            "two samples with the same DTS",
        ),
        (
            vec![encode_box(b"stts", &[0, 1, 4, u32::MAX])],
            "a sample duration that is too large",
        ),
        (
            vec![encode_box(b"stts", &[0, u32::MAX, 4, 10])],
            "an entry count that is too large",
        ),
        (vec![times(), times()], "two stts"),
        (vec![times(), encode_box(b"stco", &[0, 1, 4])], "two stco"),
        (vec![times(), encode_box(b"stss", &[0, 0])], "an empty stss"),
        (vec![times(), encode_box(b"stss", &[0, 1, 0])], "keyframe zero"),
        (
            vec![times(), encode_box(b"stss", &[0, 1, 5])],
            "a keyframe after the last sample",
        ),
        (
            vec![times(), encode_box(b"stss", &[0, 2, 2, 2])],
            "a keyframe twice",
        ),
        (
            vec![times(), encode_box(b"ctts", &[0, 1, 3, 5])],
            "too few composition offsets",
        ),
        (
            vec![times(), encode_box(b"ctts", &[0, 1, 5, 5])],
            "too many composition offsets",
        ),
        (
            vec![times(), encode_box(b"ctts", &[0, 1, 4, 1 << 30])],
            "a composition offset that is too large",
        ),
        (
            vec![times(), encode_box(b"sgpd", &[0, u32::from_be_bytes(*b"rap ")])],
            "sample groups",
        ),
        (vec![times(), encode_box(b"senc", &[0])], "encryption"),
    ] {
        assert!(parse(&tables).is_err(), "{defect}");
    }
    assert_eq!(
        SampleTableBoxes::parse(&[times(), encode_box(b"stsz", &[0, 1, 1 << 31])].concat())
            .unwrap()
            .read(10, 300)
            .unwrap_err(),
        Unsupported("there are too many samples")
    );
}
