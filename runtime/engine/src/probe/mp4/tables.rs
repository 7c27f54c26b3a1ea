//! The tables of a track: when each sample is decoded and shown, and whether decoding can begin with it (ISO/IEC
//! 14496-12, 8.6).

use super::bytes::{Atoms, Bytes, Declined, Read, once, wanted};
use super::sample_offsets::{self, Chunks, Sizes};

/// One packet, in ticks of its track's clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sample {
    pub(crate) dts: i64,
    /// How much later it is shown, before anything is shifted.
    pub(crate) offset: i32,
    pub(crate) size: u32,
    /// The file's bytes before it.
    pub(crate) place: u64,
    pub(crate) key: bool,
    /// It is decoded for what follows, and not shown.
    pub(crate) dropped: bool,
}

/// The boxes of a sample table, unread.
#[derive(Default)]
pub(super) struct Tables<'a> {
    pub(super) descriptions: Option<&'a [u8]>,
    durations: Option<&'a [u8]>,
    offsets: Option<&'a [u8]>,
    keys: Option<&'a [u8]>,
    /// QuickTime's "partial sync samples": keyframes of open groups.
    open_keys: Option<&'a [u8]>,
    sizes: Option<&'a [u8]>,
    runs: Option<&'a [u8]>,
    chunks: Option<&'a [u8]>,
    wide_chunks: Option<&'a [u8]>,
}

/// What the tables say together.
#[derive(Debug)]
pub(super) struct Index {
    pub(super) samples: Vec<Sample>,
    /// How much later than in the table all is shown, so that nothing is shown before it is decoded.
    pub(super) shift: i64,
    /// Whether decoding times and showing times are kept apart.
    pub(super) has_offsets: bool,
    /// The length of all samples together.
    pub(super) duration: i64,
    /// The length that all samples have, the last one aside.
    pub(super) step: Option<u32>,
    /// All samples together, in bytes.
    pub(super) bytes: u64,
}

