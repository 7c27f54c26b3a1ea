//! The boxes of a file (ISO/IEC 14496-12, 4.3, 8.1 and 8.2): only its index is read.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::bytes::{Atoms, Bytes, Declined, Read, wanted};
use super::media::ticks;
use super::track::{Surroundings, Track, turns};

/// The largest index that is read, in bytes.
const LARGEST_INDEX: u64 = 64 << 20;
/// How many samples all tracks may have together: as many as fit into 64 MiB.
const MOST_SAMPLES: usize = 2 << 20;
/// How many boxes a file may consist of.
const MOST_BOXES: usize = 1024;
/// How many tracks it may have.
const MOST_TRACKS: usize = 64;

/// What kind of files ffprobe may take for one picture, or not for a movie at all; or they are encrypted.
const UNUSUAL_BRANDS: &[&[u8; 4]] = &[
    b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"mif2", b"msf1",
    b"miaf", b"jp2 ", b"jpx ", b"jpm ", b"jxl ", b"mjp2", b"mj2s", b"crx ", b"aax ", b"aaxc",
];

/// A file's index, read.
#[derive(Debug)]
pub(super) struct Contents {
    /// What kind of file it says to be.
    pub(super) brand: String,
    pub(super) ticks_a_second: u32,
    /// As its header says, in ticks of its own.
    pub(super) duration: i64,
    /// Whether it says more than which program wrote it: when it was made, a title, chapters.
    pub(super) tagged: bool,
    /// Each by itself, or why it is left to ffprobe.
    pub(super) tracks: Vec<Read<Track>>,
}

/// The boxes of a file that are read.
pub(super) struct Boxes {
    brand: String,
    /// The body of its index.
    pub(super) index: Vec<u8>,
    /// The length of the file in bytes.
    length: u64,
}

/// Reads the index of a file.
pub(super) fn read(path: &Path) -> Read<Contents> {
    let boxes = boxes(path)?;
    movie(boxes.brand, &boxes.index, boxes.length)
}

/// The boxes of a file that consists of a head, an index and data, and nothing else that matters.
pub(super) fn boxes(path: &Path) -> Read<Boxes> {
    let io = |_| Declined("it cannot be read");
    let mut file = File::open(path).map_err(io)?;
    let length = file.metadata().map_err(io)?.len();
    let (mut brand, mut data) = (None, false);
    let mut index: Option<Vec<u8>> = None;
    let mut place = 0;
    for _ in 0..MOST_BOXES {
        if place == length {
            let (brand, index) = (wanted(brand)?, wanted(index)?);
            return match data {
                true => Ok(Boxes { brand, index, length }),
                false => Err(Declined("there are no data")),
            };
        }
        let mut head = [0; 16];
        let known = usize::try_from(length - place).map_or(16, |rest| rest.min(16));
        let head = head.get_mut(..known).unwrap_or_default();
        file.seek(SeekFrom::Start(place)).map_err(io)?;
        file.read_exact(head).map_err(io)?;
        let mut bytes = Bytes::of(head);
        let size = bytes.u32()?;
        let kind = bytes.kind()?;
        let (size, head) = match size {
            1 => (bytes.u64()?, 16),
            size => (u64::from(size), 8),
        };
        let body = size
            .checked_sub(head)
            .ok_or(Declined("a box is smaller than its own head"))?;
        let end = place.checked_add(size).filter(|end| *end <= length);
        let end = end.ok_or(Declined("a box is longer than the file"))?;
        let mut load = |limit: u64| {
            let size = usize::try_from(body).ok().filter(|_| body <= limit);
            let mut loaded = vec![0; size.ok_or(Declined("a box is too large"))?];
            file.seek(SeekFrom::Start(place + head)).map_err(io)?;
            file.read_exact(&mut loaded).map_err(io)?;
            Ok(loaded)
        };
        match (&kind, place) {
            (b"ftyp", 0) => brand = Some(file_type(&load(4096)?)?),
            (b"moov", 1..) if index.is_none() => index = Some(load(LARGEST_INDEX)?),
            (b"mdat", 1..) => data = true,
            (b"free" | b"skip" | b"wide", 1..) => {}
            _ => return Err(Declined("it has an unknown box")),
        }
        place = end;
    }
    Err(Declined("it has too many boxes"))
}

/// Which kind of file it is, if it is a usual one.
fn file_type(body: &[u8]) -> Read<String> {
    let mut bytes = Bytes::of(body);
    let major = bytes.kind()?;
    bytes.skip(4)?;
    let (minor, rest) = bytes.rest().as_chunks::<4>();
    let unusual =
        |brand: &[u8; 4]| UNUSUAL_BRANDS.contains(&brand) || !brand.iter().all(|c| (b' '..=b'~').contains(c));
    if unusual(&major) || minor.iter().any(unusual) || !rest.is_empty() {
        return Err(Declined("it may be no movie"));
    }
    Ok(String::from_utf8_lossy(&major).into_owned())
}

