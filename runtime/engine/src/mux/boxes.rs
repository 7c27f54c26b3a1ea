//! The boxes before the packets (ISO/IEC 14496-12): what kind of file it is, and its index.

use mp4_atom::{
    Atom as _, Co64, Ctts, CttsEntry, Dinf, Dref, Edts, Elst, ElstEntry, Encode as _, FixedPoint, FourCC,
    Ftyp, Hdlr, Header, Mdat, Mdhd, Mdia, Minf, Moov, Mvhd, Smhd, Stbl, Stco, Stsc, StscEntry, Stsd, Stss,
    Stsz, StszSamples, Stts, SttsEntry, Tkhd, Trak, Url, Vmhd,
};
use vidc_compiler::plan::TrackKind;
use vidc_compiler::time::{Rational, Time};

use super::data::Chunk;
use super::job::{Job, TrackJob};
use super::timeline::Timeline;
use super::{Left, Outcome};

/// All that comes before the packets.
pub(super) fn head(job: &Job, timelines: &[Timeline], chunks: &[Chunk]) -> Outcome<Vec<u8>> {
    let kind = Ftyp {
        major_brand: FourCC::new(b"isom"),
        minor_version: 0x200,
        compatible_brands: [b"isom", b"iso2", b"avc1", b"mp41"].map(FourCC::new).to_vec(),
    };
    let bytes: u64 = chunks.iter().map(|chunk| chunk.bytes).sum();
    let data = Header {
        kind: Mdat::KIND,
        size: usize::try_from(bytes).ok(),
    };
    let index = Index {
        job,
        timelines,
        chunks,
    };
    let written = |begins: u64| -> Outcome<Vec<u8>> {
        let mut head = Vec::new();
        kind.encode(&mut head)?;
        index.movie(begins, bytes)?.encode(&mut head)?;
        data.encode(&mut head)?;
        Ok(head)
    };
    // An index is as long wherever the packets are.
    let begins = written(0)?.len() as u64;
    written(begins)
}

/// Where the packets of a track are.
struct Places {
    /// Where each chunk begins in the file.
    chunks: Vec<u64>,
    /// How many packets each chunk has.
    counts: Vec<u32>,
    /// Whether places take 64 bits.
    far: bool,
}

struct Index<'a> {
    job: &'a Job,
    timelines: &'a [Timeline],
    chunks: &'a [Chunk],
}