impl<'a> Tables<'a> {
    pub(super) fn of(table: &'a [u8]) -> Read<Tables<'a>> {
        let mut tables = Tables::default();
        for atom in Atoms::of(table) {
            let (kind, body) = atom?;
            match &kind {
                b"stsd" => once(&mut tables.descriptions, body)?,
                b"stts" => once(&mut tables.durations, body)?,
                b"ctts" => once(&mut tables.offsets, body)?,
                b"stss" => once(&mut tables.keys, body)?,
                b"stps" => once(&mut tables.open_keys, body)?,
                b"stsz" => once(&mut tables.sizes, body)?,
                b"stsc" => once(&mut tables.runs, body)?,
                b"stco" => once(&mut tables.chunks, body)?,
                b"co64" => once(&mut tables.wide_chunks, body)?,
                // Which samples others depend on says nothing of when they are shown.
                b"sdtp" | b"free" | b"skip" => {}
                b"sgpd" | b"sbgp" => only_roll(body)?,
                _ => return Err(Declined("a sample table holds an unknown box")),
            }
        }
        Ok(tables)
    }

    /// Reads the tables of at most `room` samples, all of which must be in a file of some length.
    pub(super) fn index(&self, room: usize, file: u64) -> Read<Index> {
        let sizes = Sizes::of(wanted(self.sizes)?)?;
        let count = usize::try_from(sizes.count()).ok().filter(|count| *count <= room);
        let count = count.ok_or(Declined("there are too many samples"))?;
        if count == 0 {
            return Err(Declined("a track is empty"));
        }
        let mut samples = Vec::with_capacity(count);
        let (duration, step) = self.dts(&mut samples, count)?;
        let chunks = match (self.chunks, self.wide_chunks) {
            (Some(narrow), None) => Chunks::narrow(narrow)?,
            (None, Some(wide)) => Chunks::wide(wide)?,
            _ => return Err(Declined("samples are in no place or in two")),
        };
        let bytes = sample_offsets::set(&mut samples, &sizes, wanted(self.runs)?, chunks, file)?;
        self.mark_keys(&mut samples)?;
        let shift = match self.offsets {
            Some(body) => Some(offsets(body, &mut samples)?),
            None => None,
        };
        Ok(Index {
            samples,
            shift: shift.unwrap_or(0),
            has_offsets: shift.is_some(),
            duration,
            step,
            bytes,
        })
    }

    /// Decoding times (8.6.1.2). Gives the length of all, and the length of each if it is the same, the last aside.
    fn dts(&self, samples: &mut Vec<Sample>, count: usize) -> Read<(i64, Option<u32>)> {
        let mut bytes = Bytes::of(wanted(self.durations)?);
        bytes.full()?;
        let mut dts: i64 = 0;
        let entries = bytes.table::<8>()?;
        for entry in entries {
            let (run, step) = pair(entry);
            // FFmpeg takes such lengths for negative ones, or for one tick.
            if step > i32::MAX as u32 {
                return Err(Declined("a sample is endlessly long"));
            }
            let end = samples.len() as u64 + u64::from(run);
            if end > count as u64 {
                return Err(Declined("there are more times than samples"));
            }
            for _ in 0..run {
                samples.push(Sample {
                    dts,
                    offset: 0,
                    size: 0,
                    place: 0,
                    key: false,
                    dropped: false,
                });
                dts += i64::from(step);
                if step == 0 && samples.len() < count {
                    return Err(Declined("two samples are decoded at one time"));
                }
            }
        }
        if samples.len() != count {
            return Err(Declined("there are fewer times than samples"));
        }
        let step = match entries {
            [one] => Some(pair(one).1),
            [one, last] if pair(last).0 == 1 => Some(pair(one).1),
            _ => None,
        };
        Ok((dts, step.filter(|step| *step > 0)))
    }

    /// Which samples decoding can begin with (8.6.2): all, if there is no table.
    fn mark_keys(&self, samples: &mut [Sample]) -> Read<()> {
        if self.keys.is_none() && self.open_keys.is_none() {
            samples.iter_mut().for_each(|sample| sample.key = true);
            return Ok(());
        }
        wanted(self.keys)?;
        for table in [self.keys, self.open_keys].into_iter().flatten() {
            let mut bytes = Bytes::of(table);
            bytes.full()?;
            let mut before = 0;
            for number in bytes
                .table::<4>()?
                .iter()
                .map(|number| u32::from_be_bytes(*number))
            {
                let sample = usize::try_from(number)
                    .ok()
                    .and_then(|number| number.checked_sub(1));
                let sample = sample.and_then(|index| samples.get_mut(index));
                let sample = sample.filter(|_| number > before);
                sample.ok_or(Declined("keyframes are in disorder"))?.key = true;
                before = number;
            }
            if before == 0 {
                return Err(Declined("a table of keyframes is empty"));
            }
        }
        Ok(())
    }
}

/// Showing times (8.6.1.3). Gives the shift that FFmpeg applies where they are earlier than decoding times.
fn offsets(body: &[u8], samples: &mut [Sample]) -> Read<i64> {
    let mut bytes = Bytes::of(body);
    bytes.full()?;
    let entries = bytes.table::<8>()?;
    let mut rest = samples.iter_mut();
    let (mut shift, mut all) = (0, 0);
    for (entry, index) in entries.iter().zip(0..) {
        let (run, offset) = pair(entry);
        let offset = offset.cast_signed();
        if run == 0 || offset.unsigned_abs() > 1 << 28 {
            return Err(Declined("a showing time is odd"));
        }
        all = all.max(-offset);
        // It does not look at the last two.
        if index + 2 < entries.len() {
            shift = all;
        }
        for _ in 0..run {
            let sample = rest
                .next()
                .ok_or(Declined("there are more showing times than samples"))?;
            sample.offset = offset;
        }
    }
    if rest.next().is_some() {
        return Err(Declined("there are fewer showing times than samples"));
    }
    match shift == all {
        true => Ok(i64::from(shift)),
        false => Err(Declined("only the last showing times are early")),
    }
}

/// Groups of samples that decoding can begin before, so as to sound right, change nothing; others may (10.1, 10.4).
fn only_roll(body: &[u8]) -> Read<()> {
    let mut bytes = Bytes::of(body);
    bytes.full()?;
    match &bytes.kind()? {
        b"roll" | b"prol" => Ok(()),
        _ => Err(Declined("samples are grouped")),
    }
}

fn pair(entry: &[u8; 8]) -> (u32, u32) {
    let [a, b, c, d, e, f, g, h] = *entry;
    (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]))
}
