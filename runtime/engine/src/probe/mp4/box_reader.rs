//! A cursor over big-endian bytes and an iterator over boxes, for files that may be damaged or hostile: no size and no
//! count that a file states is trusted.

use mp4_atom::{Atom, Decode, Header};

/// Why a file is left to ffprobe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unsupported(pub(super) &'static str);

/// A parsed value, or why the file is left to ffprobe.
pub(super) type Parsed<T> = Result<T, Unsupported>;

const TOO_SHORT: Unsupported = Unsupported("a box is too short for its fields");

/// Reads big-endian numbers from the front of a slice.
#[derive(Clone, Copy, Debug)]
pub(super) struct ByteReader<'a>(&'a [u8]);

impl<'a> ByteReader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> ByteReader<'a> {
        ByteReader(bytes)
    }

    /// The bytes that have not been read yet.
    pub(super) fn rest(self) -> &'a [u8] {
        self.0
    }

    pub(super) fn take(&mut self, count: usize) -> Parsed<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(TOO_SHORT)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn skip(&mut self, count: usize) -> Parsed<()> {
        self.take(count).map(drop)
    }

    fn array<const N: usize>(&mut self) -> Parsed<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or(TOO_SHORT)?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(super) fn u8(&mut self) -> Parsed<u8> {
        self.array().map(u8::from_be_bytes)
    }

    pub(super) fn u16(&mut self) -> Parsed<u16> {
        self.array().map(u16::from_be_bytes)
    }

    pub(super) fn u32(&mut self) -> Parsed<u32> {
        self.array().map(u32::from_be_bytes)
    }

    pub(super) fn i64(&mut self) -> Parsed<i64> {
        self.array().map(i64::from_be_bytes)
    }

    pub(super) fn four_cc(&mut self) -> Parsed<FourCc> {
        self.array()
    }

    /// The version and flags at the beginning of a full box (ISO/IEC 14496-12, 4.2).
    pub(super) fn version_and_flags(&mut self) -> Parsed<(u8, u32)> {
        let both = self.u32()?;
        let [version, ..] = both.to_be_bytes();
        Ok((version, both & 0xff_ffff))
    }

    /// An entry count and that many entries of `SIZE` bytes, which must fill the rest of the box exactly.
    pub(super) fn table<const SIZE: usize>(&mut self) -> Parsed<&'a [[u8; SIZE]]> {
        let count = self.u32()?;
        let (entries, rest) = self.0.as_chunks::<SIZE>();
        if entries.len() as u64 != u64::from(count) || !rest.is_empty() {
            return Err(Unsupported("the entry count of a table does not match its size"));
        }
        Ok(entries)
    }

    /// Decodes the fixed part of a sample entry with `mp4-atom`.
    pub(super) fn sample_entry<T: Decode>(&mut self) -> Parsed<T> {
        T::decode(&mut self.0).map_err(|_| Unsupported("a sample entry cannot be decoded"))
    }
}

/// A four-character code, such as a box type.
pub(super) type FourCc = [u8; 4];

/// A box: its type and its body.
pub(super) type RawBox<'a> = (FourCc, &'a [u8]);

/// Iterates over consecutive boxes (ISO/IEC 14496-12, 4.2). Ends after the first error.
pub(super) struct Boxes<'a>(&'a [u8]);

impl<'a> Boxes<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Boxes<'a> {
        Boxes(bytes)
    }

    fn read(&mut self) -> Parsed<RawBox<'a>> {
        let header = decode_header(&mut self.0)?;
        let (body, rest) = header
            .size
            .and_then(|size| self.0.split_at_checked(size))
            .ok_or(Unsupported("a box is longer than the box that contains it"))?;
        self.0 = rest;
        Ok((header.kind.into(), body))
    }
}

impl<'a> Iterator for Boxes<'a> {
    type Item = Parsed<RawBox<'a>>;

