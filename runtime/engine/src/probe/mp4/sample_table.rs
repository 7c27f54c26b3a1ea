//! The sample table of a track: when each sample is decoded and presented, and which are keyframes (ISO/IEC 14496-12,
//! 8.6: `stts`, `ctts`, `stss`).

use super::box_reader::{Boxes, ByteReader, Parsed, Unsupported, required, set_once};
use super::sample::Sample;
use super::sample_offsets::{self, ChunkOffsets, SampleSizes};

/// The boxes of a sample table, not parsed yet.
#[derive(Default)]
pub(super) struct SampleTableBoxes<'a> {
    pub(super) sample_description: Option<&'a [u8]>,
    decoding_times: Option<&'a [u8]>,
    composition_offsets: Option<&'a [u8]>,
    sync_samples: Option<&'a [u8]>,
    /// QuickTime's "partial sync samples": keyframes of open GOPs.
    partial_sync_samples: Option<&'a [u8]>,
    sample_sizes: Option<&'a [u8]>,
    sample_to_chunk: Option<&'a [u8]>,
    chunk_offsets_32: Option<&'a [u8]>,
    chunk_offsets_64: Option<&'a [u8]>,
}

/// A parsed sample table.
#[derive(Debug)]
pub(super) struct SampleTable {
    pub(super) samples: Vec<Sample>,
    /// Ticks that FFmpeg adds to all PTS so that no sample is presented before it is decoded.
    pub(super) composition_shift: i64,
    /// Whether there is a `ctts` box.
    pub(super) has_composition_offsets: bool,
    /// The duration of all samples together, in ticks.
    pub(super) duration: i64,
    /// The duration in ticks that all samples have, except perhaps the last.
    pub(super) constant_sample_duration: Option<u32>,
    /// The size of all samples together, in bytes.
    pub(super) total_size: u64,
}

