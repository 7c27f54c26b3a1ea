//! What an edit list does to a track's times, by the rules of FFmpeg's demuxer.
//!
//! An edit list (ISO/IEC 14496-12, 8.6.6) says which part of a track is shown, and when. FFmpeg counts time from the
//! edit's start, keeps the packets before it that decoding needs, and marks those that are not shown.

use super::bytes::{Bytes, Declined, Read, rescale};
use super::tables::{Index, Sample};

/// How long nothing is shown, and then which part of a track is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Edit {
    /// In ticks of the track.
    pub(super) empty: i64,
    /// In ticks of the track.
    pub(super) from: i64,
    /// In ticks of the track.
    pub(super) length: i64,
}

/// A track's samples on the file's clock.
pub(super) struct Edited {
    pub(super) samples: Vec<Sample>,
    pub(super) start: i64,
    pub(super) duration: i64,
}

impl Edit {
    /// Reads an edit list of one edit, perhaps behind a pause.
    pub(super) fn of(body: &[u8], track: i64, movie: i64) -> Read<Edit> {
        let mut bytes = Bytes::of(body);
        let (version, _) = bytes.full()?;
        let mut entries = Vec::new();
        let mut read = |length: i64, from: i64, rate: u32| {
            // Lengths count in ticks of the movie, starts in those of the track.
            let length = rescale(length, track, movie)?;
            match length > 0 && from >= -1 && rate == 0x1_0000 && entries.len() < 2 {
                true => entries.push((length, from)),
                false => return Err(Declined("an edit is odd")),
            }
            Ok(())
        };
        match version {
            0 => {
                for entry in bytes.table::<12>()? {
                    let mut entry = Bytes::of(entry);
                    read(i64::from(entry.u32()?), i64::from(entry.i32()?), entry.u32()?)?;
                }
            }
            1 => {
                for entry in bytes.table::<20>()? {
                    let mut entry = Bytes::of(entry);
                    read(entry.i64()?, entry.i64()?, entry.u32()?)?;
                }
            }
            _ => return Err(Declined("an edit list is of an unknown version")),
        }
        let (empty, (length, from)) = match entries[..] {
            [(length, from)] if from >= 0 => (0, (length, from)),
            [(empty, -1), (length, from)] if from >= 0 => (empty, (length, from)),
            _ => return Err(Declined("a track has several edits")),
        };
        // So that no sum of what follows can overflow.
        let small = |ticks: i64| ticks < 1 << 60;
        match small(empty) && small(length) && small(from) {
            true => Ok(Edit { empty, from, length }),
            false => Err(Declined("an edit is endless")),
        }
    }
}

/// Applies an edit to the samples of a track.
pub(super) fn apply(index: &Index, edit: Edit, track: &Track) -> Edited {
    let old = &index.samples;
    let mut clock = edit.empty - index.shift;
    let first = first(index, edit, track);
    let mut samples: Vec<Sample> = Vec::with_capacity(old.len());
    // The lengths of the samples before the edit, whose times are counted back from its start.
    let mut before: Option<Vec<i64>> = Some(Vec::new());
    // FFmpeg keeps it so: a negative one is forgotten for the next.
    let mut earliest = -1;
    let mut key_behind = false;
    let end = edit.from + edit.length;
    for (number, sample) in old.iter().enumerate().skip(first) {
        let length = match old.get(number + 1) {
            Some(next) => next.dts - sample.dts,
            None => edit.length,
        };
        let offset = i64::from(sample.offset);
        // The index is kept on the shifted clock, on which decoding begins before zero.
        let pts = sample.dts + offset;
        let mut dropped = false;
        let begins = if (edit.from..end).contains(&pts) {
            let corrected = clock + offset + index.shift;
            earliest = match earliest {
                ..0 => corrected,
                earliest => corrected.min(earliest),
            };
            true
        } else if track.sound && pts < edit.from && pts + length > edit.from {
            // The sample that the edit begins within is decoded whole and cut.
            clock -= edit.from - pts;
            true
        } else {
            dropped = true;
            false
        };
        match &mut before {
            Some(lengths) if begins => {
                let mut time = clock;
                for (sample, length) in samples.iter_mut().zip(lengths.iter()).rev() {
                    time -= length;
                    sample.dts = time;
                }
                before = None;
            }
            Some(lengths) => lengths.push(length),
            None => {}
        }
        samples.push(Sample {
            dts: clock,
            dropped,
            ..*sample
        });
        if before.is_none() {
            clock += length;
        }
        // One keyframe behind the end, and with frames out of order a second: some of the first one's group are
        // shown before it.
        if pts + length >= end && (sample.key || track.sound) {
            if index.has_offsets && !track.sound && !key_behind {
                key_behind = true;
                continue;
            }
            break;
        }
    }
    let early = earliest - edit.empty;
    if track.picture && early > 0 {
        // The first picture is shown when the edit begins.
        samples.iter_mut().for_each(|sample| sample.dts -= early);
    }
    Edited {
        samples,
        start: edit.empty,
        duration: track.duration.min(edit.empty + edit.length),
    }
}

