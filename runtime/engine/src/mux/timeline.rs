//! Puts the packets of an output track, which may come from several files, on one timeline.

use std::ops::Range;

use mp4_atom::{Codec, Tkhd};
use vidc_compiler::plan::TrackKind;
use vidc_compiler::time::{Rational, Time};

use super::codec::{LENGTH_SIZE, is_compatible, parameter_sets, with_in_band_parameter_sets};
use super::error::{MuxError, Result};
use super::job::{PacketRange, TrackJob, TrackSegment};
use super::source_file::SourceFile;
use crate::probe::mp4::{Sample, Track, first_nal_unit_type};

const MICROS_PER_SECOND: Rational = Rational::new_raw(1_000_000, 1);
/// `nal_unit_type` of an access unit delimiter (ITU-T H.264, table 7-1), which has to precede parameter sets.
const ACCESS_UNIT_DELIMITER: u8 = 9;

/// The packets of an output track, in decoding order.
pub(super) struct Timeline {
    /// Ticks per second.
    pub(super) timescale: u32,
    pub(super) packets: Vec<Packet>,
    /// The duration of the last packet, in ticks.
    pub(super) last_duration: i64,
    /// When presentation of the track ends.
    pub(super) end: Time,
    /// The track header of the first source file.
    pub(super) header: Tkhd,
    pub(super) codec: Codec,
    /// Parameter sets to insert before keyframes, one entry for each segment.
    parameter_sets: Vec<Vec<u8>>,
}

/// A packet, in ticks of its track.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packet {
    pub(super) dts: i64,
    pub(super) pts: i64,
    pub(super) is_keyframe: bool,
    /// The index of its source file.
    pub(super) source: usize,
    /// Offset of its first byte in the source file.
    pub(super) file_offset: u64,
    pub(super) size: u32,
    /// The index of the parameter sets to insert before it.
    parameter_sets: Option<usize>,
}

impl Timeline {
    /// Builds the timeline of a track whose segments have the same timescale and compatible codecs.
    pub(super) fn build(job: &TrackJob, sources: &[SourceFile]) -> Result<Timeline> {
        let first = job
            .segments
            .first()
            .ok_or(MuxError::Unsupported("a track has no segments"))?;
        let (_, source) = find_source(first, sources)?;
        let track = source.track(first.stream)?;
        let mut timeline = Timeline {
            timescale: track.timescale,
            packets: Vec::new(),
            last_duration: 0,
            end: job.offset,
            header: track.header.clone(),
            codec: track.codec()?,
            parameter_sets: Vec::new(),
        };
        for segment in &job.segments {
            timeline.append(segment, job, sources)?;
        }
        if job.in_band_parameter_sets {
            timeline.codec = with_in_band_parameter_sets(timeline.codec)?;
        }
        timeline.check_order()
    }

    fn rate(&self) -> Rational {
        Rational::from_integer(i64::from(self.timescale))
    }

    /// Converts ticks to time.
    pub(super) fn time(&self, ticks: i64) -> Time {
        Time::from_frames(ticks, self.rate())
    }

    /// The bytes to insert before a packet.
    pub(super) fn prefix(&self, packet: &Packet) -> &[u8] {
        let sets = packet
            .parameter_sets
            .and_then(|index| self.parameter_sets.get(index));
        sets.map_or(&[], Vec::as_slice)
    }

    /// The size of a packet in the output, with its prefix.
    pub(super) fn packet_bytes(&self, packet: &Packet) -> u64 {
        u64::from(packet.size) + self.prefix(packet).len() as u64
    }

    /// The first DTS, and the earliest PTS.
    pub(super) fn first_times(&self) -> Result<(i64, i64)> {
        let dts = self.packets.first().map(|packet| packet.dts);
        let pts = self.packets.iter().map(|packet| packet.pts).min();
        dts.zip(pts)
            .ok_or(MuxError::Unsupported("a track has no packets"))
    }

    /// The duration of all packets, in ticks.
    pub(super) fn duration(&self) -> Result<i64> {
        let (first_dts, _) = self.first_times()?;
        let last_dts = self.packets.last().map_or(first_dts, |packet| packet.dts);
        Ok(last_dts - first_dts + self.last_duration)
    }

    /// Appends the packets of a segment.
    fn append(&mut self, segment: &TrackSegment, job: &TrackJob, sources: &[SourceFile]) -> Result<()> {
        let (source_index, source) = find_source(segment, sources)?;
        let track = source.track(segment.stream)?;
        if track.timescale != self.timescale {
            return Err(MuxError::Unsupported("segments have different timescales"));
        }
        let codec = track.codec()?;
        let sets = match (job.kind, job.in_band_parameter_sets) {
            (TrackKind::Video, true) => {
                self.parameter_sets.push(parameter_sets(&codec)?);
                Some(self.parameter_sets.len() - 1)
            }
            _ if is_compatible(&codec, &self.codec) => None,
            _ => {
                return Err(MuxError::Unsupported(
                    "segments have different decoder configurations",
                ));
            }
        };
        let (range, shift) = self.place(segment, job.offset, source, track)?;
        let Some(samples @ [first, ..]) = track.samples.get(range.clone()) else {
            return Err(MuxError::Unsupported("a segment has no packets"));
        };
        let last_duration = track.sample_duration(range.end - 1);
        self.last_duration = last_duration.ok_or(MuxError::Unsupported(
            "the duration of the last packet is unknown",
        ))?;
        if sets.is_some()
            && first_nal_unit_type(&source.file, first, LENGTH_SIZE)? == Some(ACCESS_UNIT_DELIMITER)
        {
            return Err(MuxError::Unsupported("packets begin with access unit delimiters"));
        }
        if samples
            .iter()
            .any(|sample| sample.is_discarded && track.pts(sample) + shift >= 0)
        {
            return Err(MuxError::Unsupported(
                "the edit list of a file trims packets within the segment",
            ));
        }
        self.packets.extend(samples.iter().map(|sample| Packet {
            dts: sample.dts + shift,
            pts: track.pts(sample) + shift,
            is_keyframe: sample.is_keyframe,
            source: source_index,
            file_offset: sample.file_offset,
            size: sample.size,
            parameter_sets: sets.filter(|_| sample.is_keyframe),
        }));
        Ok(())
    }

