//! Stretches of files whose packets can stand beside what is encoded.

use crate::facts::{CutPoints, End, Facts, GopKind, Keyframe, Media, Stream, StreamFacts, VideoFacts};
use crate::graph::{SourcePosition, VideoType};
use crate::output::ConcatCodec;
use crate::passes::segments;
use crate::time::{Rational, Time};

use super::MOST_DELAY;
use super::tags::ColorTags;

/// Frames: encoders learn by how much decoding is ahead from the frame behind those that they hold back.
const LEAST: i64 = MOST_DELAY + 1;

/// Why nothing is copied of most files of which nothing is.
pub(super) const NOWHERE: &str = "no keyframe to cut at was found nearby";

/// A stretch of a file's pictures.
pub(super) struct UnchangedSpan {
    pub(super) origin: SourcePosition,
    /// When it begins in the output.
    pub(super) begins: Time,
    pub(super) length: Time,
    pub(super) codec: ConcatCodec,
    pub(super) parameter_sets: Option<String>,
    /// What its file says of its colors. An output says it once for all.
    pub(super) tags: ColorTags,
    /// The grain of its file's clock.
    pub(super) tick: Time,
    /// The least that is encoded before or behind it.
    least: Time,
    /// Whether it goes on to the end of the file.
    to_end: bool,
    /// How much of what is directly before it is encoded for certain.
    changed: Time,
    first: Option<Keyframe>,
    gradual_decoder_refresh: bool,
    in_band_parameter_sets: bool,
    /// Whether decoders of H.264 complain when they begin in the middle of it, as they do to look at a seam.
    pub(super) has_open_gop: bool,
    /// Whether its file is MP4 or MOV, hides nothing, and has the picture as its first stream: then it can be joined where
    /// it lies.
    in_place: bool,
}

impl UnchangedSpan {
    /// It, behind what is encoded.
    pub(super) fn after_encoded(self, changed: Time) -> Self {
        UnchangedSpan { changed, ..self }
    }

    /// The times of its file next to which keyframes must be known.
    pub(super) fn keyframe_times(&self, facts: &Facts) -> impl Iterator<Item = Time> {
        let start = self.origin.at.is_positive().then_some(self.origin.at);
        let later = start.filter(|_| {
            self.first_keyframe(facts)
                .is_some_and(|found| self.is_too_close(found))
        });
        let starts = start.into_iter().chain(later.map(|at| at + self.least));
        starts.chain(self.end_candidates())
    }

    /// The first keyframe at or after its beginning.
    fn first_keyframe(&self, facts: &Facts) -> Option<Keyframe> {
        self.cut_points(facts, self.origin.at).after
    }

    /// Whether a keyframe comes so soon that what is encoded before it would be less than the least.
    fn is_too_close(&self, found: Keyframe) -> bool {
        let half = self.least.scale(Rational::new(1, 2 * LEAST));
        let before = found.pts - self.origin.at + self.changed;
        before > half && before + half < self.least
    }

    fn cut_points(&self, facts: &Facts, time: Time) -> CutPoints {
        let known = facts.keyframes.get(&self.origin.media);
        let found = known.and_then(|known| known.get(&time));
        found.copied().unwrap_or_default()
    }

    /// The times at or before which it may end: its own end, and one from which on the least is left.
    fn end_candidates(&self) -> impl Iterator<Item = Time> {
        let end = self.origin.at + self.length;
        [end, end - self.least].into_iter().filter(|_| !self.to_end)
    }