fn movie(brand: String, body: &[u8], file: u64) -> Read<Contents> {
    let mut header = None;
    let mut tracks: Vec<Read<Track>> = Vec::new();
    let mut room = MOST_SAMPLES;
    let mut described = false;
    for atom in Atoms::of(body) {
        let (kind, body) = atom?;
        match (&kind, &header) {
            (b"mvhd", None) => header = Some(Header::of(body)?),
            (b"trak", Some(header)) if tracks.len() < MOST_TRACKS => {
                let around = Surroundings {
                    ticks_a_second: header.ticks_a_second,
                    file,
                };
                let track = Track::of(body, &around, room);
                room = room.saturating_sub(track.as_ref().map_or(0, |track| track.count));
                tracks.push(track);
            }
            (b"udta", _) => described |= user_data(body)?,
            (b"iods" | b"free" | b"skip", _) => {}
            _ => return Err(Declined("its index holds an unknown box")),
        }
    }
    let header = wanted(header)?;
    match tracks.is_empty() {
        true => Err(Declined("it has no track")),
        false => Ok(Contents {
            brand,
            ticks_a_second: header.ticks_a_second,
            duration: header.duration,
            tagged: described || header.dated,
            tracks,
        }),
    }
}

/// A movie header (8.2.2).
struct Header {
    ticks_a_second: u32,
    duration: i64,
    /// Whether it says when it was made.
    dated: bool,
}

impl Header {
    fn of(body: &[u8]) -> Read<Header> {
        let mut bytes = Bytes::of(body);
        let (version, _) = bytes.full()?;
        let made = match version {
            0 => i64::from(bytes.u32()?),
            1 => bytes.i64()?,
            _ => return Err(Declined("a movie header is of an unknown version")),
        };
        bytes.skip(if version == 0 { 4 } else { 8 })?;
        let ticks_a_second = ticks(&mut bytes)?;
        let duration = match version {
            0 => i64::from(bytes.u32()?),
            _ => bytes.i64()?,
        };
        bytes.skip(16)?;
        match duration >= 0 && turns(&mut bytes)? == 0 {
            true => Ok(Header {
                ticks_a_second,
                duration,
                dated: made != 0,
            }),
            false => Err(Declined("a movie is turned, or runs backwards")),
        }
    }
}

/// Titles and the like: whether there are any, besides the name of the program that wrote them. Pictures of a cover are
/// streams to FFmpeg, and notes on gapless playback move sound.
fn user_data(body: &[u8]) -> Read<bool> {
    // QuickTime ends them with a zero.
    let body = body
        .strip_suffix(&[0; 4])
        .filter(|body| Atoms::of(body).all(|atom| atom.is_ok()))
        .unwrap_or(body);
    let mut described = false;
    for atom in Atoms::of(body) {
        let (kind, body) = atom?;
        match &kind {
            [0xa9, ..] => described |= kind != PROGRAM,
            b"meta" => described |= metadata(body)?,
            b"chpl" | b"name" | b"titl" | b"auth" | b"cprt" | b"desc" | b"date" | b"loci" => described = true,
            b"free" | b"skip" => {}
            _ => return Err(Declined("its user data hold an unknown box")),
        }
    }
    Ok(described)
}

/// The tag that says which program wrote a file.
const PROGRAM: [u8; 4] = *b"\xa9too";

/// iTunes' tags, or QuickTime's, which name their kinds themselves: whether there are any besides that of the program.
fn metadata(body: &[u8]) -> Read<bool> {
    let mut described = false;
    // A full box in ISO files, a plain one in QuickTime's.
    let body = match body {
        [0, 0, 0, 0, body @ ..] | body => body,
    };
    for atom in Atoms::of(body) {
        let (kind, body) = atom?;
        match &kind {
            b"ilst" => {
                for atom in Atoms::of(body) {
                    let (kind, _) = atom?;
                    let plain = kind[0] == 0xa9 || kind.iter().all(u8::is_ascii_alphabetic);
                    if !plain || &kind == b"covr" || &kind == b"free" {
                        return Err(Declined(
                            "it may have a picture of its cover, or a note on its sound",
                        ));
                    }
                    described |= kind != PROGRAM;
                }
            }
            b"hdlr" | b"free" | b"skip" => {}
            _ => return Err(Declined("its metadata hold an unknown box")),
        }
    }
    Ok(described)
}