impl<'a> SampleTableBoxes<'a> {
    pub(super) fn parse(body: &'a [u8]) -> Parsed<SampleTableBoxes<'a>> {
        let mut boxes = SampleTableBoxes::default();
        for child in Boxes::new(body) {
            let (box_type, body) = child?;
            match &box_type {
                b"stsd" => set_once(&mut boxes.sample_description, body)?,
                b"stts" => set_once(&mut boxes.decoding_times, body)?,
                b"ctts" => set_once(&mut boxes.composition_offsets, body)?,
                b"stss" => set_once(&mut boxes.sync_samples, body)?,
                b"stps" => set_once(&mut boxes.partial_sync_samples, body)?,
                b"stsz" => set_once(&mut boxes.sample_sizes, body)?,
                b"stsc" => set_once(&mut boxes.sample_to_chunk, body)?,
                b"stco" => set_once(&mut boxes.chunk_offsets_32, body)?,
                b"co64" => set_once(&mut boxes.chunk_offsets_64, body)?,
                // Dependencies between samples do not affect when they are presented.
                b"sdtp" | b"free" | b"skip" => {}
                b"sgpd" | b"sbgp" => check_roll_group(body)?,
                _ => return Err(Unsupported("a sample table has an unknown box")),
            }
        }
        Ok(boxes)
    }

    /// Reads the tables of at most `max_samples` samples, all of which must be within `file_size` bytes.
    pub(super) fn read(&self, max_samples: usize, file_size: u64) -> Parsed<SampleTable> {
        let sizes = SampleSizes::from_stsz(required(self.sample_sizes)?)?;
        let count = usize::try_from(sizes.count())
            .ok()
            .filter(|count| *count <= max_samples);
        let count = count.ok_or(Unsupported("there are too many samples"))?;
        if count == 0 {
            return Err(Unsupported("a track is empty"));
        }
        let mut samples = Vec::with_capacity(count);
        let (duration, constant_sample_duration) = self.read_decoding_times(&mut samples, count)?;
        let chunks = match (self.chunk_offsets_32, self.chunk_offsets_64) {
            (Some(stco), None) => ChunkOffsets::from_stco(stco)?,
            (None, Some(co64)) => ChunkOffsets::from_co64(co64)?,
            _ => return Err(Unsupported("a track has no chunk offsets, or two tables of them")),
        };
        let sample_to_chunk = required(self.sample_to_chunk)?;
        let total_size = sample_offsets::assign(&mut samples, &sizes, sample_to_chunk, chunks, file_size)?;
        self.mark_keyframes(&mut samples)?;
        let composition_shift = match self.composition_offsets {
            Some(body) => Some(read_composition_offsets(body, &mut samples)?),
            None => None,
        };
        Ok(SampleTable {
            samples,
            composition_shift: composition_shift.unwrap_or(0),
            has_composition_offsets: composition_shift.is_some(),
            duration,
            constant_sample_duration,
            total_size,
        })
    }

    /// Reads the DTS of `count` samples (8.6.1.2). Returns the duration of all, and that of each if it is constant
    /// except perhaps for the last.
    fn read_decoding_times(&self, samples: &mut Vec<Sample>, count: usize) -> Parsed<(i64, Option<u32>)> {
        let mut bytes = ByteReader::new(required(self.decoding_times)?);
        bytes.version_and_flags()?;
        let mut dts: i64 = 0;
        let entries = bytes.table::<8>()?;
        for entry in entries {
            let (run, delta) = split_pair(entry);
            // FFmpeg takes such durations for negative ones, or for one tick.
            if delta > i32::MAX as u32 {
                return Err(Unsupported("the duration of a sample is too large"));
            }
            let end = samples.len() as u64 + u64::from(run);
            if end > count as u64 {
                return Err(Unsupported("stts has more samples than stsz"));
            }
            for _ in 0..run {
                samples.push(Sample {
                    dts,
                    composition_offset: 0,
                    size: 0,
                    file_offset: 0,
                    is_keyframe: false,
                    is_discarded: false,
                });
                dts += i64::from(delta);
                if delta == 0 && samples.len() < count {
                    return Err(Unsupported("two samples have the same DTS"));
                }
            }
        }
        if samples.len() != count {
            return Err(Unsupported("stts has fewer samples than stsz"));
        }
        let constant = match entries {
            [all] => Some(split_pair(all).1),
            [all, last] if split_pair(last).0 == 1 => Some(split_pair(all).1),
            _ => None,
        };
        Ok((dts, constant.filter(|delta| *delta > 0)))
    }

    /// Marks keyframes (8.6.2): all samples if there is no table.
    fn mark_keyframes(&self, samples: &mut [Sample]) -> Parsed<()> {
        if self.sync_samples.is_none() && self.partial_sync_samples.is_none() {
            samples.iter_mut().for_each(|sample| sample.is_keyframe = true);
            return Ok(());
        }
        required(self.sync_samples)?;
        for table in [self.sync_samples, self.partial_sync_samples]
            .into_iter()
            .flatten()
        {
            let mut bytes = ByteReader::new(table);
            bytes.version_and_flags()?;
            let mut previous = 0;
            for number in bytes
                .table::<4>()?
                .iter()
                .map(|number| u32::from_be_bytes(*number))
            {
                let index = usize::try_from(number)
                    .ok()
                    .and_then(|number| number.checked_sub(1));
                let sample = index.and_then(|index| samples.get_mut(index));
                let sample = sample.filter(|_| number > previous);
                sample
                    .ok_or(Unsupported("the sync sample table is out of order"))?
                    .is_keyframe = true;
                previous = number;
            }
            if previous == 0 {
                return Err(Unsupported("a sync sample table is empty"));
            }
        }
        Ok(())
    }
}

/// Reads composition offsets (8.6.1.3). Returns the shift that FFmpeg applies where a PTS is earlier than its DTS.
fn read_composition_offsets(body: &[u8], samples: &mut [Sample]) -> Parsed<i64> {
    let mut bytes = ByteReader::new(body);
    bytes.version_and_flags()?;
    let entries = bytes.table::<8>()?;
    let mut rest = samples.iter_mut();
    let (mut shift, mut shift_of_all) = (0, 0);
    for (entry, index) in entries.iter().zip(0..) {
        let (run, offset) = split_pair(entry);
        // FFmpeg reads both versions of the box as signed.
        let offset = offset.cast_signed();
        if run == 0 || offset.unsigned_abs() > 1 << 28 {
            return Err(Unsupported("a composition offset is too large"));
        }
        shift_of_all = shift_of_all.max(-offset);
        // FFmpeg ignores the last two entries.
        if index + 2 < entries.len() {
            shift = shift_of_all;
        }
        for _ in 0..run {
            let sample = rest
                .next()
                .ok_or(Unsupported("ctts has more samples than stsz"))?;
            sample.composition_offset = offset;
        }
    }
    if rest.next().is_some() {
        return Err(Unsupported("ctts has fewer samples than stsz"));
    }
    match shift == shift_of_all {
        true => Ok(i64::from(shift)),
        false => Err(Unsupported("only the last composition offsets are negative")),
    }
}

/// Accepts groups of samples for audio pre-roll, which change nothing, and no others (10.1, 10.4).
fn check_roll_group(body: &[u8]) -> Parsed<()> {
    let mut bytes = ByteReader::new(body);
    bytes.version_and_flags()?;
    match &bytes.four_cc()? {
        b"roll" | b"prol" => Ok(()),
        _ => Err(Unsupported("samples are grouped")),
    }
}

fn split_pair(entry: &[u8; 8]) -> (u32, u32) {
    let [a, b, c, d, e, f, g, h] = *entry;
    (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]))
}
