//! Applies a track's edit list to its timestamps, by the rules of FFmpeg's demuxer (`mov_fix_index`).
//!
//! An edit list (ISO/IEC 14496-12, 8.6.6) states which part of a track is presented, and when. FFmpeg counts time from
//! the start of the edit, keeps the packets before it that decoding needs, and flags those that are not presented.

use mp4_atom::Elst;

use super::box_reader::{Parsed, Unsupported, decode_body, rescale};
use super::sample::Sample;
use super::sample_table::SampleTable;

/// An optional empty edit followed by one edit at normal rate, in ticks of the track.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Edit {
    /// The duration of the empty edit, during which nothing is presented.
    pub(super) empty_duration: i64,
    /// Where in the track the presented part begins.
    pub(super) media_time: i64,
    pub(super) duration: i64,
}

/// The samples of a track on the file's timeline.
pub(super) struct EditedSamples {
    pub(super) samples: Vec<Sample>,
    pub(super) start: i64,
    pub(super) duration: i64,
}

/// The facts about a track that the effect of its edit depends on.
pub(super) struct EditContext {
    pub(super) is_audio: bool,
    pub(super) is_video: bool,
    /// Ticks per second.
    pub(super) timescale: i64,
    /// The duration of all samples.
    pub(super) duration: i64,
}

impl Edit {
    /// Parses an edit list of one edit, perhaps after an empty one.
    pub(super) fn parse(body: &[u8], track_timescale: i64, movie_timescale: i64) -> Parsed<Edit> {
        let several = Unsupported("a track has several edits");
        // Version and count, and two entries of the larger version.
        if body.len() > 8 + 2 * 20 {
            return Err(several);
        }
        let list: Elst = decode_body(body)?;
        let mut entries = Vec::new();
        for entry in &list.entries {
            // Durations are in ticks of the movie, media times in those of the track.
            let duration = i64::try_from(entry.segment_duration)
                .map_err(|_| Unsupported("an edit has a negative duration"))?;
            let duration = rescale(duration, track_timescale, movie_timescale)?;
            let media_time = entry.media_time.map(i64::try_from).transpose();
            let media_time = media_time.map_err(|_| Unsupported("an edit has no valid media time"))?;
            let rate = (entry.media_rate.integer(), entry.media_rate.decimal());
            match duration > 0 && rate == (1, 0) {
                true => entries.push((duration, media_time)),
                false => return Err(Unsupported("an edit is empty or changes the speed")),
            }
        }
        let (empty_duration, duration, media_time) = match entries[..] {
            [(duration, Some(media_time))] => (0, duration, media_time),
            [(empty, None), (duration, Some(media_time))] => (empty, duration, media_time),
            _ => return Err(several),
        };
        // No sum of these can overflow then.
        let is_small = |ticks: i64| ticks < 1 << 60;
        match is_small(empty_duration) && is_small(duration) && is_small(media_time) {
            true => Ok(Edit {
                empty_duration,
                media_time,
                duration,
            }),
            false => Err(Unsupported("an edit is too long")),
        }
    }
}

/// Applies an edit to the samples of a track.
pub(super) fn apply_edit(table: &SampleTable, edit: Edit, track: &EditContext) -> EditedSamples {
    let original = &table.samples;
    let mut dts = edit.empty_duration - table.composition_shift;
    let first = first_sample(table, edit, track);
    let mut samples: Vec<Sample> = Vec::with_capacity(original.len());
    // The durations of the samples before the edit, whose DTS are counted back from its start.
    let mut durations_before: Option<Vec<i64>> = Some(Vec::new());
    // The earliest PTS. As in FFmpeg, a negative value is replaced by the next one.
    let mut earliest_pts = -1;
    let mut has_keyframe_after_end = false;
    let end = edit.media_time + edit.duration;
    for (index, sample) in original.iter().enumerate().skip(first) {
        let duration = match original.get(index + 1) {
            Some(next) => next.dts - sample.dts,
            None => edit.duration,
        };
        let offset = i64::from(sample.composition_offset);
        // The table's timeline is not shifted; on the shifted one, decoding begins before zero.
        let pts = sample.dts + offset;
        let mut is_discarded = false;
        let is_in_edit = if (edit.media_time..end).contains(&pts) {
            let shifted_pts = dts + offset + table.composition_shift;
            earliest_pts = match earliest_pts {
                ..0 => shifted_pts,
                earliest_pts => shifted_pts.min(earliest_pts),
            };
            true
        } else if track.is_audio && pts < edit.media_time && pts + duration > edit.media_time {
            // The edit begins within this sample, which is decoded as a whole and then trimmed.
            dts -= edit.media_time - pts;
            true
        } else {
            is_discarded = true;
            false
        };
        match &mut durations_before {
            Some(durations) if is_in_edit => {
                let mut dts = dts;
                for (sample, duration) in samples.iter_mut().zip(durations.iter()).rev() {
                    dts -= duration;
                    sample.dts = dts;
                }
                durations_before = None;
            }
            Some(durations) => durations.push(duration),
            None => {}
        }
        samples.push(Sample {
            dts,
            is_discarded,
            ..*sample
        });
        if durations_before.is_none() {
            dts += duration;
        }
        // FFmpeg keeps one keyframe after the end. If frames are reordered it keeps a second one: leading frames of the
        // first one's GOP are presented before it.
        if pts + duration >= end && (sample.is_keyframe || track.is_audio) {
            if table.has_composition_offsets && !track.is_audio && !has_keyframe_after_end {
                has_keyframe_after_end = true;
                continue;
            }
            break;
        }
    }
    let delay = earliest_pts - edit.empty_duration;
    if track.is_video && delay > 0 {
        // The first frame is presented when the edit begins.
        samples.iter_mut().for_each(|sample| sample.dts -= delay);
    }
    EditedSamples {
        samples,
        start: edit.empty_duration,
        duration: track.duration.min(edit.empty_duration + edit.duration),
    }
}

