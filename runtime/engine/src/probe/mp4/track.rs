//! A track: its header and its samples on the file's timeline (ISO/IEC 14496-12, 8.3).

use mp4_atom::{Codec, Decode as _, Tkhd};

use super::box_reader::{Boxes, Parsed, Unsupported, decode_body, required, set_once};
use super::edit_list::{Edit, EditContext, apply_edit};
use super::headers::quarter_turns;
use super::mdia::MediaBox;
use super::sample::Sample;
use super::sample_entry::{SampleEntry, parse_sample_description};
use super::sample_table::{SampleTable, SampleTableBoxes};

/// How many DTS are kept for the estimate of the frame rate.
const FIRST_DTS: usize = 100;

/// A parsed track. Times are in its ticks.
#[derive(Debug)]
pub(crate) struct Track {
    pub(crate) header: Tkhd,
    pub(super) entry: SampleEntry,
    /// The sample entry box with its header.
    entry_bytes: Vec<u8>,
    /// Ticks per second.
    pub(crate) timescale: u32,
    pub(super) language: Option<String>,
    /// Clockwise quarter turns that a player rotates the video by.
    pub(super) quarter_turns: u8,
    pub(super) start: i64,
    pub(super) duration: i64,
    /// When presentation of the last sample ends.
    pub(crate) end: i64,
    /// Bits per second.
    pub(super) bit_rate: u64,
    /// The number of samples, including those that the edit list trims.
    pub(super) sample_count: usize,
    /// The duration of all samples, without the edit list.
    pub(super) media_duration: i64,
    /// The duration that all samples have, except perhaps the last.
    pub(super) constant_sample_duration: Option<u32>,
    /// The duration of the last sample, without the edit list.
    last_sample_duration: i64,
    /// The DTS of the first samples, without the edit list.
    pub(super) first_dts: Vec<i64>,
    /// The samples that remain after the edit list, in decoding order.
    pub(crate) samples: Vec<Sample>,
    composition_shift: i64,
    has_composition_offsets: bool,
}

/// The facts about a movie that parsing its tracks depends on.
pub(super) struct MovieContext {
    /// Ticks per second.
    pub(super) timescale: u32,
    /// In bytes.
    pub(super) file_size: u64,
}

impl Track {
    /// Parses a track of at most `max_samples` samples.
    pub(super) fn parse(body: &[u8], movie: &MovieContext, max_samples: usize) -> Parsed<Track> {
        let (mut header, mut media, mut edits) = (None, None, None);
        for child in Boxes::new(body) {
            let (box_type, body) = child?;
            match &box_type {
                b"tkhd" => set_once(&mut header, body)?,
                b"mdia" => set_once(&mut media, body)?,
                b"edts" => set_once(&mut edits, body)?,
                // QuickTime's apertures are for players that show other sizes.
                b"tapt" | b"free" | b"skip" => {}
                // References, titles, kinds, encryption: ffprobe may report something because of them.
                _ => return Err(Unsupported("a track has an unknown box")),
            }
        }
        let header: Tkhd = decode_body(required(header)?)?;
        let quarter_turns = quarter_turns(&header.matrix)?;
        let media = MediaBox::parse(required(media)?)?;
        let boxes = SampleTableBoxes::parse(media.sample_table)?;
        let (entry, entry_bytes) =
            parse_sample_description(required(boxes.sample_description)?, &media.handler)?;
        if let SampleEntry::Video(video) = &entry {
            let shown = (header.width.integer(), header.height.integer());
            if video.sample_aspect.is_none()
                && shown.0 > 0
                && shown.1 > 0
                && shown != (video.width, video.height)
            {
                return Err(Unsupported("a track header scales the video"));
            }
        }
        let table = boxes.read(max_samples, movie.file_size)?;
        let duration = media.duration.min(table.duration);
        if duration <= 0 {
            return Err(Unsupported("a track has no duration"));
        }
        let bit_rate = table
            .total_size
            .checked_mul(8)
            .and_then(|bits| bits.checked_mul(u64::from(media.timescale)));
        let bit_rate = bit_rate.ok_or(Unsupported("a track is too large"))? / duration.cast_unsigned();
        let edit = match edits {
            Some(body) => parse_edit_box(body, i64::from(media.timescale), i64::from(movie.timescale))?,
            None => None,
        };
        let first_dts = table
            .samples
            .iter()
            .take(FIRST_DTS)
            .map(|sample| sample.dts - table.composition_shift);
        let mut track = Track {
            header,
            entry,
            entry_bytes: entry_bytes.to_vec(),
            timescale: media.timescale,
            language: media.language,
            quarter_turns,
            start: 0,
            duration,
            end: 0,
            bit_rate,
            sample_count: table.samples.len(),
            media_duration: table.duration,
            constant_sample_duration: table.constant_sample_duration,
            last_sample_duration: table.samples.last().map_or(0, |last| table.duration - last.dts),
            first_dts: first_dts.collect(),
            samples: Vec::new(),
            composition_shift: table.composition_shift,
            has_composition_offsets: table.has_composition_offsets,
        };
        track.place_samples(table, edit)?;
        Ok(track)
    }

