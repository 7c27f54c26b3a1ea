//! Where the samples of a track are in the file, and their sizes (ISO/IEC 14496-12, 8.7: `stsz`, `stsc`, `stco`, `co64`).

use super::box_reader::{ByteReader, Parsed, Unsupported};
use super::sample::Sample;

/// Sets the offset and size of each sample of a file of `file_size` bytes. Returns the sum of the sizes.
pub(super) fn assign(
    samples: &mut [Sample],
    sizes: &SampleSizes<'_>,
    sample_to_chunk: &[u8],
    chunks: ChunkOffsets<'_>,
    file_size: u64,
) -> Parsed<u64> {
    let mut bytes = ByteReader::new(sample_to_chunk);
    bytes.version_and_flags()?;
    let entries = bytes.table::<12>()?;
    let mut runs = entries.iter().map(ChunkRun::parse).peekable();
    let mut run = ChunkRun {
        first_chunk: 0,
        samples_per_chunk: 0,
    };
    let (mut next, mut total_size) = (0, 0_u64);
    for (chunk_number, chunk_offset) in (1_u64..).zip(chunks.iter()) {
        while let Some(following) = runs.next_if(|following| {
            following
                .as_ref()
                .map_or(true, |run| run.first_chunk <= chunk_number)
        }) {
            let following = following?;
            if following.first_chunk <= run.first_chunk || following.first_chunk != chunk_number {
                return Err(Unsupported("the entries of stsc are out of order"));
            }
            run = following;
        }
        let end = usize::try_from(run.samples_per_chunk)
            .ok()
            .and_then(|count| count.checked_add(next));
        let in_chunk = end.and_then(|end| samples.get_mut(next..end));
        let mut offset = chunk_offset;
        for (sample, index) in in_chunk
            .ok_or(Unsupported("the chunks have more samples than the track"))?
            .iter_mut()
            .zip(next..)
        {
            let size = sizes.get(index)?;
            (sample.file_offset, sample.size) = (offset, size);
            offset = offset
                .checked_add(u64::from(size))
                .filter(|end| *end <= file_size)
                .ok_or(Unsupported("a sample is beyond the end of the file"))?;
            total_size += u64::from(size);
            next += 1;
        }
    }
    if next != samples.len() || runs.next().is_some() {
        return Err(Unsupported("the chunks have fewer samples than the track"));
    }
    Ok(total_size)
}

/// The offsets of chunks (8.7.5), in 32 or 64 bits each.
pub(super) struct ChunkOffsets<'a> {
    offsets_32: &'a [[u8; 4]],
    offsets_64: &'a [[u8; 8]],
}

