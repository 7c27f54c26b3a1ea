//! Sample tables, whole and odd.

use crate::probe::mp4::bytes::{Declined, Read};
use crate::probe::mp4::tables::{Index, Sample, Tables};

fn atom(kind: &[u8; 4], numbers: &[u32]) -> Vec<u8> {
    let numbers: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
    let size = numbers.len() as u32 + 8;
    [&size.to_be_bytes()[..], kind, &numbers].concat()
}

/// Four samples of 5 bytes in two chunks, and other tables.
fn read(more: &[Vec<u8>]) -> Read<Index> {
    let mut table = more.concat();
    for (kind, numbers) in [
        (b"stsz", &[0, 5, 4][..]),
        (b"stsc", &[0, 2, 1, 3, 1, 2, 1, 1]),
        (b"stco", &[0, 2, 100, 200]),
    ] {
        table.extend(atom(kind, numbers));
    }
    Tables::of(&table)?.index(10, 300)
}

#[test]
fn tables_go_together() {
    let times = atom(b"stts", &[0, 2, 3, 10, 1, 7]);
    let keys = atom(b"stss", &[0, 2, 1, 4]);
    let index = read(&[times.clone(), keys]).unwrap();
    let told = |sample: &Sample| (sample.dts, sample.place, sample.size, sample.key);
    let samples: Vec<_> = index.samples.iter().map(told).collect();
    assert_eq!(
        samples,
        [
            (0, 100, 5, true),
            (10, 105, 5, false),
            (20, 110, 5, false),
            (30, 200, 5, true)
        ]
    );
    assert_eq!((index.duration, index.step, index.bytes), (37, Some(10), 20));
    assert!(!index.has_offsets);
    let negative = (-20_i32).cast_unsigned();
    let offsets = atom(b"ctts", &[0, 4, 1, 0, 1, negative, 1, 10, 1, 0]);
    let index = read(&[times, offsets]).unwrap();
    assert_eq!(index.shift, 20, "nothing is shown before it is decoded");
    assert_eq!(index.samples[1].offset, -20);
    assert!(
        index.samples.iter().all(|sample| sample.key),
        "all, if no table says"
    );
}

#[test]
fn tables_that_contradict_each_other() {
    let times = || atom(b"stts", &[0, 1, 4, 10]);
    assert!(read(&[times()]).is_ok());
    for (tables, what) in [
        (vec![], "no times"),
        (vec![atom(b"stts", &[0, 1, 3, 10])], "too few times"),
        (vec![atom(b"stts", &[0, 1, u32::MAX, 10])], "too many times"),
        (vec![atom(b"stts", &[0, 2, 2, 0, 2, 10])], "two at one time"),
        (vec![atom(b"stts", &[0, 1, 4, u32::MAX])], "an endless sample"),
        (vec![atom(b"stts", &[0, u32::MAX, 4, 10])], "an endless table"),
        (vec![times(), times()], "a table twice"),
        (vec![times(), atom(b"stco", &[0, 1, 4])], "a second place"),
        (vec![times(), atom(b"stss", &[0, 0])], "no keyframe"),
        (vec![times(), atom(b"stss", &[0, 1, 0])], "keyframe zero"),
        (
            vec![times(), atom(b"stss", &[0, 1, 5])],
            "a keyframe behind the last",
        ),
        (vec![times(), atom(b"stss", &[0, 2, 2, 2])], "a keyframe twice"),
        (
            vec![times(), atom(b"ctts", &[0, 1, 3, 5])],
            "too few showing times",
        ),
        (
            vec![times(), atom(b"ctts", &[0, 1, 5, 5])],
            "too many showing times",
        ),
        (
            vec![times(), atom(b"ctts", &[0, 1, 4, 1 << 30])],
            "shown far later",
        ),
        (
            vec![times(), atom(b"sgpd", &[0, u32::from_be_bytes(*b"rap ")])],
            "groups",
        ),
        (vec![times(), atom(b"senc", &[0])], "encryption"),
    ] {
        assert!(read(&tables).is_err(), "{what}");
    }
    assert_eq!(
        Tables::of(&[times(), atom(b"stsz", &[0, 1, 1 << 31])].concat())
            .unwrap()
            .index(10, 300)
            .unwrap_err(),
        Declined("there are too many samples")
    );
}
