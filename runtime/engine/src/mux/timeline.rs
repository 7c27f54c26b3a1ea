//! Packets of several files on one clock.

use std::ops::Range;

use mp4_atom::{Codec, Tkhd};
use vidc_compiler::plan::TrackKind;
use vidc_compiler::time::{Rational, Time};

use super::description::{LENGTH_SIZE, in_band_parameter_sets, is_like, parameter_sets};
use super::job::{Extent, Piece, TrackJob};
use super::source::Source;
use super::{Left, Outcome};
use crate::probe::mp4::{Sample, Track, first_unit};

const MICROS: Rational = Rational::new_raw(1_000_000, 1);
/// The unit that says that a picture begins (ITU-T H.264, table 7-1): parameter sets come behind it.
const DELIMITER: u8 = 9;

/// The packets of a track that is written, in the order of decoding.
pub(super) struct Timeline {
    pub(super) ticks_a_second: u32,
    pub(super) packets: Vec<Packet>,
    /// How long the last packet is.
    pub(super) last: i64,
    /// When nothing of it is shown any more.
    pub(super) end: Time,
    /// What the file that its first packets come from says of how they are shown.
    pub(super) header: Tkhd,
    /// What decoders are told beforehand.
    pub(super) description: Codec,
    /// Parameter sets that are put before keyframes, of each file that packets come from.
    pub(super) sets: Vec<Vec<u8>>,
}

/// A packet, in ticks of its track's clock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packet {
    pub(super) dts: i64,
    pub(super) pts: i64,
    pub(super) key: bool,
    /// Of the sources.
    pub(super) source: usize,
    /// The file's bytes before it.
    pub(super) place: u64,
    pub(super) size: u32,
    /// Which of [`Timeline::sets`] is put before it.
    pub(super) sets: Option<usize>,
}

impl Timeline {
    /// Of a track whose packets all are on clocks that tick equally, and told of to decoders in the same way.
    pub(super) fn of(job: &TrackJob, sources: &[Source]) -> Outcome<Timeline> {
        let first = job
            .pieces
            .first()
            .ok_or(Left::Unusual("a track has no packets"))?;
        let (_, source) = find(first, sources)?;
        let mut timeline = Timeline {
            ticks_a_second: stored(source, first.stream)?.ticks_a_second,
            packets: Vec::new(),
            last: 0,
            end: job.offset,
            header: source.track(first.stream)?.tkhd.clone(),
            description: source.description(first.stream)?.clone(),
            sets: Vec::new(),
        };
        for piece in &job.pieces {
            timeline.add(piece, job, sources)?;
        }
        if job.in_band_parameter_sets {
            timeline.description = in_band_parameter_sets(timeline.description)?;
        }
        timeline.checked()
    }

    fn rate(&self) -> Rational {
        Rational::from_integer(i64::from(self.ticks_a_second))
    }

    /// When so many ticks have gone by.
    pub(super) fn time(&self, ticks: i64) -> Time {
        Time::from_frames(ticks, self.rate())
    }

    /// What is put before a packet.
    pub(super) fn before(&self, packet: &Packet) -> &[u8] {
        let sets = packet.sets.and_then(|sets| self.sets.get(sets));
        sets.map_or(&[], Vec::as_slice)
    }

    /// How many bytes a packet takes, with what is put before it.
    pub(super) fn bytes(&self, packet: &Packet) -> u64 {
        u64::from(packet.size) + self.before(packet).len() as u64
    }

    /// When its first packet is decoded, and when the first is shown.
    pub(super) fn begins(&self) -> Outcome<(i64, i64)> {
        let dts = self.packets.first().map(|packet| packet.dts);
        let pts = self.packets.iter().map(|packet| packet.pts).min();
        dts.zip(pts).ok_or(Left::Unusual("a track has no packets"))
    }

    /// How long all packets are.
    pub(super) fn length(&self) -> Outcome<i64> {
        let (begins, _) = self.begins()?;
        let last = self.packets.last().map_or(begins, |packet| packet.dts);
        Ok(last - begins + self.last)
    }

    /// Adds the packets of a piece.
    fn add(&mut self, piece: &Piece, job: &TrackJob, sources: &[Source]) -> Outcome<()> {
        let (number, source) = find(piece, sources)?;
        let track = stored(source, piece.stream)?;
        if track.ticks_a_second != self.ticks_a_second {
            return Err(Left::Unusual("clocks tick differently"));
        }
        let description = source.description(piece.stream)?;
        let sets = match (job.kind, job.in_band_parameter_sets) {
            (TrackKind::Video, true) => {
                self.sets.push(parameter_sets(description)?);
                Some(self.sets.len() - 1)
            }
            _ if is_like(description, &self.description) => None,
            _ => return Err(Left::Unusual("packets are described differently")),
        };
        let (range, shift) = self.placed(piece, job.offset, source, track)?;
        let Some(samples @ [first, ..]) = track.samples.get(range.clone()) else {
            return Err(Left::Unusual("a piece has no packets"));
        };
        let last = track.length(range.end - 1);
        self.last = last.ok_or(Left::Unusual("how long the last packet is cannot be told"))?;
        if sets.is_some() && first_unit(&source.file, first, LENGTH_SIZE)? == Some(DELIMITER) {
            return Err(Left::Unusual("packets begin with delimiters"));
        }
        if samples
            .iter()
            .any(|sample| sample.dropped && track.pts(sample) + shift >= 0)
        {
            return Err(Left::Unusual("packets within it are not shown"));
        }
        self.packets.extend(samples.iter().map(|sample| Packet {
            dts: sample.dts + shift,
            pts: track.pts(sample) + shift,
            key: sample.key,
            source: number,
            place: sample.place,
            size: sample.size,
            sets: sets.filter(|_| sample.key),
        }));
        Ok(())
    }

