//! One track: its header, and its packets on the file's clock (ISO/IEC 14496-12, 8.3).

use super::bytes::{Atoms, Bytes, Declined, Read, once, wanted};
use super::description::{Content, content};
use super::edits::{self, Edit};
use super::media::Media;
use super::tables::{Index, Sample, Tables};

/// A track.
#[derive(Debug)]
pub(crate) struct Track {
    pub(super) content: Content,
    pub(crate) ticks_a_second: u32,
    /// Whether it is marked as one to play.
    pub(super) enabled: bool,
    pub(super) language: Option<String>,
    /// Quarter turns clockwise that it is shown with.
    pub(super) turns: u8,
    pub(super) start: i64,
    pub(super) duration: i64,
    /// When nothing of it is shown any more.
    pub(crate) end: i64,
    pub(super) bit_rate: u64,
    /// How many samples there are, those outside of edits too.
    pub(super) count: usize,
    /// The length of its samples, edits aside.
    pub(super) media_duration: i64,
    /// How long each sample is, if all are equally long.
    pub(super) step: Option<u32>,
    /// How long the last sample is, edits aside.
    pub(super) last: i64,
    /// The first decoding times, edits aside.
    pub(super) first_times: Vec<i64>,
    pub(crate) samples: Vec<Sample>,
    pub(super) shift: i64,
    pub(super) has_offsets: bool,
}

/// Of the whole movie, what a track needs to be read.
pub(super) struct Surroundings {
    pub(super) ticks_a_second: u32,
    /// The length of the file in bytes.
    pub(super) file: u64,
}

impl Track {
    /// Reads a track of at most `room` samples.
    pub(super) fn of(body: &[u8], around: &Surroundings, room: usize) -> Read<Track> {
        let (mut header, mut media, mut edits) = (None, None, None);
        for atom in Atoms::of(body) {
            let (kind, body) = atom?;
            match &kind {
                b"tkhd" => once(&mut header, body)?,
                b"mdia" => once(&mut media, body)?,
                b"edts" => once(&mut edits, body)?,
                // Apertures are for players that show other sizes.
                b"tapt" | b"free" | b"skip" => {}
                // What a track refers to, a title, kinds, encryption: ffprobe may say something of it.
                _ => return Err(Declined("a track holds an unknown box")),
            }
        }
        let header = Header::of(wanted(header)?)?;
        let media = Media::of(wanted(media)?)?;
        let tables = Tables::of(media.table)?;
        let content = content(wanted(tables.descriptions)?, &media.handler)?;
        if let Content::Picture(picture) = &content {
            let size = header.size;
            if picture.sample_aspect.is_none()
                && size.0 > 0
                && size.1 > 0
                && size != (picture.width, picture.height)
            {
                return Err(Declined("a picture is shown in another size than it has"));
            }
        }
        let index = tables.index(room, around.file)?;
        let media_duration = media.duration.min(index.duration);
        if media_duration <= 0 {
            return Err(Declined("a track has no length"));
        }
        let bit_rate = index
            .bytes
            .checked_mul(8)
            .and_then(|bits| bits.checked_mul(u64::from(media.ticks_a_second)));
        let bit_rate = bit_rate.ok_or(Declined("a track is too large"))? / media_duration.cast_unsigned();
        let edit = match edits {
            Some(body) => edit(
                body,
                i64::from(media.ticks_a_second),
                i64::from(around.ticks_a_second),
            )?,
            None => None,
        };
        let first_times = index
            .samples
            .iter()
            .take(100)
            .map(|sample| sample.dts - index.shift);
        let mut track = Track {
            ticks_a_second: media.ticks_a_second,
            enabled: header.enabled,
            language: media.language,
            turns: header.turns,
            start: 0,
            duration: media_duration,
            end: 0,
            bit_rate,
            count: index.samples.len(),
            media_duration: index.duration,
            step: index.step,
            last: index.samples.last().map_or(0, |last| index.duration - last.dts),
            first_times: first_times.collect(),
            samples: Vec::new(),
            shift: index.shift,
            has_offsets: index.has_offsets,
            content,
        };
        track.settle(index, edit)?;
        Ok(track)
    }