    /// Determines which packets of its track a segment consists of, and by how many ticks they are shifted to follow those
    /// before it. Extends the timeline to their end.
    fn place(
        &mut self,
        segment: &TrackSegment,
        offset: Time,
        source: &SourceFile,
        track: &Track,
    ) -> Result<(Range<usize>, i64)> {
        let rate = self.rate();
        match &segment.range {
            PacketRange::Whole => {
                self.end = self.end + self.time(track.end);
                Ok((0..track.samples.len(), offset.frames(rate)))
            }
            PacketRange::Cut { start, duration } => {
                let shift = offset.frames(rate) - (source.movie.start() + *start).frames(rate);
                let range = packets_in_window(track, shift, *start, *duration);
                let end = match duration {
                    Some(_) => range_end(track, &range).min(track.end),
                    None => track.end,
                };
                self.end = self.time(end + shift);
                Ok((range, shift))
            }
            PacketRange::Segment {
                first_pts,
                end_dts,
                duration,
            } => {
                let (first, start) = match first_pts.map(|pts| pts.frames(rate)) {
                    Some(pts) => (find_keyframe(track, pts)?, pts),
                    None => (0, source.movie.start().frames(rate)),
                };
                let shift = self.end.frames(rate) - start;
                self.end = self.end + *duration;
                Ok((first..find_end(track, *end_dts, rate), shift))
            }
        }
    }

    /// Checks that DTS increase and that no packet is presented before it is decoded.
    fn check_order(self) -> Result<Timeline> {
        let is_increasing = self.packets.windows(2).all(|pair| pair[0].dts < pair[1].dts);
        let is_causal = self.packets.iter().all(|packet| packet.dts <= packet.pts);
        match is_increasing && is_causal && self.last_duration > 0 {
            true => Ok(self),
            false => Err(MuxError::Unsupported("timestamps of segments overlap")),
        }
    }
}

/// The source file of a segment, and its index.
fn find_source<'s>(segment: &TrackSegment, sources: &'s [SourceFile]) -> Result<(usize, &'s SourceFile)> {
    let mut numbered = sources.iter().enumerate();
    let found = numbered.find(|(_, source)| source.path == segment.path);
    found.ok_or(MuxError::Unsupported("a segment has no source file"))
}

/// The keyframe with a PTS, with a tolerance of one tick.
fn find_keyframe(track: &Track, pts: i64) -> Result<usize> {
    let is_found =
        |sample: &Sample| sample.is_keyframe && !sample.is_discarded && (track.pts(sample) - pts).abs() <= 1;
    let found = track.samples.iter().position(is_found);
    found.ok_or(MuxError::Unsupported("a segment does not begin with a keyframe"))
}

/// The audio packets that, shifted by some ticks, begin in the window from zero to `duration`. A cut at the beginning of the
/// file keeps earlier packets.
fn packets_in_window(track: &Track, shift: i64, start: Time, duration: Option<Time>) -> Range<usize> {
    let time = |sample: &Sample| {
        let rate = Rational::from_integer(i64::from(track.timescale));
        Time::from_frames(track.pts(sample) + shift, rate)
    };
    let first = match start.is_positive() {
        true => track.samples.partition_point(|sample| time(sample) < Time::ZERO),
        false => 0,
    };
    let is_after = |sample: &Sample| {
        duration.is_some_and(|duration| {
            time(sample).frames(MICROS_PER_SECOND) >= duration.frames(MICROS_PER_SECOND)
        })
    };
    let count = track.samples.iter().skip(first).position(is_after);
    first..count.map_or(track.samples.len(), |count| first + count)
}

/// When the last audio packet of a range ends.
fn range_end(track: &Track, range: &Range<usize>) -> i64 {
    let last = range.end.saturating_sub(1);
    let pts = track.samples.get(last).map_or(0, |sample| track.pts(sample));
    pts + track.sample_duration(last).unwrap_or(0)
}

/// The number of packets before the first with a DTS of `end_dts` or later.
fn find_end(track: &Track, end_dts: Option<Time>, rate: Rational) -> usize {
    // FFmpeg gets this time in whole microseconds.
    let end_dts = end_dts.map(|end| -(-end.floor_to(MICROS_PER_SECOND)).whole_frames(rate));
    let is_after = |sample: &Sample| end_dts.is_some_and(|end| sample.dts >= end);
    let found = track.samples.iter().position(is_after);
    found.unwrap_or(track.samples.len())
}
