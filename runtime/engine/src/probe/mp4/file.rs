//! The top-level boxes of a file (ISO/IEC 14496-12, 4.3 and 8.1). Only `ftyp` and `moov` are loaded.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::box_reader::{ByteReader, Parsed, Unsupported, decode_header, required};
use super::moov::{MovieBox, parse_movie_box};

/// The largest `ftyp` that is read, in bytes.
const MAX_FILE_TYPE_BYTES: u64 = 4096;
/// The largest `moov` that is read, in bytes.
const MAX_MOVIE_BYTES: u64 = 64 << 20;
/// The largest number of top-level boxes.
const MAX_BOXES: usize = 1024;

/// Brands of files that ffprobe may take for a still image or not for a movie at all, or that are encrypted.
const UNUSUAL_BRANDS: &[&[u8; 4]] = &[
    b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"mif2", b"msf1",
    b"miaf", b"jp2 ", b"jpx ", b"jpm ", b"jxl ", b"mjp2", b"mj2s", b"crx ", b"aax ", b"aaxc",
];

/// A file's parsed index.
#[derive(Debug)]
pub(super) struct ParsedFile {
    pub(super) major_brand: String,
    pub(super) movie: MovieBox,
}

/// Reads a file that consists of `ftyp`, one `moov` and media data, and nothing else that matters.
pub(super) fn read(path: &Path) -> Parsed<ParsedFile> {
    let io = |_| Unsupported("it cannot be read");
    let mut file = File::open(path).map_err(io)?;
    let file_size = file.metadata().map_err(io)?.len();
    let (mut major_brand, mut has_data) = (None, false);
    let mut moov: Option<Vec<u8>> = None;
    let mut offset = 0;
    for _ in 0..MAX_BOXES {
        if offset == file_size {
            let (major_brand, moov) = (required(major_brand)?, required(moov)?);
            return match has_data {
                true => Ok(ParsedFile {
                    major_brand,
                    movie: parse_movie_box(&moov, file_size)?,
                }),
                false => Err(Unsupported("it has no media data")),
            };
        }
        let mut header = [0; 16];
        let available = usize::try_from(file_size - offset).map_or(16, |rest| rest.min(16));
        let header = header.get_mut(..available).unwrap_or_default();
        file.seek(SeekFrom::Start(offset)).map_err(io)?;
        file.read_exact(header).map_err(io)?;
        let mut rest = &*header;
        let box_header = decode_header(&mut rest)?;
        let body_offset = offset + (available - rest.len()) as u64;
        let body_size = required(box_header.size)? as u64;
        let end = body_offset.checked_add(body_size).filter(|end| *end <= file_size);
        let end = end.ok_or(Unsupported("a box is longer than the file"))?;
        let mut load = |limit: u64| {
            let size = usize::try_from(body_size).ok().filter(|_| body_size <= limit);
            let mut body = vec![0; size.ok_or(Unsupported("a box is too large"))?];
            file.seek(SeekFrom::Start(body_offset)).map_err(io)?;
            file.read_exact(&mut body).map_err(io)?;
            Ok(body)
        };
        match (box_header.kind.as_ref(), offset) {
            (b"ftyp", 0) => major_brand = Some(parse_file_type(&load(MAX_FILE_TYPE_BYTES)?)?),
            (b"moov", 1..) if moov.is_none() => moov = Some(load(MAX_MOVIE_BYTES)?),
            (b"mdat", 1..) => has_data = true,
            (b"free" | b"skip" | b"wide", 1..) => {}
            _ => return Err(Unsupported("it has an unknown box")),
        }
        offset = end;
    }
    Err(Unsupported("it has too many boxes"))
}

/// The major brand of a file type box (4.3), if no brand in it is unusual.
fn parse_file_type(body: &[u8]) -> Parsed<String> {
    let mut bytes = ByteReader::new(body);
    let major = bytes.four_cc()?;
    bytes.skip(4)?;
    let (compatible, rest) = bytes.rest().as_chunks::<4>();
    let is_unusual =
        |brand: &[u8; 4]| UNUSUAL_BRANDS.contains(&brand) || !brand.iter().all(|c| (b' '..=b'~').contains(c));
    if is_unusual(&major) || compatible.iter().any(is_unusual) || !rest.is_empty() {
        return Err(Unsupported("its brands may not be those of a movie"));
    }
    Ok(String::from_utf8_lossy(&major).into_owned())
}