impl<'a> ChunkOffsets<'a> {
    pub(super) fn from_stco(body: &'a [u8]) -> Parsed<ChunkOffsets<'a>> {
        let mut bytes = ByteReader::new(body);
        bytes.version_and_flags()?;
        Ok(ChunkOffsets {
            offsets_32: bytes.table()?,
            offsets_64: &[],
        })
    }

    pub(super) fn from_co64(body: &'a [u8]) -> Parsed<ChunkOffsets<'a>> {
        let mut bytes = ByteReader::new(body);
        bytes.version_and_flags()?;
        Ok(ChunkOffsets {
            offsets_32: &[],
            offsets_64: bytes.table()?,
        })
    }

    fn iter(&self) -> impl Iterator<Item = u64> {
        let offsets_32 = self
            .offsets_32
            .iter()
            .map(|offset| u64::from(u32::from_be_bytes(*offset)));
        let offsets_64 = self.offsets_64.iter().map(|offset| u64::from_be_bytes(*offset));
        offsets_32.chain(offsets_64)
    }
}

/// The sizes of samples (8.7.3.2): one for all, or one for each.
pub(super) struct SampleSizes<'a> {
    shared_size: u32,
    count: u32,
    sizes: &'a [[u8; 4]],
}

impl<'a> SampleSizes<'a> {
    pub(super) fn from_stsz(body: &'a [u8]) -> Parsed<SampleSizes<'a>> {
        let mut bytes = ByteReader::new(body);
        bytes.version_and_flags()?;
        let shared_size = bytes.u32()?;
        let mut peek = bytes;
        let count = peek.u32()?;
        let sizes = match shared_size {
            0 => bytes.table::<4>()?,
            _ if peek.rest().is_empty() => &[],
            _ => return Err(Unsupported("stsz has both a shared size and a table of sizes")),
        };
        Ok(SampleSizes {
            shared_size,
            count,
            sizes,
        })
    }

    /// The number of samples.
    pub(super) fn count(&self) -> u32 {
        self.count
    }

    /// FFmpeg drops empty packets of some codecs, and rejects larger ones than this.
    fn get(&self, index: usize) -> Parsed<u32> {
        let size = match self.sizes.get(index) {
            Some(size) => u32::from_be_bytes(*size),
            None => self.shared_size,
        };
        match size {
            1..=0x3fff_ffff => Ok(size),
            _ => Err(Unsupported("a sample is empty or too large")),
        }
    }
}

/// An entry of `stsc` (8.7.4): from one chunk on, all chunks have the same number of samples.
#[derive(Clone, Copy)]
struct ChunkRun {
    first_chunk: u64,
    samples_per_chunk: u32,
}

impl ChunkRun {
    fn parse(entry: &[u8; 12]) -> Parsed<ChunkRun> {
        let mut bytes = ByteReader::new(entry);
        let run = ChunkRun {
            first_chunk: u64::from(bytes.u32()?),
            samples_per_chunk: bytes.u32()?,
        };
        let sample_entry = bytes.u32()?;
        match sample_entry == 1 && run.samples_per_chunk > 0 {
            true => Ok(run),
            false => Err(Unsupported(
                "an entry of stsc is empty or uses a second sample entry",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full_box(numbers: &[u32]) -> Vec<u8> {
        [0].iter()
            .chain(numbers)
            .flat_map(|number| number.to_be_bytes())
            .collect()
    }

    /// The offsets of `count` samples of 5 bytes.
    fn offsets(count: u32, stsc: &[u32], stco: &[u32]) -> Parsed<Vec<u64>> {
        let (stsz, stsc, stco) = (full_box(&[5, count]), full_box(stsc), full_box(stco));
        let blank = Sample {
            dts: 0,
            composition_offset: 0,
            size: 0,
            file_offset: 0,
            is_keyframe: false,
            is_discarded: false,
        };
        let mut samples = vec![blank; count as usize];
        let total_size = assign(
            &mut samples,
            &SampleSizes::from_stsz(&stsz)?,
            &stsc,
            ChunkOffsets::from_stco(&stco)?,
            1000,
        )?;
        assert_eq!(total_size, 5 * u64::from(count));
        Ok(samples.iter().map(|sample| sample.file_offset).collect())
    }

    #[test]
    fn samples_are_located_by_runs_of_chunks() {
        let two_runs = [2, 1, 2, 1, 3, 1, 1];
        assert_eq!(
            offsets(5, &two_runs, &[3, 10, 50, 90]),
            Ok(vec![10, 15, 50, 55, 90])
        );
        assert_eq!(
            offsets(6, &two_runs, &[4, 10, 50, 90, 7]),
            Ok(vec![10, 15, 50, 55, 90, 7])
        );
        for (count, stsc, stco, defect) in [
            (
                4,
                &two_runs[..],
                &[3, 10, 50, 90][..],
                "more offsets than samples",
            ),
            (6, &two_runs, &[3, 10, 50, 90], "fewer offsets than samples"),
            (4, &two_runs, &[2, 10, 50], "a run after the last chunk"),
            (2, &[1, 1, 2, 2], &[1, 10], "a second sample entry"),
            (2, &[1, 2, 2, 1], &[1, 10], "no run for the first chunk"),
            (4, &[2, 1, 2, 1, 1, 2, 1], &[2, 10, 20], "two runs from one chunk"),
            (2, &[1, 1, 0, 1], &[1, 10], "empty chunks"),
            (2, &[1, 1, u32::MAX, 1], &[1, 10], "huge chunks"),
            (2, &[1, 1, 2, 1], &[1, 996], "beyond the end of the file"),
        ] {
            assert!(offsets(count, stsc, stco).is_err(), "{defect}");
        }
    }
}
