//! Boxes and numbers in bytes that anyone may have written. Nothing here trusts a size or a count.

/// Why a file is left to ffprobe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Declined(pub(super) &'static str);

/// What was read, or why a file is left to ffprobe.
pub(super) type Read<T> = Result<T, Declined>;

const SHORT: Declined = Declined("a box is shorter than what it should hold");

/// Bytes that are read from the front; numbers are big-endian.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Bytes<'a> {
        Bytes(bytes)
    }

    pub(super) fn rest(self) -> &'a [u8] {
        self.0
    }

    pub(super) fn take(&mut self, count: usize) -> Read<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(SHORT)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn skip(&mut self, count: usize) -> Read<()> {
        self.take(count).map(drop)
    }

    fn array<const N: usize>(&mut self) -> Read<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or(SHORT)?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(super) fn u8(&mut self) -> Read<u8> {
        self.array().map(u8::from_be_bytes)
    }

    pub(super) fn u16(&mut self) -> Read<u16> {
        self.array().map(u16::from_be_bytes)
    }

    pub(super) fn u32(&mut self) -> Read<u32> {
        self.array().map(u32::from_be_bytes)
    }

    pub(super) fn i32(&mut self) -> Read<i32> {
        self.array().map(i32::from_be_bytes)
    }

    pub(super) fn u64(&mut self) -> Read<u64> {
        self.array().map(u64::from_be_bytes)
    }

    pub(super) fn i64(&mut self) -> Read<i64> {
        self.array().map(i64::from_be_bytes)
    }

    pub(super) fn kind(&mut self) -> Read<Kind> {
        self.array()
    }

    /// The version and the flags that begin a full box (ISO/IEC 14496-12, 4.2).
    pub(super) fn full(&mut self) -> Read<(u8, u32)> {
        let both = self.u32()?;
        let [version, ..] = both.to_be_bytes();
        Ok((version, both & 0xff_ffff))
    }

    /// A count, and as many entries of a size each as are left: exactly that many, or the table is odd.
    pub(super) fn table<const SIZE: usize>(&mut self) -> Read<&'a [[u8; SIZE]]> {
        let count = self.u32()?;
        let (entries, rest) = self.0.as_chunks::<SIZE>();
        if entries.len() as u64 != u64::from(count) || !rest.is_empty() {
            return Err(Declined("a table has more or fewer entries than it says"));
        }
        Ok(entries)
    }
}

/// The four letters that name a box.
pub(super) type Kind = [u8; 4];

/// A box: its name and what is in it.
pub(super) type Atom<'a> = (Kind, &'a [u8]);

/// The boxes that bytes consist of, one behind the other (ISO/IEC 14496-12, 4.2).
pub(super) struct Atoms<'a>(Bytes<'a>);

impl<'a> Atoms<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Atoms<'a> {
        Atoms(Bytes(bytes))
    }

    fn read(&mut self) -> Read<Atom<'a>> {
        let size = self.0.u32()?;
        let kind = self.0.kind()?;
        let (size, head) = match size {
            1 => (self.0.u64()?, 16),
            0 => return Err(Declined("a box has no size")),
            size => (u64::from(size), 8),
        };
        let length = size
            .checked_sub(head)
            .and_then(|length| usize::try_from(length).ok());
        let length = length.ok_or(Declined("a box is smaller than its own head"))?;
        Ok((kind, self.0.take(length)?))
    }
}

impl<'a> Iterator for Atoms<'a> {
    type Item = Read<Atom<'a>>;

    fn next(&mut self) -> Option<Read<Atom<'a>>> {
        if self.0.rest().is_empty() {
            return None;
        }
        let read = self.read();
        if read.is_err() {
            self.0 = Bytes(&[]);
        }
        Some(read)
    }
}

/// Puts what a box holds where it is wanted, and declines if something is there.
pub(super) fn once<'a>(place: &mut Option<&'a [u8]>, body: &'a [u8]) -> Read<()> {
    match place.replace(body) {
        None => Ok(()),
        Some(_) => Err(Declined("a box is there twice")),
    }
}

/// What must be there.
pub(super) fn wanted<T>(place: Option<T>) -> Read<T> {
    place.ok_or(Declined("a box is missing"))
}

/// `number · times ∕ by`, to the nearest whole number and away from zero between two.
pub(super) fn rescale(number: i64, times: i64, by: i64) -> Read<i64> {
    if by <= 0 || times < 0 {
        return Err(Declined("a clock does not tick"));
    }
    let product = i128::from(number) * i128::from(times);
    let half = i128::from(by / 2);
    let scaled = (product.abs() + half) / i128::from(by) * product.signum();
    i64::try_from(scaled).map_err(|_| Declined("a time is too large"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_follow_each_other_to_the_end() {
        let bytes = [
            &[0, 0, 0, 9][..],
            b"freex",
            &[0, 0, 0, 1],
            b"skip",
            &[0, 0, 0, 0, 0, 0, 0, 18],
            b"yz",
        ]
        .concat();
        let read: Read<Vec<Atom<'_>>> = Atoms::of(&bytes).collect();
        assert_eq!(read.unwrap(), [(*b"free", &b"x"[..]), (*b"skip", &b"yz"[..])]);
        for damaged in [
            &b"\0\0\0\x09free"[..],
            b"\0\0\0\x07free",
            b"\0\0\0\0free",
            b"\0\0\0\x08fre",
            b"\0\0\0\x01free\xff\xff\xff\xff\xff\xff\xff\xff",
        ] {
            let read: Vec<_> = Atoms::of(damaged).collect();
            assert!(matches!(read[..], [Err(_)]), "{damaged:?}");
        }
    }

    #[test]
    fn a_table_has_as_many_entries_as_it_says() {
        let table = |bytes: &'static [u8]| Bytes::of(bytes).table::<2>();
        assert_eq!(table(b"\0\0\0\x02abcd").unwrap(), [*b"ab", *b"cd"]);
        assert!(table(b"\0\0\0\x02abc").is_err());
        assert!(table(b"\0\0\0\x01abcd").is_err());
        assert!(table(b"\xff\xff\xff\xffab").is_err());
    }

    #[test]
    fn times_are_rescaled_to_the_nearest() {
        assert_eq!(rescale(1, 1, 2), Ok(1));
        assert_eq!(rescale(-1, 1, 2), Ok(-1));
        assert_eq!(rescale(1, 1, 3), Ok(0));
        assert_eq!(rescale(-5, 1, 3), Ok(-2));
        assert_eq!(rescale(i64::MAX, 1_000_000, 1_000_000), Ok(i64::MAX));
        assert!(rescale(i64::MAX, 3, 2).is_err());
        assert!(rescale(1, 1, 0).is_err());
    }
}
