//! The packets themselves: in which order they are written, and from where.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::ops::Range;

use vidc_compiler::time::Time;

use super::source::Source;
use super::timeline::{Packet, Timeline};
use super::{Left, Outcome};
use crate::cancel::Cancel;

/// Packets of a track come together for so many milliseconds, so that players need not seek between tracks.
const TOGETHER: i64 = 500;

/// Packets of one track that are written one behind the other.
pub(super) struct Chunk {
    /// The number of its track.
    pub(super) track: usize,
    pub(super) packets: Range<usize>,
    pub(super) bytes: u64,
}

/// All packets, in the order of decoding as far as [`TOGETHER`] lets them be.
pub(super) fn chunks(timelines: &[Timeline]) -> Vec<Chunk> {
    let mut written = vec![0; timelines.len()];
    let mut chunks = Vec::new();
    loop {
        let next = |(track, timeline): (usize, &Timeline)| {
            let packet: &Packet = timeline.packets.get(written[track])?;
            Some((timeline.time(packet.decoded), track))
        };
        let Some((begins, track)) = timelines.iter().enumerate().filter_map(next).min() else {
            return chunks;
        };
        let timeline = &timelines[track];
        let rest = &timeline.packets[written[track]..];
        let count =
            rest.partition_point(|packet| timeline.time(packet.decoded) < begins + Time::millis(TOGETHER));
        let packets = written[track]..written[track] + count.max(1);
        written[track] = packets.end;
        chunks.push(Chunk {
            track,
            bytes: timeline.packets[packets.clone()]
                .iter()
                .map(|packet| timeline.bytes(packet))
                .sum(),
            packets,
        });
    }
}

/// Writes the packets, those that follow each other in their file in one go.
pub(super) fn copy(
    mut to: &File,
    sources: &[Source],
    timelines: &[Timeline],
    chunks: &[Chunk],
    cancel: &Cancel,
) -> Outcome<()> {
    let mut run = Run::default();
    for chunk in chunks {
        if cancel.is_cancelled() {
            return Err(Left::Unusual("it is not wanted any more"));
        }
        let timeline = &timelines[chunk.track];
        for packet in &timeline.packets[chunk.packets.clone()] {
            let before = timeline.before(packet);
            if !before.is_empty() || !run.goes_on(packet) {
                run.write(to, sources)?;
                to.write_all(before)?;
                run = Run::of(packet);
            } else {
                run.bytes += u64::from(packet.size);
            }
        }
    }
    run.write(to, sources)
}

/// Bytes of a file that packets lie in one behind the other.
#[derive(Default)]
struct Run {
    source: usize,
    place: u64,
    bytes: u64,
}

impl Run {
    fn of(packet: &Packet) -> Run {
        Run {
            source: packet.source,
            place: packet.place,
            bytes: u64::from(packet.size),
        }
    }

    fn goes_on(&self, packet: &Packet) -> bool {
        packet.source == self.source && packet.place == self.place + self.bytes
    }

    fn write(&self, mut to: &File, sources: &[Source]) -> Outcome<()> {
        let Some(source) = sources.get(self.source).filter(|_| self.bytes > 0) else {
            return Ok(());
        };
        let mut from = &source.file;
        from.seek(SeekFrom::Start(self.place))?;
        match io::copy(&mut from.take(self.bytes), &mut to)? == self.bytes {
            true => Ok(()),
            false => Err(Left::Unusual("a file is shorter than it was")),
        }
    }
}