    fn next(&mut self) -> Option<Parsed<RawBox<'a>>> {
        if self.0.is_empty() {
            return None;
        }
        let read = self.read();
        if read.is_err() {
            self.0 = &[];
        }
        Some(read)
    }
}

/// Decodes the header of a box that states its size.
pub(super) fn decode_header(bytes: &mut &[u8]) -> Parsed<Header> {
    let header = Header::decode(bytes).map_err(|_| Unsupported("a box header is damaged"))?;
    match header.size {
        Some(_) => Ok(header),
        None => Err(Unsupported("a box does not state its size")),
    }
}

/// Decodes the body of a box that `mp4-atom` knows. Bytes after its last field are ignored.
pub(super) fn decode_body<T: Atom>(mut body: &[u8]) -> Parsed<T> {
    T::decode_body(&mut body).map_err(|_| Unsupported("a box cannot be decoded"))
}

/// Stores the body of a box that may occur only once.
pub(super) fn set_once<'a>(slot: &mut Option<&'a [u8]>, body: &'a [u8]) -> Parsed<()> {
    match slot.replace(body) {
        None => Ok(()),
        Some(_) => Err(Unsupported("a box occurs twice")),
    }
}

/// Requires a box to be present.
pub(super) fn required<T>(slot: Option<T>) -> Parsed<T> {
    slot.ok_or(Unsupported("a box is missing"))
}

/// `value · numer ∕ denom`, rounded to the nearest integer and halves away from zero (FFmpeg's `av_rescale`).
pub(super) fn rescale(value: i64, numer: i64, denom: i64) -> Parsed<i64> {
    if denom <= 0 || numer < 0 {
        return Err(Unsupported("a timescale is zero"));
    }
    let product = i128::from(value) * i128::from(numer);
    let half = i128::from(denom / 2);
    let scaled = (product.abs() + half) / i128::from(denom) * product.signum();
    i64::try_from(scaled).map_err(|_| Unsupported("a time does not fit into 64 bits"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_are_read_in_sequence_and_damaged_headers_are_errors() {
        let bytes = [
            &[0, 0, 0, 9][..],
            b"freex",
            &[0, 0, 0, 1],
            b"skip",
            &[0, 0, 0, 0, 0, 0, 0, 18],
            b"yz",
        ]
        .concat();
        let read: Parsed<Vec<RawBox<'_>>> = Boxes::new(&bytes).collect();
        assert_eq!(read.unwrap(), [(*b"free", &b"x"[..]), (*b"skip", &b"yz"[..])]);
        for damaged in [
            &b"\0\0\0\x09free"[..],
            b"\0\0\0\x07free",
            b"\0\0\0\0free",
            b"\0\0\0\x08fre",
            b"\0\0\0\x01free\xff\xff\xff\xff\xff\xff\xff\xff",
        ] {
            let read: Vec<_> = Boxes::new(damaged).collect();
            assert!(matches!(read[..], [Err(_)]), "{damaged:?}");
        }
    }

    #[test]
    fn the_entry_count_of_a_table_must_match_its_size() {
        let table = |bytes: &'static [u8]| ByteReader::new(bytes).table::<2>();
        assert_eq!(table(b"\0\0\0\x02abcd").unwrap(), [*b"ab", *b"cd"]);
        assert!(table(b"\0\0\0\x02abc").is_err());
        assert!(table(b"\0\0\0\x01abcd").is_err());
        assert!(table(b"\xff\xff\xff\xffab").is_err());
    }

    #[test]
    fn times_are_rescaled_to_the_nearest_tick() {
        assert_eq!(rescale(1, 1, 2), Ok(1));
        assert_eq!(rescale(-1, 1, 2), Ok(-1));
        assert_eq!(rescale(1, 1, 3), Ok(0));
        assert_eq!(rescale(-5, 1, 3), Ok(-2));
        assert_eq!(rescale(i64::MAX, 1_000_000, 1_000_000), Ok(i64::MAX));
        assert!(rescale(i64::MAX, 3, 2).is_err());
        assert!(rescale(1, 1, 0).is_err());
    }
}
