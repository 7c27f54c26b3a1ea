//! The packets themselves: in which order they are written, and from where.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::Range;
use std::os::unix::fs::FileExt as _;

use vidc_compiler::time::Time;

use super::source::Source;
use super::timeline::{Packet, Timeline};
use super::{Left, Outcome};
use crate::cancel::Cancel;

/// Packets of a track come together for so many milliseconds, so that players need not seek between tracks.
const TOGETHER: i64 = 500;
/// How many bytes are read and written at once, at most: asking the system to copy each packet takes longer than reading
/// and writing them, for most have less than a thousand bytes.
const AT_ONCE: usize = 1 << 20;

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
            Some((timeline.time(packet.dts), track))
        };
        let Some((begins, track)) = timelines.iter().enumerate().filter_map(next).min() else {
            return chunks;
        };
        let timeline = &timelines[track];
        let rest = &timeline.packets[written[track]..];
        let count =
            rest.partition_point(|packet| timeline.time(packet.dts) < begins + Time::millis(TOGETHER));
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
    to: &File,
    sources: &[Source],
    timelines: &[Timeline],
    chunks: &[Chunk],
    cancel: &Cancel,
) -> Outcome<()> {
    let mut to = BufWriter::with_capacity(AT_ONCE, to);
    let mut run = Run::default();
    for chunk in chunks {
        if cancel.is_cancelled() {
            return Err(Left::Unusual("it is not wanted any more"));
        }
        let timeline = &timelines[chunk.track];
        for packet in &timeline.packets[chunk.packets.clone()] {
            let before = timeline.before(packet);
            if !before.is_empty() || !run.goes_on(packet) {
                run.write(&mut to, sources)?;
                to.write_all(before)?;
                run = Run::of(packet);
            } else {
                run.bytes += u64::from(packet.size);
            }
        }
    }
    run.write(&mut to, sources)?;
    Ok(to.flush()?)
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

    fn write(&self, to: &mut impl Write, sources: &[Source]) -> Outcome<()> {
        let source = sources
            .get(self.source)
            .ok_or(Left::Unusual("a packet is nowhere"))?;
        let end = self.place + self.bytes;
        for place in (self.place..end).step_by(AT_ONCE) {
            let left = usize::try_from(end - place).unwrap_or(AT_ONCE);
            let mut bytes = vec![0; left.min(AT_ONCE)];
            source.file.read_exact_at(&mut bytes, place)?;
            to.write_all(&bytes)?;
        }
        Ok(())
    }
}
