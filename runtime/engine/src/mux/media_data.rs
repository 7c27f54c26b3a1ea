//! The media data of the output: the order of its packets, and copying them.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::Range;
use std::os::unix::fs::FileExt as _;

use vidc_compiler::time::Time;

use super::error::{MuxError, Result};
use super::source_file::SourceFile;
use super::timeline::{Packet, Timeline};
use crate::cancel::Cancel;

/// The duration of a chunk in milliseconds. Tracks are interleaved by chunks, so that players need not seek between them.
const CHUNK_MILLIS: i64 = 500;
/// How many bytes are read or written at once. Copying each packet with a system call takes longer than reading and writing
/// larger pieces, because most packets have less than a thousand bytes.
const BUFFER_BYTES: usize = 1 << 20;

/// Consecutive packets of one track.
pub(super) struct Chunk {
    /// The index of the track.
    pub(super) track: usize,
    pub(super) packets: Range<usize>,
    pub(super) bytes: u64,
}

/// Divides all packets into chunks, ordered by the DTS of their first packets.
pub(super) fn interleave(timelines: &[Timeline]) -> Vec<Chunk> {
    let mut next_packets = vec![0; timelines.len()];
    let mut chunks = Vec::new();
    loop {
        let next = |(track, timeline): (usize, &Timeline)| {
            let packet: &Packet = timeline.packets.get(next_packets[track])?;
            Some((timeline.time(packet.dts), track))
        };
        let Some((start, track)) = timelines.iter().enumerate().filter_map(next).min() else {
            return chunks;
        };
        let timeline = &timelines[track];
        let rest = &timeline.packets[next_packets[track]..];
        let end = start + Time::millis(CHUNK_MILLIS);
        let count = rest.partition_point(|packet| timeline.time(packet.dts) < end);
        let packets = next_packets[track]..next_packets[track] + count.max(1);
        next_packets[track] = packets.end;
        chunks.push(Chunk {
            track,
            bytes: timeline.packets[packets.clone()]
                .iter()
                .map(|packet| timeline.packet_bytes(packet))
                .sum(),
            packets,
        });
    }
}

/// Copies all packets, and those that are adjacent in their file in one go.
pub(super) fn copy_packets(
    output: &File,
    sources: &[SourceFile],
    timelines: &[Timeline],
    chunks: &[Chunk],
    cancel: &Cancel,
) -> Result<()> {
    let mut output = BufWriter::with_capacity(BUFFER_BYTES, output);
    let mut pending = ByteRange::default();
    for chunk in chunks {
        if cancel.is_cancelled() {
            return Err(MuxError::Unsupported("it was canceled"));
        }
        let timeline = &timelines[chunk.track];
        for packet in &timeline.packets[chunk.packets.clone()] {
            let prefix = timeline.prefix(packet);
            if !prefix.is_empty() || !pending.is_followed_by(packet) {
                pending.copy(&mut output, sources)?;
                output.write_all(prefix)?;
                pending = ByteRange::from_packet(packet);
            } else {
                pending.bytes += u64::from(packet.size);
            }
        }
    }
    pending.copy(&mut output, sources)?;
    Ok(output.flush()?)
}

/// A range of bytes of a source file.
#[derive(Default)]
struct ByteRange {
    source: usize,
    offset: u64,
    bytes: u64,
}

impl ByteRange {
    fn from_packet(packet: &Packet) -> ByteRange {
        ByteRange {
            source: packet.source,
            offset: packet.file_offset,
            bytes: u64::from(packet.size),
        }
    }

    fn is_followed_by(&self, packet: &Packet) -> bool {
        packet.source == self.source && packet.file_offset == self.offset + self.bytes
    }

    fn copy(&self, output: &mut impl Write, sources: &[SourceFile]) -> Result<()> {
        let source = sources
            .get(self.source)
            .ok_or(MuxError::Unsupported("a packet has no source file"))?;
        let end = self.offset + self.bytes;
        for offset in (self.offset..end).step_by(BUFFER_BYTES) {
            let remaining = usize::try_from(end - offset).unwrap_or(BUFFER_BYTES);
            let mut bytes = vec![0; remaining.min(BUFFER_BYTES)];
            source.file.read_exact_at(&mut bytes, offset)?;
            output.write_all(&bytes)?;
        }
        Ok(())
    }
}