    /// Puts the samples on the file's timeline.
    fn place_samples(&mut self, mut table: SampleTable, edit: Option<Edit>) -> Parsed<()> {
        let (is_audio, is_video) = (
            matches!(self.entry, SampleEntry::Audio(_)),
            matches!(self.entry, SampleEntry::Video(_)),
        );
        if table.has_composition_offsets && !is_video {
            return Err(Unsupported("audio or text has composition offsets"));
        }
        if is_audio && self.constant_sample_duration == Some(1) {
            // FFmpeg makes packets of whole chunks then.
            return Err(Unsupported("audio has samples of one tick"));
        }
        let edit_end = edit.map(|edit| edit.empty_duration + edit.duration);
        match edit {
            Some(edit) => {
                let context = EditContext {
                    is_audio,
                    is_video,
                    timescale: i64::from(self.timescale),
                    duration: self.duration,
                };
                let edited = apply_edit(&table, edit, &context);
                (self.samples, self.start, self.duration) = (edited.samples, edited.start, edited.duration);
            }
            // ffprobe knows when text without an edit list begins only if it has read some of it.
            None if !is_audio && !is_video => return Err(Unsupported("text has no edit list")),
            None => {
                table
                    .samples
                    .iter_mut()
                    .for_each(|sample| sample.dts -= table.composition_shift);
                self.start = table.samples.first().map_or(0, |first| self.pts(first));
                self.samples = table.samples;
            }
        }
        let last_pts = self.samples.iter().map(|sample| self.pts(sample)).max();
        let last_duration = self
            .samples
            .len()
            .checked_sub(1)
            .and_then(|last| self.sample_duration(last));
        let end = last_pts.unwrap_or(0) + last_duration.unwrap_or(0);
        self.end = edit_end.map_or(end, |edit_end| end.min(edit_end));
        match self.samples.is_empty() || self.duration <= 0 {
            true => Err(Unsupported("the edit list trims all of a track")),
            false => Ok(()),
        }
    }

    /// The time from the DTS of a sample to the next one's. If the edit list trims samples after the last one that
    /// remains, that has the constant duration of all, if there is one.
    pub(crate) fn sample_duration(&self, index: usize) -> Option<i64> {
        let dts = |index: usize| self.samples.get(index).map(|sample| sample.dts);
        match (dts(index), dts(index + 1)) {
            (Some(this), Some(next)) => Some(next - this),
            _ if self.samples.len() == self.sample_count => Some(self.last_sample_duration),
            _ => self.constant_sample_duration.map(i64::from),
        }
    }

    /// When a sample is presented.
    pub(crate) fn pts(&self, sample: &Sample) -> i64 {
        match self.has_composition_offsets {
            true => sample.dts + self.composition_shift + i64::from(sample.composition_offset),
            false => sample.dts,
        }
    }

    /// Decodes the sample entry for writing it into another file.
    ///
    /// # Errors
    /// `mp4-atom` rejects a box that was ignored here, as it does not matter to probing.
    pub(crate) fn codec(&self) -> Result<Codec, mp4_atom::Error> {
        Codec::decode(&mut self.entry_bytes.as_slice())
    }
}

/// Parses the edit of an edit box, if it has an edit list.
fn parse_edit_box(body: &[u8], track_timescale: i64, movie_timescale: i64) -> Parsed<Option<Edit>> {
    let mut list = None;
    for child in Boxes::new(body) {
        match child? {
            (box_type, body) if box_type == *b"elst" => set_once(&mut list, body)?,
            _ => return Err(Unsupported("an edit box has an unknown box")),
        }
    }
    list.map(|list| Edit::parse(list, track_timescale, movie_timescale))
        .transpose()
}