/// What of a track matters to its edits.
pub(super) struct Track {
    pub(super) sound: bool,
    pub(super) picture: bool,
    pub(super) ticks_a_second: i64,
    /// The length of its samples.
    pub(super) duration: i64,
}

/// The sample to begin with: the last keyframe at or before the edit's start; of sound, one a second before, for
/// decoders to warm up.
fn first(index: &Index, edit: Edit, track: &Track) -> usize {
    let samples = &index.samples;
    let wanted = match track.sound {
        true => (edit.from - track.ticks_a_second).max(-index.shift),
        false => edit.from,
    };
    // Times are counted from zero here, and from the shift before zero there.
    let behind = samples.partition_point(|sample| sample.dts <= wanted);
    if !index.has_offsets {
        let key = samples.iter().take(behind).rposition(|sample| sample.key);
        return key.unwrap_or_else(|| behind.saturating_sub(1));
    }
    let key = samples
        .iter()
        .take(behind)
        .rposition(|sample| sample.key && sample.dts + i64::from(sample.offset) <= wanted);
    key.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(entries: &[[u32; 3]]) -> Vec<u8> {
        let numbers = [0, entries.len() as u32]
            .into_iter()
            .chain(entries.iter().flatten().copied());
        numbers.flat_map(u32::to_be_bytes).collect()
    }

    #[test]
    fn one_edit_perhaps_behind_a_pause() {
        const EMPTY: u32 = u32::MAX;
        const RATE: u32 = 1 << 16;
        let read = |entries: &[[u32; 3]]| Edit::of(&list(entries), 90_000, 1000);
        assert_eq!(
            read(&[[2000, 3003, RATE]]),
            Ok(Edit {
                empty: 0,
                from: 3003,
                length: 180_000
            })
        );
        assert_eq!(
            read(&[[500, EMPTY, RATE], [2000, 0, RATE]]),
            Ok(Edit {
                empty: 45_000,
                from: 0,
                length: 180_000
            })
        );
        for (entries, what) in [
            (&[][..], "none"),
            (&[[0, 0, RATE]], "an empty one"),
            (&[[1, 0, RATE / 2]], "a slow one"),
            (&[[1, EMPTY, RATE]], "a pause alone"),
            (&[[1, 0, RATE], [1, 5, RATE]], "two"),
            (&[[1, 0, RATE], [1, EMPTY, RATE]], "a pause at the end"),
            (&[[1, EMPTY, RATE], [1, EMPTY, RATE]], "two pauses"),
            (&[[1, EMPTY - 1, RATE]], "before the beginning"),
        ] {
            assert!(read(entries).is_err(), "{what}");
        }
    }

    fn index(samples: &[(i64, i32, bool)], shift: i64) -> Index {
        let sample = |&(dts, offset, key): &(i64, i32, bool)| Sample {
            dts,
            offset,
            size: 1,
            place: 0,
            key,
            dropped: false,
        };
        Index {
            samples: samples.iter().map(sample).collect(),
            shift,
            has_offsets: samples.iter().any(|(_, offset, _)| *offset != 0),
            duration: 0,
            step: None,
            bytes: 0,
        }
    }

    fn times(index: &Index, edit: Edit, sound: bool) -> Vec<(i64, bool)> {
        let track = Track {
            sound,
            picture: !sound,
            ticks_a_second: 4,
            duration: 100,
        };
        let edited = apply(index, edit, &track);
        edited
            .samples
            .iter()
            .map(|sample| (sample.dts, sample.dropped))
            .collect()
    }

    #[test]
    fn what_is_before_an_edit_is_kept_for_decoding() {
        let picture = index(
            &[
                (0, 0, true),
                (10, 0, false),
                (20, 0, false),
                (30, 0, true),
                (40, 0, false),
            ],
            0,
        );
        let edit = |from, length| Edit {
            empty: 0,
            from,
            length,
        };
        assert_eq!(
            times(&picture, edit(20, 10), false),
            [(-20, true), (-10, true), (0, false), (10, true)]
        );
        assert_eq!(times(&picture, edit(30, 20), false), [(0, false), (10, false)]);
        // The keyframe that ends the edit is kept, and marked.
        assert_eq!(
            times(&picture, edit(0, 25), false),
            [(0, false), (10, false), (20, false), (30, true)]
        );
        let sound = index(&[(0, 0, true), (10, 0, true), (20, 0, true)], 0);
        // Begun within a packet, which is decoded whole; one a second before it warms the decoder up.
        assert_eq!(times(&sound, edit(14, 16), true), [(-4, false), (6, false)]);
        assert_eq!(times(&sound, edit(10, 10), true), [(-10, true), (0, false)]);
    }
}