/// The sample that reading begins with: the last keyframe at or before the start of the edit; for audio, one second
/// earlier so that the decoder settles.
fn first_sample(table: &SampleTable, edit: Edit, track: &EditContext) -> usize {
    let samples = &table.samples;
    let seek_time = match track.is_audio {
        true => (edit.media_time - track.timescale).max(-table.composition_shift),
        false => edit.media_time,
    };
    let candidates = samples.partition_point(|sample| sample.dts <= seek_time);
    if !table.has_composition_offsets {
        let keyframe = samples
            .iter()
            .take(candidates)
            .rposition(|sample| sample.is_keyframe);
        return keyframe.unwrap_or_else(|| candidates.saturating_sub(1));
    }
    let keyframe = samples.iter().take(candidates).rposition(|sample| {
        sample.is_keyframe && sample.dts + i64::from(sample.composition_offset) <= seek_time
    });
    keyframe.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elst(entries: &[[u32; 3]]) -> Vec<u8> {
        let numbers = [0, entries.len() as u32]
            .into_iter()
            .chain(entries.iter().flatten().copied());
        numbers.flat_map(u32::to_be_bytes).collect()
    }

    #[test]
    fn one_edit_after_an_optional_empty_edit_is_supported() {
        const EMPTY: u32 = u32::MAX;
        const RATE: u32 = 1 << 16;
        let parse = |entries: &[[u32; 3]]| Edit::parse(&elst(entries), 90_000, 1000);
        assert_eq!(
            parse(&[[2000, 3003, RATE]]),
            Ok(Edit {
                empty_duration: 0,
                media_time: 3003,
                duration: 180_000
            })
        );
        assert_eq!(
            parse(&[[500, EMPTY, RATE], [2000, 0, RATE]]),
            Ok(Edit {
                empty_duration: 45_000,
                media_time: 0,
                duration: 180_000
            })
        );
        for (entries, kind) in [
            (&[][..], "no edit"),
            (&[[0, 0, RATE]], "no duration"),
            (&[[1, 0, RATE / 2]], "half speed"),
            (&[[1, EMPTY, RATE]], "only an empty edit"),
            (&[[1, 0, RATE], [1, 5, RATE]], "two edits"),
            (&[[1, 0, RATE], [1, EMPTY, RATE]], "an empty edit at the end"),
            (&[[1, EMPTY, RATE], [1, EMPTY, RATE]], "two empty edits"),
            (&[[1, EMPTY - 1, RATE]], "a negative media time"),
        ] {
            assert!(parse(entries).is_err(), "{kind}");
        }
        let mut truncated = elst(&[[2000, 3003, RATE]]);
        truncated.pop();
        assert!(Edit::parse(&truncated, 90_000, 1000).is_err());
        let many = elst(&[[1, 0, RATE]; 1000]);
        assert!(Edit::parse(&many, 90_000, 1000).is_err());
    }

    fn table(samples: &[(i64, i32, bool)], composition_shift: i64) -> SampleTable {
        let sample = |&(dts, composition_offset, is_keyframe): &(i64, i32, bool)| Sample {
            dts,
            composition_offset,
            size: 1,
            file_offset: 0,
            is_keyframe,
            is_discarded: false,
        };
        SampleTable {
            samples: samples.iter().map(sample).collect(),
            composition_shift,
            has_composition_offsets: samples.iter().any(|(_, offset, _)| *offset != 0),
            duration: 0,
            constant_sample_duration: None,
            total_size: 0,
        }
    }

    /// The DTS of the samples that are kept, and whether they are discarded after decoding.
    fn edited(table: &SampleTable, edit: Edit, is_audio: bool) -> Vec<(i64, bool)> {
        let track = EditContext {
            is_audio,
            is_video: !is_audio,
            timescale: 4,
            duration: 100,
        };
        let edited = apply_edit(table, edit, &track);
        edited
            .samples
            .iter()
            .map(|sample| (sample.dts, sample.is_discarded))
            .collect()
    }

    #[test]
    fn samples_before_an_edit_are_kept_for_decoding() {
        let video = table(
            &[
                (0, 0, true),
                (10, 0, false),
                (20, 0, false),
                (30, 0, true),
                (40, 0, false),
            ],
            0,
        );
        let edit = |media_time, duration| Edit {
            empty_duration: 0,
            media_time,
            duration,
        };
        assert_eq!(
            edited(&video, edit(20, 10), false),
            [(-20, true), (-10, true), (0, false), (10, true)]
        );
        assert_eq!(edited(&video, edit(30, 20), false), [(0, false), (10, false)]);
        // The keyframe after the end of the edit is kept and flagged.
        assert_eq!(
            edited(&video, edit(0, 25), false),
            [(0, false), (10, false), (20, false), (30, true)]
        );
        let audio = table(&[(0, 0, true), (10, 0, true), (20, 0, true)], 0);
        // The edit begins within a packet, which is decoded as a whole; one packet before it warms up the decoder.
        assert_eq!(edited(&audio, edit(14, 16), true), [(-4, false), (6, false)]);
        assert_eq!(edited(&audio, edit(10, 10), true), [(-10, true), (0, false)]);
    }
}