impl Index<'_> {
    /// The index of packets that begin at a place in the file.
    fn movie(&self, begins: u64, bytes: u64) -> Outcome<Moov> {
        // With room for the index.
        let far = bytes > u64::from(u32::MAX / 2);
        let empty = || Places {
            chunks: Vec::new(),
            counts: Vec::new(),
            far,
        };
        let mut places: Vec<Places> = self.timelines.iter().map(|_| empty()).collect();
        let mut place = begins;
        for chunk in self.chunks {
            places[chunk.track].chunks.push(place);
            places[chunk.track].counts.push(chunk.packets.len() as u32);
            place += chunk.bytes;
        }
        let mut tracks = Vec::new();
        let jobs = self.job.tracks.iter().zip(self.timelines).zip(places);
        for (((job, timeline), places), number) in jobs.zip(1..) {
            tracks.push(track(self.job.clock, (number, job), timeline, places)?);
        }
        let longest = tracks.iter().map(|track| track.tkhd.duration).max();
        Ok(Moov {
            mvhd: Mvhd {
                timescale: self.job.clock,
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

fn track(clock: u32, (number, job): (u32, &TrackJob), timeline: &Timeline, places: Places) -> Outcome<Trak> {
    let edits = edits(clock, timeline)?;
    let (handler, name, vmhd, smhd) = match job.kind {
        TrackKind::Video => (b"vide", "VideoHandler", Some(Vmhd::default()), None),
        TrackKind::Audio => (b"soun", "SoundHandler", None, Some(Smhd::default())),
        TrackKind::Subtitle => return Err(Left::Unusual("it copies text")),
    };
    Ok(Trak {
        tkhd: Tkhd {
            creation_time: 0,
            modification_time: 0,
            track_id: number,
            duration: edits.entries.iter().map(|edit| edit.segment_duration).sum(),
            enabled: true,
            in_movie: true,
            ..timeline.header.clone()
        },
        edts: Some(Edts { elst: Some(edits) }),
        mdia: Mdia {
            mdhd: Mdhd {
                timescale: timeline.ticks_a_second,
                duration: timeline.length()?.cast_unsigned(),
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
                stbl: table(job, timeline, places)?,
                ..Minf::default()
            },
        },
        ..Trak::default()
    })
}

/// Which part of the packets is shown, and when (8.6.6): from zero on, or from when the first is shown on, if that is later.
fn edits(clock: u32, timeline: &Timeline) -> Outcome<Elst> {
    let (dts, pts) = timeline.begins()?;
    let to_ticks =
        |time: Time| u64::try_from(time.frames(Rational::from_integer(i64::from(clock)))).unwrap_or(0);
    let late = timeline.time(pts.max(0));
    let from = if pts > 0 { pts - dts } else { -dts };
    let edit = |length: Time, from: Option<u64>| ElstEntry {
        segment_duration: to_ticks(length),
        media_time: from,
        media_rate: FixedPoint::new(1, 0),
    };
    let mut entries = Vec::new();
    if to_ticks(late) > 0 {
        entries.push(edit(late, None));
    }
    entries.push(edit(timeline.end - late, u64::try_from(from).ok()));
    Ok(Elst { entries })
}

/// When each packet is decoded and shown, how large it is and where (8.6 and 8.7).
fn table(job: &TrackJob, timeline: &Timeline, places: Places) -> Outcome<Stbl> {
    let packets = &timeline.packets;
    let steps = packets.windows(2).map(|pair| pair[1].dts - pair[0].dts);
    let steps = steps.chain([timeline.last]);
    let delays = packets.iter().map(|packet| packet.pts - packet.dts);
    let sizes = packets.iter().map(|packet| timeline.bytes(packet));
    let too_large = |_| Left::Unusual("a number is too large for an index");
    let steps = steps.map(|step| u32::try_from(step).map_err(too_large));
    let steps = steps.collect::<Outcome<Vec<u32>>>()?;
    let sizes = sizes.map(|size| u32::try_from(size).map_err(too_large));
    let keys = packets.iter().zip(1..).filter(|(packet, _)| packet.key);
    let all_keys = packets.iter().all(|packet| packet.key);
    let at_once = packets.iter().all(|packet| packet.pts == packet.dts);
    let near = |place: &u64| u32::try_from(*place).map_err(too_large);
    Ok(Stbl {
        stsd: Stsd {
            codecs: vec![timeline.description.clone()],
        },
        stts: Stts {
            entries: counted(steps)
                .map(|(sample_count, sample_delta)| SttsEntry {
                    sample_count,
                    sample_delta,
                })
                .collect(),
        },
        ctts: (job.kind == TrackKind::Video && !at_once).then(|| Ctts {
            entries: counted(delays)
                .map(|(sample_count, sample_offset)| CttsEntry {
                    sample_count,
                    sample_offset,
                })
                .collect(),
        }),
        stss: (!all_keys).then(|| Stss {
            entries: keys.map(|(_, number)| number).collect(),
        }),
        stsc: Stsc {
            entries: changes(&places.counts),
        },
        stsz: Stsz {
            samples: StszSamples::Different {
                sizes: sizes.collect::<Outcome<_>>()?,
            },
        },
        stco: match places.far {
            true => None,
            false => Some(Stco {
                entries: places.chunks.iter().map(near).collect::<Outcome<_>>()?,
            }),
        },
        co64: places.far.then_some(Co64 {
            entries: places.chunks,
        }),
        ..Stbl::default()
    })
}

/// How often each value comes in a row.
fn counted<T: PartialEq>(values: impl IntoIterator<Item = T>) -> impl Iterator<Item = (u32, T)> {
    let mut runs: Vec<(u32, T)> = Vec::new();
    for value in values {
        match runs.last_mut() {
            Some((count, last)) if *last == value => *count += 1,
            _ => runs.push((1, value)),
        }
    }
    runs.into_iter()
}

/// From which chunk on there are how many packets in each (8.7.4).
fn changes(counts: &[u32]) -> Vec<StscEntry> {
    let mut entries: Vec<StscEntry> = Vec::new();
    for (samples, chunk) in counts.iter().zip(1..) {
        if entries
            .last()
            .is_none_or(|last| last.samples_per_chunk != *samples)
        {
            entries.push(StscEntry {
                first_chunk: chunk,
                samples_per_chunk: *samples,
                sample_description_index: 1,
            });
        }
    }
    entries
}
