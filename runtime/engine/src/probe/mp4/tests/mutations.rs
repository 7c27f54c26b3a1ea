//! Reads mutated files, which must neither panic nor take long.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use std::time::{Duration, Instant};

use super::Fixture;
use crate::probe::mp4::movie::Movie;

/// A mutation of a file's bytes.
#[derive(Clone, Debug)]
enum Mutation {
    SetByte(prop::sample::Index, u8),
    SetNumber(prop::sample::Index, u32),
    Remove(prop::sample::Index, usize),
    Insert(prop::sample::Index, Vec<u8>),
    Truncate(prop::sample::Index),
}

fn mutation() -> impl Strategy<Value = Mutation> {
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
        4 => (place(), any::<u8>()).prop_map(|(at, byte)| Mutation::SetByte(at, byte)),
        8 => (place(), number).prop_map(|(at, number)| Mutation::SetNumber(at, number)),
        1 => (place(), 1..64_usize).prop_map(|(at, count)| Mutation::Remove(at, count)),
        1 => (place(), prop::collection::vec(any::<u8>(), 1..64)).prop_map(|(at, bytes)| Mutation::Insert(at, bytes)),
        1 => place().prop_map(Mutation::Truncate),
    ]
}

impl Mutation {
    fn apply(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let length = bytes.len();
        match self {
            Mutation::SetByte(at, byte) => bytes[at.index(length)] = *byte,
            Mutation::SetNumber(at, number) => {
                let at = at.index(length);
                for (place, byte) in bytes.iter_mut().skip(at).zip(number.to_be_bytes()) {
                    *place = byte;
                }
            }
            Mutation::Remove(at, count) => {
                let at = at.index(length);
                bytes.drain(at..(at + count).min(length));
            }
            Mutation::Insert(at, more) => {
                let at = at.index(length);
                bytes.splice(at..at, more.iter().copied());
            }
            Mutation::Truncate(at) => bytes.truncate(at.index(length)),
        }
    }
}

#[test]
fn mutated_files_are_read_quickly_without_panicking() {
    let fixture = Fixture::new();
    let sources = [
        "-f lavfi -i testsrc2=s=64x64:r=30:d=1 -f lavfi -i sine=d=1 -c:v libx264 -bf 2 -c:a aac -movflags +faststart a.mp4",
        "-itsoffset 0.3 -f lavfi -i testsrc2=s=64x64:r=30:d=1 -f lavfi -i sine=d=1 -c:v libx264 -vf setsar=2 -c:a aac b.mov",
    ];
    let sources = sources.map(|arguments| {
        let path = fixture.ffmpeg(arguments);
        assert!(Movie::read(&path).is_ok(), "{arguments}");
        split_media_data(&std::fs::read(path).unwrap())
    });
    let mutated = fixture.path("mutated.mp4");
    let config = Config {
        cases: 1500,
        rng_seed: RngSeed::Fixed(7),
        failure_persistence: None,
        ..Config::default()
    };
    let mutations = (0..sources.len(), prop::collection::vec(mutation(), 1..4));
    TestRunner::new(config)
        .run(&mutations, |(source, mutations)| {
            let (mut bytes, data) = sources[source].clone();
            mutations.iter().for_each(|mutation| mutation.apply(&mut bytes));
            bytes.extend(data);
            std::fs::write(&mutated, bytes).unwrap();
            let started = Instant::now();
            if let Ok(movie) = Movie::read(&mutated) {
                movie.report();
                movie.packets(None);
            }
            prop_assert!(started.elapsed() < Duration::from_secs(5));
            Ok(())
        })
        .unwrap();
}

/// Splits a file into all boxes but `mdat`, which are mutated, and `mdat`.
fn split_media_data(file: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut rest = file;
    let (mut other, mut data) = (Vec::new(), Vec::new());
    while let Some((head, _)) = rest.split_first_chunk::<8>() {
        let size = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let (current, following) = rest.split_at(size);
        match &head[4..] {
            b"mdat" => data.extend(current),
            _ => other.extend(current),
        }
        rest = following;
    }
    (other, data)
}
