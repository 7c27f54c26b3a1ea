//! Encodes all that precedes the media data (ISO/IEC 14496-12): `ftyp`, `moov` and the header of `mdat`.

use mp4_atom::{
    Atom as _, Co64, Ctts, CttsEntry, Dinf, Dref, Edts, Elst, ElstEntry, Encode as _, FixedPoint, FourCC,
    Ftyp, Hdlr, Header, Mdat, Mdhd, Mdia, Minf, Moov, Mvhd, Smhd, Stbl, Stco, Stsc, StscEntry, Stsd, Stss,
    Stsz, StszSamples, Stts, SttsEntry, Tkhd, Trak, Url, Vmhd,
};
use vidc_compiler::plan::TrackKind;
use vidc_compiler::time::{Rational, Time};

use super::error::{MuxError, Result};
use super::job::{MuxJob, TrackJob};
use super::media_data::Chunk;
use super::timeline::Timeline;

/// Encodes the part of the file that precedes the packets.
pub(super) fn encode(job: &MuxJob, timelines: &[Timeline], chunks: &[Chunk]) -> Result<Vec<u8>> {
    let file_type = Ftyp {
        major_brand: FourCC::new(b"isom"),
        minor_version: 0x200,
        compatible_brands: [b"isom", b"iso2", b"avc1", b"mp41"].map(FourCC::new).to_vec(),
    };
    let bytes: u64 = chunks.iter().map(|chunk| chunk.bytes).sum();
    let media_data = Header {
        kind: Mdat::KIND,
        size: usize::try_from(bytes).ok(),
    };
    let builder = MovieBuilder {
        job,
        timelines,
        chunks,
    };
    let encode = |data_offset: u64| -> Result<Vec<u8>> {
        let mut header = Vec::new();
        file_type.encode(&mut header)?;
        builder.movie(data_offset, bytes)?.encode(&mut header)?;
        media_data.encode(&mut header)?;
        Ok(header)
    };
    // The size of the movie box does not depend on the offset of the packets.
    let data_offset = encode(0)?.len() as u64;
    encode(data_offset)
}

/// The chunks of a track.
struct ChunkTable {
    /// Offset of each chunk in the file.
    offsets: Vec<u64>,
    /// The number of packets of each chunk.
    packet_counts: Vec<u32>,
    /// Whether offsets take 64 bits.
    needs_64_bits: bool,
}

struct MovieBuilder<'a> {
    job: &'a MuxJob,
    timelines: &'a [Timeline],
    chunks: &'a [Chunk],
}

impl MovieBuilder<'_> {
    /// Builds the movie box of packets that begin at an offset in the file.
    fn movie(&self, data_offset: u64, bytes: u64) -> Result<Moov> {
        // Leaves room for the movie box.
        let needs_64_bits = bytes > u64::from(u32::MAX / 2);
        let empty = || ChunkTable {
            offsets: Vec::new(),
            packet_counts: Vec::new(),
            needs_64_bits,
        };
        let mut chunk_tables: Vec<ChunkTable> = self.timelines.iter().map(|_| empty()).collect();
        let mut offset = data_offset;
        for chunk in self.chunks {
            chunk_tables[chunk.track].offsets.push(offset);
            chunk_tables[chunk.track]
                .packet_counts
                .push(chunk.packets.len() as u32);
            offset += chunk.bytes;
        }
        let mut tracks = Vec::new();
        let parts = self.job.tracks.iter().zip(self.timelines).zip(chunk_tables);
        for (((job, timeline), chunks), id) in parts.zip(1..) {
            tracks.push(build_track(self.job.timescale, (id, job), timeline, chunks)?);
        }
        let longest = tracks.iter().map(|track| track.tkhd.duration).max();
        Ok(Moov {
            mvhd: Mvhd {
                timescale: self.job.timescale,
                duration: longest.unwrap_or(0),
                rate: FixedPoint::new(1, 0),
                volume: FixedPoint::new(1, 0),
                next_track_id: tracks.len() as u32 + 1,
                ..Mvhd::default()
            },
            trak: tracks,
            ..Moov::default()
        })
    }
}

fn build_track(
    movie_timescale: u32,
    (track_id, job): (u32, &TrackJob),
    timeline: &Timeline,
    chunks: ChunkTable,
) -> Result<Trak> {
    let edit_list = build_edit_list(movie_timescale, timeline)?;
    let (handler, name, vmhd, smhd) = match job.kind {
        TrackKind::Video => (b"vide", "VideoHandler", Some(Vmhd::default()), None),
        TrackKind::Audio => (b"soun", "SoundHandler", None, Some(Smhd::default())),
        TrackKind::Subtitle => return Err(MuxError::Unsupported("it copies subtitles")),
    };
    Ok(Trak {
        tkhd: Tkhd {
            creation_time: 0,
            modification_time: 0,
            track_id,
            duration: edit_list.entries.iter().map(|edit| edit.segment_duration).sum(),
            enabled: true,
            in_movie: true,
            ..timeline.header.clone()
        },
        edts: Some(Edts {
            elst: Some(edit_list),
        }),
        mdia: Mdia {
            mdhd: Mdhd {
                timescale: timeline.timescale,
                duration: timeline.duration()?.cast_unsigned(),
                language: job.language.clone().unwrap_or_else(|| "und".to_owned()),
                ..Mdhd::default()
            },
            hdlr: Hdlr {
                handler: FourCC::new(handler),
                name: name.to_owned(),
            },
            minf: Minf {
                vmhd,
                smhd,
                // The packets are in the same file.
                dinf: Dinf {
                    dref: Dref {
                        entries: vec![Url::default().into()],
                    },
                },
                stbl: build_sample_table(job, timeline, chunks)?,
                ..Minf::default()
            },
        },
        ..Trak::default()
    })
}