    /// Puts the samples on the file's clock.
    fn settle(&mut self, mut index: Index, edit: Option<Edit>) -> Read<()> {
        let (sound, picture) = (
            matches!(self.content, Content::Sound(_)),
            matches!(self.content, Content::Picture(_)),
        );
        if index.has_offsets && !picture {
            return Err(Declined("sound or text is shown out of order"));
        }
        if sound && self.step == Some(1) {
            // FFmpeg reads those by chunks.
            return Err(Declined("each sample of sound is one packet"));
        }
        let edited = edit.map(|edit| edit.empty + edit.length);
        match edit {
            Some(edit) => {
                let track = edits::Track {
                    sound,
                    picture,
                    ticks_a_second: i64::from(self.ticks_a_second),
                    duration: self.duration,
                };
                let edited = edits::apply(&index, edit, &track);
                (self.samples, self.start, self.duration) = (edited.samples, edited.start, edited.duration);
            }
            // When text without an edit list begins, ffprobe knows only if it has read some of it.
            None if !sound && !picture => return Err(Declined("text has no edit list")),
            None => {
                index
                    .samples
                    .iter_mut()
                    .for_each(|sample| sample.dts -= index.shift);
                self.start = index.samples.first().map_or(0, |first| self.pts(first));
                self.samples = index.samples;
            }
        }
        let pts = self.samples.iter().map(|sample| self.pts(sample)).max();
        let last = self
            .samples
            .len()
            .checked_sub(1)
            .and_then(|last| self.length(last));
        let end = pts.unwrap_or(0) + last.unwrap_or(0);
        self.end = edited.map_or(end, |edited| end.min(edited));
        match self.samples.is_empty() || self.duration <= 0 {
            true => Err(Declined("nothing of a track is shown")),
            false => Ok(()),
        }
    }

    /// How long a sample is decoded before the next; the last of those that are kept, where edits leave out others
    /// behind it, as long as all.
    pub(crate) fn length(&self, number: usize) -> Option<i64> {
        let dts = |number: usize| self.samples.get(number).map(|sample| sample.dts);
        match (dts(number), dts(number + 1)) {
            (Some(this), Some(next)) => Some(next - this),
            _ if self.samples.len() == self.count => Some(self.last),
            _ => self.step.map(i64::from),
        }
    }

    /// When a sample is shown.
    pub(crate) fn pts(&self, sample: &Sample) -> i64 {
        match self.has_offsets {
            true => sample.dts + self.shift + i64::from(sample.offset),
            false => sample.dts,
        }
    }
}

/// The one edit of an edit box, if it has any.
fn edit(body: &[u8], track: i64, movie: i64) -> Read<Option<Edit>> {
    let mut list = None;
    for atom in Atoms::of(body) {
        match atom? {
            (kind, body) if kind == *b"elst" => once(&mut list, body)?,
            _ => return Err(Declined("an edit box holds an unknown box")),
        }
    }
    list.map(|list| Edit::of(list, track, movie)).transpose()
}

/// A track header (8.3.2).
struct Header {
    enabled: bool,
    turns: u8,
    /// Whole pixels.
    size: (u16, u16),
}

impl Header {
    fn of(body: &[u8]) -> Read<Header> {
        let mut bytes = Bytes::of(body);
        let (version, flags) = bytes.full()?;
        match version {
            0 => bytes.skip(20)?,
            1 => bytes.skip(32)?,
            _ => return Err(Declined("a track header is of an unknown version")),
        }
        bytes.skip(16)?;
        let turns = turns(&mut bytes)?;
        let mut pixels = || Ok((bytes.u32()? >> 16) as u16);
        Ok(Header {
            enabled: flags & 1 != 0,
            turns,
            size: (pixels()?, pixels()?),
        })
    }
}

/// Quarter turns clockwise by a matrix (6.2.2); where it moves the picture to is no matter.
pub(super) fn turns(bytes: &mut Bytes<'_>) -> Read<u8> {
    const ONE: i32 = 1 << 16;
    let [a, b, u, c, d, v] = [
        bytes.i32()?,
        bytes.i32()?,
        bytes.i32()?,
        bytes.i32()?,
        bytes.i32()?,
        bytes.i32()?,
    ];
    let (_x, _y, w) = (bytes.i32()?, bytes.i32()?, bytes.i32()?);
    let turns = match (a, b, c, d) {
        (ONE, 0, 0, ONE) => 0,
        (0, ONE, c, 0) if c == -ONE => 1,
        (a, 0, 0, d) if a == -ONE && d == -ONE => 2,
        (0, b, ONE, 0) if b == -ONE => 3,
        _ => return Err(Declined("a picture is skewed, mirrored or scaled")),
    };
    match (u, v, w) == (0, 0, 1 << 30) {
        true => Ok(turns),
        false => Err(Declined("a picture is in perspective")),
    }
}
