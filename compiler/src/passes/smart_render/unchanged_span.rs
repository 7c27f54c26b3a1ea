//! Spans of files whose packets can be joined with encoded ones.

use crate::facts::{CutPoints, End, Facts, GopKind, Keyframe, Media, Stream, StreamFacts, VideoFacts};
use crate::graph::{SourcePosition, VideoType};
use crate::output::ConcatCodec;
use crate::passes::segments::exact_timescale;
use crate::time::{Rational, Time};

use super::color_tags::ColorTags;
use super::encoder::MAX_REORDER_DEPTH;

/// The fewest frames to encode in one segment: encoders learn the reorder depth from the frame after those that they
/// hold back.
const MIN_ENCODED_FRAMES: i64 = MAX_REORDER_DEPTH + 1;

/// The usual reason why nothing is copied.
pub(super) const NO_KEYFRAME: &str = "no keyframe to cut at was found nearby";

/// A span of a file's video that the output shows unchanged.
pub(super) struct UnchangedSpan {
    pub(super) source: SourcePosition,
    /// Its start in the output.
    pub(super) start: Time,
    pub(super) length: Time,
    pub(super) codec: ConcatCodec,
    pub(super) parameter_sets: Option<String>,
    /// The color tags of its file. An output has one set of tags.
    pub(super) tags: ColorTags,
    /// The time base of its file.
    pub(super) tick: Time,
    /// The duration of [`MIN_ENCODED_FRAMES`].
    min_encoded: Time,
    /// Whether it extends to the end of the file.
    to_end: bool,
    /// The duration of what is encoded directly before it in any case.
    encoded_before: Time,
    file_keyframe: Option<Keyframe>,
    gradual_decoder_refresh: bool,
    in_band_parameter_sets: bool,
    /// Whether H.264 decoders complain when they start in the middle of it, as the check of a seam does.
    pub(super) has_open_gop: bool,
    /// Whether its file is MP4 or MOV, has no edit list that trims its start, and has the video as its first stream:
    /// then its packets can be joined without being copied to a file of their own.
    in_place: bool,
}

impl UnchangedSpan {
    /// The span of a file from `source` on, if its packets can be joined with encoded ones.
    pub(super) fn new(
        facts: &Facts,
        ty: &VideoType,
        source: SourcePosition,
        start: Time,
        length: Time,
    ) -> Option<UnchangedSpan> {
        let media = facts.media.get(&source.media)?.as_ref().ok()?;
        let stream = media.stream(source.stream)?;
        let StreamFacts::Video(video) = &stream.facts else {
            return None;
        };
        let codec = joinable_codec(media, stream, video, ty)?;
        let frame = Time::from_frames(1, ty.frame_rate);
        let stream_end = stream
            .duration
            .map(|duration| stream.start - media.start + duration);
        let file_end = stream_end.or(media.duration)?;
        Some(UnchangedSpan {
            start,
            length,
            codec,
            min_encoded: Time::from_frames(MIN_ENCODED_FRAMES, ty.frame_rate),
            to_end: source.at + length + frame > file_end && !video.edit_list_trims_end,
            in_place: stream.index == 0 && media.format.contains("mp4") && !video.edit_list_trims_start,
            source,
            encoded_before: Time::ZERO,
            file_keyframe: video.first_keyframe,
            gradual_decoder_refresh: video.gradual_decoder_refresh,
            in_band_parameter_sets: video.in_band_parameter_sets,
            has_open_gop: video.gop == GopKind::Open && stream.codec == "h264",
            parameter_sets: video.parameter_sets.clone(),
            tags: ColorTags::from_facts(video),
            tick: Time::new(stream.time_base?),
        })
    }

    /// The same span, directly after a part that is encoded.
    pub(super) fn after_encoded(self, encoded_before: Time) -> Self {
        UnchangedSpan {
            encoded_before,
            ..self
        }
    }

    /// The times of its file around which keyframes must be known.
    pub(super) fn keyframe_times(&self, facts: &Facts) -> impl Iterator<Item = Time> {
        let start = self.source.at.is_positive().then_some(self.source.at);
        let later = start.filter(|_| {
            self.first_keyframe(facts)
                .is_some_and(|found| self.is_too_close(found))
        });
        let starts = start.into_iter().chain(later.map(|at| at + self.min_encoded));
        starts.chain(self.end_candidates())
    }

    /// The first keyframe at or after its start.
    fn first_keyframe(&self, facts: &Facts) -> Option<Keyframe> {
        self.cut_points(facts, self.source.at).after
    }

