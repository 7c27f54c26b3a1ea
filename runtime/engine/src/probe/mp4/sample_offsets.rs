//! Where the samples of a track are in the file, and how long they are in bytes (ISO/IEC 14496-12, 8.7).

use super::bytes::{Bytes, Declined, Read};
use super::tables::Sample;

/// Sets where samples are in a file of some length, and their sizes. Gives the sum of these.
pub(super) fn set(
    samples: &mut [Sample],
    sizes: &Sizes<'_>,
    runs: &[u8],
    chunks: Chunks<'_>,
    file: u64,
) -> Read<u64> {
    let mut runs = Bytes::of(runs);
    runs.full()?;
    let runs = runs.table::<12>()?;
    let mut runs = runs.iter().map(Run::of).peekable();
    let mut run = Run { first: 0, samples: 0 };
    let (mut next, mut sum) = (0, 0_u64);
    for (number, place) in (1_u64..).zip(chunks.places()) {
        while let Some(following) =
            runs.next_if(|following| following.as_ref().map_or(true, |f| f.first <= number))
        {
            let following = following?;
            if following.first <= run.first || following.first != number {
                return Err(Declined("runs of chunks are in disorder"));
            }
            run = following;
        }
        let end = usize::try_from(run.samples)
            .ok()
            .and_then(|samples| samples.checked_add(next));
        let held = end.and_then(|end| samples.get_mut(next..end));
        let mut place = place;
        for (sample, number) in held
            .ok_or(Declined("a chunk holds too many samples"))?
            .iter_mut()
            .zip(next..)
        {
            let size = sizes.of_sample(number)?;
            (sample.place, sample.size) = (place, size);
            place = place
                .checked_add(u64::from(size))
                .filter(|end| *end <= file)
                .ok_or(Declined("samples are beyond the end of the file"))?;
            sum += u64::from(size);
            next += 1;
        }
    }
    if next != samples.len() || runs.next().is_some() {
        return Err(Declined("there are fewer places than samples"));
    }
    Ok(sum)
}

/// Where chunks of samples begin (8.7.5), in 32 bits each or in 64.
pub(super) struct Chunks<'a> {
    narrow: &'a [[u8; 4]],
    wide: &'a [[u8; 8]],
}

impl<'a> Chunks<'a> {
    pub(super) fn narrow(body: &'a [u8]) -> Read<Chunks<'a>> {
        let mut bytes = Bytes::of(body);
        bytes.full()?;
        Ok(Chunks {
            narrow: bytes.table()?,
            wide: &[],
        })
    }

    pub(super) fn wide(body: &'a [u8]) -> Read<Chunks<'a>> {
        let mut bytes = Bytes::of(body);
        bytes.full()?;
        Ok(Chunks {
            narrow: &[],
            wide: bytes.table()?,
        })
    }

    fn places(&self) -> impl Iterator<Item = u64> {
        let narrow = self
            .narrow
            .iter()
            .map(|place| u64::from(u32::from_be_bytes(*place)));
        narrow.chain(self.wide.iter().map(|place| u64::from_be_bytes(*place)))
    }
}

/// Sizes of samples (8.7.3.2): of each, or one for all.
pub(super) struct Sizes<'a> {
    all: u32,
    count: u32,
    each: &'a [[u8; 4]],
}

impl<'a> Sizes<'a> {
    pub(super) fn of(body: &'a [u8]) -> Read<Sizes<'a>> {
        let mut bytes = Bytes::of(body);
        bytes.full()?;
        let all = bytes.u32()?;
        let mut head = bytes;
        let count = head.u32()?;
        let each = match all {
            0 => bytes.table::<4>()?,
            _ if head.rest().is_empty() => &[],
            _ => return Err(Declined("samples have two sizes")),
        };
        Ok(Sizes { all, count, each })
    }

    /// How many samples there are.
    pub(super) fn count(&self) -> u32 {
        self.count
    }

    /// FFmpeg drops empty packets of some codecs, and takes no larger ones.
    fn of_sample(&self, number: usize) -> Read<u32> {
        let size = match self.each.get(number) {
            Some(size) => u32::from_be_bytes(*size),
            None => self.all,
        };
        match size {
            1..=0x3fff_ffff => Ok(size),
            _ => Err(Declined("a sample is empty or too large")),
        }
    }
}

/// So many samples in each chunk from one on (8.7.4).
#[derive(Clone, Copy)]
struct Run {
    first: u64,
    samples: u32,
}

impl Run {
    fn of(entry: &[u8; 12]) -> Read<Run> {
        let mut bytes = Bytes::of(entry);
        let run = Run {
            first: u64::from(bytes.u32()?),
            samples: bytes.u32()?,
        };
        match bytes.u32()? == 1 && run.samples > 0 {
            true => Ok(run),
            false => Err(Declined("a run of chunks is odd")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(numbers: &[u32]) -> Vec<u8> {
        [0].iter()
            .chain(numbers)
            .flat_map(|number| number.to_be_bytes())
            .collect()
    }

    /// The places of samples of 5 bytes.
    fn places(count: u32, runs: &[u32], chunks: &[u32]) -> Read<Vec<u64>> {
        let (sizes, runs, chunks) = (table(&[5, count]), table(runs), table(chunks));
        let blank = Sample {
            dts: 0,
            offset: 0,
            size: 0,
            place: 0,
            key: false,
            dropped: false,
        };
        let mut samples = vec![blank; count as usize];
        let sum = set(
            &mut samples,
            &Sizes::of(&sizes)?,
            &runs,
            Chunks::narrow(&chunks)?,
            1000,
        )?;
        assert_eq!(sum, 5 * u64::from(count));
        Ok(samples.iter().map(|sample| sample.place).collect())
    }

    #[test]
    fn chunks_come_in_runs() {
        let two = [2, 1, 2, 1, 3, 1, 1];
        assert_eq!(places(5, &two, &[3, 10, 50, 90]), Ok(vec![10, 15, 50, 55, 90]));
        assert_eq!(
            places(6, &two, &[4, 10, 50, 90, 7]),
            Ok(vec![10, 15, 50, 55, 90, 7])
        );
        for (count, runs, chunks, what) in [
            (4, &two[..], &[3, 10, 50, 90][..], "more places than samples"),
            (6, &two, &[3, 10, 50, 90], "fewer"),
            (4, &two, &[2, 10, 50], "a run behind the last chunk"),
            (2, &[1, 1, 2, 2], &[1, 10], "a second description"),
            (2, &[1, 2, 2, 1], &[1, 10], "a run that begins late"),
            (4, &[2, 1, 2, 1, 1, 2, 1], &[2, 10, 20], "two runs from one chunk"),
            (2, &[1, 1, 0, 1], &[1, 10], "empty chunks"),
            (2, &[1, 1, u32::MAX, 1], &[1, 10], "endless chunks"),
            (2, &[1, 1, 2, 1], &[1, 996], "beyond the end of the file"),
        ] {
            assert!(places(count, runs, chunks).is_err(), "{what}");
        }
    }
}