    /// Which packets of its track a piece is, and by how many ticks they are moved to follow what is there. It goes on
    /// until they end.
    fn placed(
        &mut self,
        piece: &Piece,
        offset: Time,
        source: &Source,
        track: &Track,
    ) -> Outcome<(Range<usize>, i64)> {
        let rate = self.rate();
        match &piece.extent {
            Extent::Whole => {
                self.end = self.end + self.time(track.end);
                Ok((0..track.samples.len(), offset.frames(rate)))
            }
            Extent::Cut { from, length } => {
                let shift = offset.frames(rate) - (source.movie.start() + *from).frames(rate);
                let range = within(track, shift, *from, *length);
                let end = match length {
                    Some(_) => ends(track, &range).min(track.end),
                    None => track.end,
                };
                self.end = self.time(end + shift);
                Ok((range, shift))
            }
            Extent::Segment { from, until, length } => {
                let (first, from) = match from.map(|from| from.frames(rate)) {
                    Some(from) => (first(track, from)?, from),
                    None => (0, source.movie.start().frames(rate)),
                };
                let shift = self.end.frames(rate) - from;
                self.end = self.end + *length;
                Ok((first..end(track, *until, rate), shift))
            }
        }
    }

    /// Packets must be decoded one after the other, and shown once they are.
    fn checked(self) -> Outcome<Timeline> {
        let in_order = self.packets.windows(2).all(|pair| pair[0].dts < pair[1].dts);
        let in_time = self.packets.iter().all(|packet| packet.dts <= packet.pts);
        match in_order && in_time && self.last > 0 {
            true => Ok(self),
            false => Err(Left::Unusual("packets overlap")),
        }
    }
}

/// The source that a piece is of.
fn find<'s>(piece: &Piece, sources: &'s [Source]) -> Outcome<(usize, &'s Source)> {
    let mut numbered = sources.iter().enumerate();
    let found = numbered.find(|(_, source)| source.path == piece.path);
    found.ok_or(Left::Unusual("a file is not there"))
}

fn stored(source: &Source, stream: u32) -> Outcome<&Track> {
    let track = source.movie.track(stream);
    track.ok_or(Left::Unusual("a file has fewer streams than it should"))
}

/// The packet that is shown at a time, and that decoding can begin with.
fn first(track: &Track, from: i64) -> Outcome<usize> {
    let at = |sample: &Sample| sample.key && !sample.dropped && (track.pts(sample) - from).abs() <= 1;
    let found = track.samples.iter().position(at);
    found.ok_or(Left::Unusual("no packet begins where one should"))
}

/// The packets of a sound that, moved by so many ticks, are within a stretch from zero on.
fn within(track: &Track, shift: i64, from: Time, length: Option<Time>) -> Range<usize> {
    let time = |sample: &Sample| {
        let rate = Rational::from_integer(i64::from(track.ticks_a_second));
        Time::from_frames(track.pts(sample) + shift, rate)
    };
    let first = match from.is_positive() {
        true => track.samples.partition_point(|sample| time(sample) < Time::ZERO),
        false => 0,
    };
    let behind =
        |sample: &Sample| length.is_some_and(|length| time(sample).frames(MICROS) >= length.frames(MICROS));
    let count = track.samples.iter().skip(first).position(behind);
    first..count.map_or(track.samples.len(), |count| first + count)
}

/// When the last packet of a sound ends.
fn ends(track: &Track, range: &Range<usize>) -> i64 {
    let last = range.end.saturating_sub(1);
    let begins = track.samples.get(last).map_or(0, |sample| track.pts(sample));
    begins + track.length(last).unwrap_or(0)
}

/// The number of packets up to the first that is decoded at a time or later.
fn end(track: &Track, until: Option<Time>, rate: Rational) -> usize {
    // FFmpeg is told in whole microseconds.
    let until = until.map(|until| -(-until.floor_to(MICROS)).whole_frames(rate));
    let behind = |sample: &Sample| until.is_some_and(|until| sample.dts >= until);
    let found = track.samples.iter().position(behind);
    found.unwrap_or(track.samples.len())
}