    /// Where packets are cut: the keyframe they begin with, and where they end; none is the end of the file. Or why they
    /// cannot be.
    pub(super) fn find_cuts(&self, facts: &Facts) -> Result<(Keyframe, Option<End>), &'static str> {
        if self.in_band_parameter_sets {
            return Err("its packets tell decoders anew what they must know, and may do so differently");
        }
        let from = match self.origin.at.is_positive() {
            true if self.gradual_decoder_refresh => {
                return Err("pictures are made anew little by little, not by keyframes");
            }
            true => {
                let first = self.first_keyframe(facts);
                let later = || self.cut_points(facts, self.origin.at + self.least).after;
                let far = first.filter(|found| !self.is_too_close(*found)).or_else(later);
                far.ok_or(NOWHERE)?
            }
            false => self.first.ok_or(NOWHERE)?,
        };
        let end = self.origin.at + self.length;
        let half = self.least.scale(Rational::new(1, 2 * LEAST));
        let none_or_enough = |found: &End| {
            let left = end - found.pts;
            left < half || left + half > self.least
        };
        let until = match self.to_end {
            true => None,
            false => {
                let mut found = self
                    .end_candidates()
                    .filter_map(|time| self.cut_points(facts, time).end);
                Some(found.find(none_or_enough).ok_or(NOWHERE)?)
            }
        };
        Ok((from, until))
    }

    /// Whether its packets need no file of their own to be joined by a clock of so many ticks a second.
    pub(super) fn can_be_read_in_place(&self, timescale: i64) -> bool {
        self.in_place && self.tick == Time::from_frames(1, Rational::from_integer(timescale))
    }
}

/// A piece of a file, if its packets can stand beside what is encoded.
pub(super) fn unchanged_span(
    facts: &Facts,
    ty: &VideoType,
    origin: SourcePosition,
    begins: Time,
    length: Time,
) -> Option<UnchangedSpan> {
    let media = facts.media.get(&origin.media)?.as_ref().ok()?;
    let stream = media.stream(origin.stream)?;
    let StreamFacts::Video(video) = &stream.facts else {
        return None;
    };
    let codec = joinable_codec(media, stream, video, ty)?;
    let frame = Time::from_frames(1, ty.frame_rate);
    let least = Time::from_frames(LEAST, ty.frame_rate);
    let ends = stream
        .duration
        .map(|duration| stream.start - media.start + duration);
    let whole = ends.or(media.duration)?;
    Some(UnchangedSpan {
        begins,
        length,
        codec,
        least,
        to_end: origin.at + length + frame > whole && !video.edit_list_trims_end,
        in_place: stream.index == 0 && media.format.contains("mp4") && !video.edit_list_trims_start,
        origin,
        changed: Time::ZERO,
        first: video.first_keyframe,
        gradual_decoder_refresh: video.gradual_decoder_refresh,
        in_band_parameter_sets: video.in_band_parameter_sets,
        has_open_gop: video.gop == GopKind::Open && stream.codec == "h264",
        parameter_sets: video.parameter_sets.clone(),
        tags: ColorTags::from_facts(video),
        tick: Time::new(stream.time_base?),
    })
}

/// The codec of a file's picture, if it has the form of what is made, so that decoders see no change. Only containers
/// are read whose packets are known with their times.
fn joinable_codec(media: &Media, stream: &Stream, video: &VideoFacts, ty: &VideoType) -> Option<ConcatCodec> {
    let form = VideoType::from_facts(video, ty.duration);
    let is = |name: &str| media.format.split(',').any(|format| format == name);
    let alike = video.is_upright() && !video.interlaced && form == *ty && video.pixel_format == "yuv420p";
    match stream.codec.as_str() {
        _ if !alike => None,
        "h264" if is("mp4") || is("matroska") => Some(ConcatCodec::H264),
        "hevc" if is("mp4") || is("matroska") => Some(ConcatCodec::H265),
        // Other profiles reorder frames, of which AVI says nothing.
        "mpeg4" if is("avi") && video.profile.as_deref() == Some("Simple Profile") => {
            Some(ConcatCodec::Mpeg4)
        }
        _ => None,
    }
}

/// The ticks a second by which parts are joined: those of the first file that counts frames exactly.
pub(super) fn common_timescale(pieces: &[UnchangedSpan], rate: Rational) -> i64 {
    let whole = |timescale: i64| Time::from_frames(timescale, rate).as_rational().is_integer();
    let of = |piece: &UnchangedSpan| {
        let timescale = piece.tick.as_rational().recip();
        (piece.in_place && timescale.is_integer()).then(|| timescale.to_integer())
    };
    let exact = pieces.iter().filter_map(of).find(|timescale| whole(*timescale));
    exact.unwrap_or_else(|| segments::exact_timescale(rate))
}