    /// Whether fewer than [`MIN_ENCODED_FRAMES`], but some, would be encoded before a keyframe.
    fn is_too_close(&self, keyframe: Keyframe) -> bool {
        let half_frame = self.half_frame();
        let before = keyframe.pts - self.source.at + self.encoded_before;
        before > half_frame && before + half_frame < self.min_encoded
    }

    fn half_frame(&self) -> Time {
        self.min_encoded.scale(Rational::new(1, 2 * MIN_ENCODED_FRAMES))
    }

    fn cut_points(&self, facts: &Facts, time: Time) -> CutPoints {
        let known = facts.keyframes.get(&self.source.media);
        let found = known.and_then(|known| known.get(&time));
        found.copied().unwrap_or_default()
    }

    /// The times at or before which the copy may end: the end of the span, and [`MIN_ENCODED_FRAMES`] before it.
    fn end_candidates(&self) -> impl Iterator<Item = Time> {
        let end = self.source.at + self.length;
        [end, end - self.min_encoded].into_iter().filter(|_| !self.to_end)
    }

    /// The keyframe at which the copy starts, and its end; `None` is the end of the file.
    ///
    /// # Errors
    /// The reason why it cannot be copied.
    pub(super) fn find_cuts(&self, facts: &Facts) -> Result<(Keyframe, Option<End>), &'static str> {
        if self.in_band_parameter_sets {
            return Err("its packets contain parameter sets, which may differ");
        }
        let from = match self.source.at.is_positive() {
            true if self.gradual_decoder_refresh => {
                return Err("it uses gradual decoder refresh instead of keyframes");
            }
            true => {
                let first = self.first_keyframe(facts);
                let later = || self.cut_points(facts, self.source.at + self.min_encoded).after;
                let far_enough = first.filter(|found| !self.is_too_close(*found)).or_else(later);
                far_enough.ok_or(NO_KEYFRAME)?
            }
            false => self.file_keyframe.ok_or(NO_KEYFRAME)?,
        };
        let end = self.source.at + self.length;
        let half_frame = self.half_frame();
        let leaves_none_or_enough = |found: &End| {
            let left = end - found.pts;
            left < half_frame || left + half_frame > self.min_encoded
        };
        let until = match self.to_end {
            true => None,
            false => {
                let mut found = self
                    .end_candidates()
                    .filter_map(|time| self.cut_points(facts, time).end);
                Some(found.find(leaves_none_or_enough).ok_or(NO_KEYFRAME)?)
            }
        };
        Ok((from, until))
    }

    /// Whether its packets can be joined in this timescale without being copied to a file of their own first.
    pub(super) fn can_be_read_in_place(&self, timescale: i64) -> bool {
        self.in_place && self.tick == Time::from_frames(1, Rational::from_integer(timescale))
    }
}

/// The codec of a file's video, if its type is that of the output, so that decoders see no change. Only containers whose
/// packets are probed with their timestamps are supported.
fn joinable_codec(media: &Media, stream: &Stream, video: &VideoFacts, ty: &VideoType) -> Option<ConcatCodec> {
    let file_ty = VideoType::from_facts(video, ty.duration);
    let is = |name: &str| media.format.split(',').any(|format| format == name);
    let matches =
        video.is_upright() && !video.interlaced && file_ty == *ty && video.pixel_format == "yuv420p";
    match stream.codec.as_str() {
        _ if !matches => None,
        "h264" if is("mp4") || is("matroska") => Some(ConcatCodec::H264),
        "hevc" if is("mp4") || is("matroska") => Some(ConcatCodec::H265),
        // Other profiles reorder frames, which AVI cannot express.
        "mpeg4" if is("avi") && video.profile.as_deref() == Some("Simple Profile") => {
            Some(ConcatCodec::Mpeg4)
        }
        _ => None,
    }
}

/// The timescale in which segments are joined: that of the first file in whose timescale every frame has an integer
/// duration.
pub(super) fn common_timescale(spans: &[UnchangedSpan], rate: Rational) -> i64 {
    let is_exact = |timescale: &i64| Time::from_frames(*timescale, rate).as_rational().is_integer();
    let in_place = |span: &UnchangedSpan| {
        let timescale = span.tick.as_rational().recip();
        (span.in_place && timescale.is_integer()).then(|| timescale.to_integer())
    };
    let exact = spans.iter().filter_map(in_place).find(is_exact);
    exact.unwrap_or_else(|| exact_timescale(rate))
}
