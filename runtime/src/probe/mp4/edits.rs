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
            Some(next) => next.decoded - sample.decoded,
            None => edit.length,
        };
        let offset = i64::from(sample.offset);
        // The index is kept on the shifted clock, on which decoding begins before zero.
        let shown = sample.decoded + offset;
        let mut dropped = false;
        let begins = if (edit.from..end).contains(&shown) {
            let corrected = clock + offset + index.shift;
            earliest = match earliest {
                ..0 => corrected,
                earliest => corrected.min(earliest),
            };
            true
        } else if track.sound && shown < edit.from && shown + length > edit.from {
            // The sample that the edit begins within is decoded whole and cut.
            clock -= edit.from - shown;
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
                    sample.decoded = time;
                }
                before = None;
            }
            Some(lengths) => lengths.push(length),
            None => {}
        }
        samples.push(Sample {
            decoded: clock,
            dropped,
            ..*sample
        });
        if before.is_none() {
            clock += length;
        }
        // One keyframe behind the end, and with frames out of order a second: some of the first one's group are
        // shown before it.
        if shown + length >= end && (sample.key || track.sound) {
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
        samples.iter_mut().for_each(|sample| sample.decoded -= early);
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
    let behind = samples.partition_point(|sample| sample.decoded <= wanted);
    if !index.has_offsets {
        let key = samples.iter().take(behind).rposition(|sample| sample.key);
        return key.unwrap_or_else(|| behind.saturating_sub(1));
    }
    let key = samples
        .iter()
        .take(behind)
        .rposition(|sample| sample.key && sample.decoded + i64::from(sample.offset) <= wanted);
    key.unwrap_or(0)
}