/// Builds the edit list (8.6.6). Presentation begins at zero, or after an empty edit if the first PTS is positive.
fn build_edit_list(movie_timescale: u32, timeline: &Timeline) -> Result<Elst> {
    let (first_dts, first_pts) = timeline.first_times()?;
    let to_ticks = |time: Time| {
        u64::try_from(time.frames(Rational::from_integer(i64::from(movie_timescale)))).unwrap_or(0)
    };
    let delay = timeline.time(first_pts.max(0));
    let media_time = if first_pts > 0 {
        first_pts - first_dts
    } else {
        -first_dts
    };
    let edit = |duration: Time, media_time: Option<u64>| ElstEntry {
        segment_duration: to_ticks(duration),
        media_time,
        media_rate: FixedPoint::new(1, 0),
    };
    let mut entries = Vec::new();
    if to_ticks(delay) > 0 {
        entries.push(edit(delay, None));
    }
    entries.push(edit(timeline.end - delay, u64::try_from(media_time).ok()));
    Ok(Elst { entries })
}

/// Builds the sample table: DTS, PTS, size and location of each packet (8.6 and 8.7).
fn build_sample_table(job: &TrackJob, timeline: &Timeline, chunks: ChunkTable) -> Result<Stbl> {
    let packets = &timeline.packets;
    let durations = packets.windows(2).map(|pair| pair[1].dts - pair[0].dts);
    let durations = durations.chain([timeline.last_duration]);
    let composition_offsets = packets.iter().map(|packet| packet.pts - packet.dts);
    let sizes = packets.iter().map(|packet| timeline.packet_bytes(packet));
    let too_large = |_| MuxError::Unsupported("a number does not fit into 32 bits");
    let durations = durations.map(|duration| u32::try_from(duration).map_err(too_large));
    let durations = durations.collect::<Result<Vec<u32>>>()?;
    let sizes = sizes.map(|size| u32::try_from(size).map_err(too_large));
    let keyframes = packets.iter().zip(1..).filter(|(packet, _)| packet.is_keyframe);
    let has_only_keyframes = packets.iter().all(|packet| packet.is_keyframe);
    let is_in_order = packets.iter().all(|packet| packet.pts == packet.dts);
    let to_32_bits = |offset: &u64| u32::try_from(*offset).map_err(too_large);
    Ok(Stbl {
        stsd: Stsd {
            codecs: vec![timeline.codec.clone()],
        },
        stts: Stts {
            entries: run_lengths(durations)
                .map(|(sample_count, sample_delta)| SttsEntry {
                    sample_count,
                    sample_delta,
                })
                .collect(),
        },
        ctts: (job.kind == TrackKind::Video && !is_in_order).then(|| Ctts {
            entries: run_lengths(composition_offsets)
                .map(|(sample_count, sample_offset)| CttsEntry {
                    sample_count,
                    sample_offset,
                })
                .collect(),
        }),
        stss: (!has_only_keyframes).then(|| Stss {
            entries: keyframes.map(|(_, number)| number).collect(),
        }),
        stsc: Stsc {
            entries: sample_to_chunk(&chunks.packet_counts),
        },
        stsz: Stsz {
            samples: StszSamples::Different {
                sizes: sizes.collect::<Result<_>>()?,
            },
        },
        stco: match chunks.needs_64_bits {
            true => None,
            false => Some(Stco {
                entries: chunks.offsets.iter().map(to_32_bits).collect::<Result<_>>()?,
            }),
        },
        co64: chunks.needs_64_bits.then_some(Co64 {
            entries: chunks.offsets,
        }),
        ..Stbl::default()
    })
}

/// Run-length encodes values.
fn run_lengths<T: PartialEq>(values: impl IntoIterator<Item = T>) -> impl Iterator<Item = (u32, T)> {
    let mut runs: Vec<(u32, T)> = Vec::new();
    for value in values {
        match runs.last_mut() {
            Some((count, last)) if *last == value => *count += 1,
            _ => runs.push((1, value)),
        }
    }
    runs.into_iter()
}

/// Builds the entries of `stsc` (8.7.4): one for each chunk whose number of packets differs from the previous one's.
fn sample_to_chunk(packet_counts: &[u32]) -> Vec<StscEntry> {
    let mut entries: Vec<StscEntry> = Vec::new();
    for (count, chunk) in packet_counts.iter().zip(1..) {
        if entries.last().is_none_or(|last| last.samples_per_chunk != *count) {
            entries.push(StscEntry {
                first_chunk: chunk,
                samples_per_chunk: *count,
                sample_description_index: 1,
            });
        }
    }
    entries
}
