//! Finds the facts that copying part of a file's packets needs and that a report with its first packets does not state.

use vidc_compiler::aac;
use vidc_compiler::facts::{AudioFacts, GopKind, Media, Problem, Stream, StreamFacts, VideoFacts};
use vidc_compiler::time::{Rational, Time};

use super::cut_points::{closed_gop_keyframes, fill_leading_dts};
use super::idr::TimeWindow;
use super::reader::MediaReader;
use super::report::Packet;

/// How far into a file keyframes are examined. Most files have a second one by then.
const KEYFRAME_WINDOW: Time = Time::new(Rational::new_raw(20, 1));
/// IDR frames may be missing from the last second of the window.
const WINDOW_MARGIN: Time = Time::new(Rational::new_raw(1, 1));
/// How far before the end of a track the search for trimmed packets begins.
const TAIL: Time = Time::new(Rational::new_raw(1, 1));

/// Completes the facts about a file, if it is of a format whose packets can be copied in part (MP4 and Matroska).
///
/// # Errors
/// The file cannot be read, or not in time. Facts that are missing then have the value that is safe for any file: it is
/// read from its beginning and not copied in part.
pub(super) async fn complete(reader: &MediaReader<'_>, media: &mut Media) -> Result<(), Problem> {
    if !media.format.contains("mp4") && !media.format.contains("matroska") {
        return Ok(());
    }
    let start = media.start;
    let has_edit_lists = media.format.contains("mp4");
    let mut problem = None;
    for stream in &mut media.streams {
        let context = StreamContext {
            reader,
            index: stream.index,
            codec: stream.codec.clone(),
            time_base: stream.time_base,
            start,
        };
        let completed = match &mut stream.facts {
            StreamFacts::Video(video) if !video.still => context.complete_video(video).await,
            _ => Ok(()),
        };
        problem = problem.or(completed.err());
        if has_edit_lists && let Err(found) = context.find_trimmed_end(stream).await {
            problem = problem.or(Some(found));
        }
        if let (true, "aac", StreamFacts::Audio(audio)) =
            (has_edit_lists, stream.codec.as_str(), &mut stream.facts)
        {
            audio.contiguous = reader.constant_packet_duration(stream.index).await
                == u32::try_from(aac::SAMPLES_PER_PACKET).ok();
        }
    }
    problem.map_or(Ok(()), Err)
}

/// A stream, and the reader of its file.
struct StreamContext<'a> {
    reader: &'a MediaReader<'a>,
    index: u32,
    codec: String,
    time_base: Option<Rational>,
    /// Where the file's timeline begins, on the file's own clock.
    start: Time,
}

impl StreamContext<'_> {
    /// Sets the first keyframe at which packets can be cut, the kind of GOP, and whether the stream has in-band parameter
    /// sets or a gradual decoder refresh.
    async fn complete_video(&self, video: &mut VideoFacts) -> Result<(), Problem> {
        let is_h264 = self.codec == "h264";
        if !is_h264 && self.codec != "hevc" {
            return Ok(());
        }
        video.first_keyframe = None;
        video.gradual_decoder_refresh = is_h264;
        let Some(time_base) = self.time_base else {
            return Ok(());
        };
        let window = TimeWindow {
            start: None,
            duration: KEYFRAME_WINDOW,
        };
        let in_band_parameter_sets = async {
            match is_h264 {
                true => Ok(false),
                false => self.reader.has_in_band_parameter_sets(self.index, window).await,
            }
        };
        let (packets, idr_frames, in_band_parameter_sets) = tokio::join!(
            self.reader
                .packets(Some(self.index), Some((self.start, Some(KEYFRAME_WINDOW)))),
            self.reader.find_idr_frames((self.index, &self.codec), window),
            in_band_parameter_sets,
        );
        let (packets, idr_frames) = (fill_leading_dts(packets?), idr_frames?);
        video.in_band_parameter_sets = in_band_parameter_sets?;
        // Keyframes before the start are only needed for decoding; the edit list trims them.
        video.first_keyframe = closed_gop_keyframes(&packets, time_base, self.start, &idr_frames)
            .into_iter()
            .find(|keyframe| keyframe.pts >= Time::ZERO);
        let keyframes = packets.iter().filter(|packet| packet.is_keyframe());
        // IDR frames are known up to about there, while packets may have been read farther.
        let is_in_window =
            |pts: &i64| Time::new(time_base) * *pts < self.start + KEYFRAME_WINDOW - WINDOW_MARGIN;
        let keyframes: Vec<i64> = keyframes
            .filter_map(Packet::presented_at)
            .filter(is_in_window)
            .collect();
        let has_other_keyframes = keyframes.iter().skip(1).any(|pts| !idr_frames.contains(*pts));
        video.gop = match keyframes.len() {
            _ if has_other_keyframes => GopKind::Open,
            0 | 1 => GopKind::Unknown,
            _ => GopKind::Closed,
        };
        if is_h264 {
            // Up to the third keyframe, so that two of them are decoded.
            let third = keyframes.get(2);
            let until = third.map_or(KEYFRAME_WINDOW, |third| {
                Time::new(time_base) * *third - self.start
            });
            let until = has_other_keyframes.then_some(until);
            video.gradual_decoder_refresh =
                self.reader.has_gradual_decoder_refresh(self.index, until).await?;
        }
        Ok(())
    }

    /// Sets whether the edit list trims more than a packet at the end of a stream.
    async fn find_trimmed_end(&self, stream: &mut Stream) -> Result<(), Problem> {
        let (Some(time_base), Some(duration)) = (self.time_base, stream.duration) else {
            return Ok(());
        };
        let end = stream.start + duration;
        match &mut stream.facts {
            StreamFacts::Video(video) if !video.still => {
                let presented = duration.frames(video.frame_rate);
                let stored = video.frames.and_then(|count| i64::try_from(count).ok());
                if !video.variable_rate && stored.is_some_and(|count| count <= presented + 1) {
                    return Ok(());
                }
                let packets = self
                    .reader
                    .packets(Some(self.index), Some((end - TAIL, None)))
                    .await?;
                let is_trimmed = |packet: &Packet| {
                    packet.flags.discard && packet.pts.is_some_and(|pts| Time::new(time_base) * pts >= end)
                };
                video.edit_list_trims_end = packets.iter().any(is_trimmed);
            }
            StreamFacts::Audio(audio) if self.codec == "aac" => {
                let trimmed = trimmed_samples(audio, end - self.start);
                audio.edit_list_trims_end =
                    trimmed.is_some_and(|samples| samples > 2 * aac::SAMPLES_PER_PACKET);
            }
            _ => {}
        }
        Ok(())
    }
}

/// How many samples of an AAC stream are trimmed at its end, which is at `end` from the file's start.
fn trimmed_samples(audio: &AudioFacts, end: Time) -> Option<i64> {
    let rate = Rational::from_integer(i64::from(audio.sample_rate));
    let stored = i64::try_from(audio.packets?)
        .ok()?
        .checked_mul(aac::SAMPLES_PER_PACKET)?;
    Some(stored + audio.first_packet?.frames(rate) - end.frames(rate))
}
