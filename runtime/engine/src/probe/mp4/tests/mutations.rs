//! Files that anyone may have written.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use std::time::{Duration, Instant};

use super::Bench;
use crate::probe::mp4::Movie;

/// What is done to a file's bytes.
#[derive(Clone, Debug)]
enum Change {
    Set(prop::sample::Index, u8),
    Number(prop::sample::Index, u32),
    Remove(prop::sample::Index, usize),
    Insert(prop::sample::Index, Vec<u8>),
    Cut(prop::sample::Index),
}

fn change() -> impl Strategy<Value = Change> {
    let place = || any::<prop::sample::Index>();
    let number = prop_oneof![
        Just(0),
        Just(1),
        Just(u32::MAX),
        Just(i32::MAX as u32),
        Just(1 << 31),
        0..64_u32,
        any::<u32>()
    ];
    prop_oneof![
        4 => (place(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        8 => (place(), number).prop_map(|(at, number)| Change::Number(at, number)),
        1 => (place(), 1..64_usize).prop_map(|(at, count)| Change::Remove(at, count)),
        1 => (place(), prop::collection::vec(any::<u8>(), 1..64)).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        1 => place().prop_map(Change::Cut),
    ]
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let length = bytes.len();
        match self {
            Change::Set(at, byte) => bytes[at.index(length)] = *byte,
            Change::Number(at, number) => {
                // Fields are mostly at multiples of two from the start of the index.
                let at = at.index(length);
                for (place, byte) in bytes.iter_mut().skip(at).zip(number.to_be_bytes()) {
                    *place = byte;
                }
            }
            Change::Remove(at, count) => {
                let at = at.index(length);
                bytes.drain(at..(at + count).min(length));
            }
            Change::Insert(at, more) => {
                let at = at.index(length);
                bytes.splice(at..at, more.iter().copied());
            }
            Change::Cut(at) => bytes.truncate(at.index(length)),
        }
    }
}

#[test]
fn no_bytes_make_it_fail_or_take_long() {
    let bench = Bench::new();
    let sources = [
        "-f lavfi -i testsrc2=s=64x64:r=30:d=1 -f lavfi -i sine=d=1 -c:v libx264 -bf 2 -c:a aac -movflags +faststart a.mp4",
        "-itsoffset 0.3 -f lavfi -i testsrc2=s=64x64:r=30:d=1 -f lavfi -i sine=d=1 -c:v libx264 -vf setsar=2 -c:a aac b.mov",
    ];
    let sources = sources.map(|arguments| {
        let path = bench.made(arguments);
        assert!(Movie::read(&path).is_ok(), "{arguments}");
        index_first(&std::fs::read(path).unwrap())
    });
    let changed = bench.path("changed.mp4");
    let config = Config {
        cases: 1500,
        rng_seed: RngSeed::Fixed(7),
        failure_persistence: None,
        ..Config::default()
    };
    let changes = (0..sources.len(), prop::collection::vec(change(), 1..4));
    TestRunner::new(config)
        .run(&changes, |(source, changes)| {
            let (mut bytes, data) = sources[source].clone();
            changes.iter().for_each(|change| change.apply(&mut bytes));
            bytes.extend(data);
            std::fs::write(&changed, bytes).unwrap();
            let begun = Instant::now();
            if let Ok(movie) = Movie::read(&changed) {
                movie.report();
                movie.packets(None);
            }
            prop_assert!(begun.elapsed() < Duration::from_secs(5));
            Ok(())
        })
        .unwrap();
}

/// A file's bytes other than its data, and those behind them: changes are to be where they matter.
fn index_first(file: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut rest = file;
    let (mut index, mut data) = (Vec::new(), Vec::new());
    while let Some((head, _)) = rest.split_first_chunk::<8>() {
        let size = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let (atom, behind) = rest.split_at(size);
        match &head[4..] {
            b"mdat" => data.extend(atom),
            _ => index.extend(atom),
        }
        rest = behind;
    }
    (index, data)
}
