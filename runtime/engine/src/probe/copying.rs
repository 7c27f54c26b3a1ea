//! What has to be known of a file before some of its packets are copied, and its first look does not tell.

use std::path::Path;

use vidc_compiler::aac;
use vidc_compiler::facts::{AudioFacts, GopKind, Media, Problem, Stream, StreamFacts, VideoFacts};
use vidc_compiler::time::{Rational, Time};

use super::Alias;
use super::keyframes::{closed, timed};
use super::reading::Reading;
use super::report::Packet;
use crate::ffmpeg::Tools;

/// How far into a file keyframes are looked at. Most have a second one by then.
const LOOK: Time = Time::new(Rational::new_raw(20, 1));
/// How far before that what is told of them may end.
const MARGIN: Time = Time::new(Rational::new_raw(1, 1));
/// How far from the end of a track what is hidden behind it is looked for.
const TAIL: Time = Time::new(Rational::new_raw(1, 1));

/// Completes what is known of a file; only of kinds that are sought in.
///
/// # Errors
/// The file took too long to read, or could not be. What is not known then is taken for what is right with any file: it
/// is read from its beginning, and not copied in part.
pub(super) async fn settle(tools: &Tools, media: &mut Media) -> Result<(), Problem> {
    let alias = Alias::of(Path::new(&media.path)).map_err(|error| Problem::Unreadable(error.to_string()))?;
    complete(&Reading::of(tools, alias.path()).await, media).await
}

/// Does so by some way of reading it.
pub(super) async fn complete(reading: &Reading<'_>, media: &mut Media) -> Result<(), Problem> {
    if !media.format.contains("mp4") && !media.format.contains("matroska") {
        return Ok(());
    }
    let start = media.start;
    let hides = media.format.contains("mp4");
    let mut problem = None;
    for stream in &mut media.streams {
        let track = Track {
            reading,
            index: stream.index,
            codec: stream.codec.clone(),
            base: stream.time_base,
            start,
        };
        let settled = match &mut stream.facts {
            StreamFacts::Video(video) if !video.still => track.pictures(video).await,
            _ => Ok(()),
        };
        problem = problem.or(settled.err());
        if hides && let Err(found) = track.ends(stream).await {
            problem = problem.or(Some(found));
        }
        if let (true, "aac", StreamFacts::Audio(audio)) = (hides, stream.codec.as_str(), &mut stream.facts) {
            audio.contiguous = reading.step(stream.index).await == u32::try_from(aac::PACKET).ok();
        }
    }
    problem.map_or(Ok(()), Err)
}

/// A stream, and the way its file is read.
struct Track<'a> {
    reading: &'a Reading<'a>,
    index: u32,
    codec: String,
    base: Option<Rational>,
    /// Where the file's timeline begins, on its own clock.
    start: Time,
}

impl Track<'_> {
    /// Sets where packets can be cut first, and whether keyframes are right from the start.
    async fn pictures(&self, video: &mut VideoFacts) -> Result<(), Problem> {
        let is_h264 = self.codec == "h264";
        if !is_h264 && self.codec != "hevc" {
            return Ok(());
        }
        video.first_keyframe = None;
        video.gradual_decoder_refresh = is_h264;
        let Some(base) = self.base else { return Ok(()) };
        let in_band_parameter_sets = async {
            match is_h264 {
                true => Ok(false),
                false => self.reading.tells_inside(self.index, (None, LOOK)).await,
            }
        };
        let (packets, refreshes, in_band_parameter_sets) = tokio::join!(
            self.reading
                .packets(Some(self.index), Some((self.start, Some(LOOK)))),
            self.reading.refreshes((self.index, &self.codec), (None, LOOK)),
            in_band_parameter_sets,
        );
        let (packets, refreshes) = (timed(packets?), refreshes?);
        video.in_band_parameter_sets = in_band_parameter_sets?;
        // Those before the start are only there for decoding; the file hides them.
        video.first_keyframe = closed(&packets, base, self.start, &refreshes)
            .into_iter()
            .find(|keyframe| keyframe.pts >= Time::ZERO);
        let keys = packets.iter().filter(|packet| packet.is_key());
        // Refreshes are told up to about there, and packets perhaps farther.
        let told = |pts: &i64| Time::new(base) * *pts < self.start + LOOK - MARGIN;
        let keys: Vec<i64> = keys.filter_map(Packet::time).filter(told).collect();
        let odd = keys.iter().skip(1).any(|pts| !refreshes.contains(*pts));
        video.gop = match keys.len() {
            _ if odd => GopKind::Open,
            0 | 1 => GopKind::Unknown,
            _ => GopKind::Closed,
        };
        if is_h264 {
            // Far enough to see two of them decoded.
            let third = keys.get(2);
            let until = third.map_or(LOOK, |third| Time::new(base) * *third - self.start);
            let until = odd.then_some(until);
            video.gradual_decoder_refresh = self.reading.gradual_decoder_refresh(self.index, until).await?;
        }
        Ok(())
    }

    /// Sets whether more of a track is hidden at its end than a packet.
    async fn ends(&self, stream: &mut Stream) -> Result<(), Problem> {
        let (Some(base), Some(duration)) = (self.base, stream.duration) else {
            return Ok(());
        };
        let end = stream.start + duration;
        match &mut stream.facts {
            StreamFacts::Video(video) if !video.still => {
                let frames = duration.frames(video.frame_rate);
                let as_many = video.frames.and_then(|count| i64::try_from(count).ok());
                if !video.variable_rate && as_many.is_some_and(|count| count <= frames + 1) {
                    return Ok(());
                }
                let packets = self
                    .reading
                    .packets(Some(self.index), Some((end - TAIL, None)))
                    .await?;
                let behind = |packet: &Packet| {
                    packet.flags.dropped && packet.pts.is_some_and(|pts| Time::new(base) * pts >= end)
                };
                video.edit_list_trims_end = packets.iter().any(behind);
            }
            StreamFacts::Audio(audio) if self.codec == "aac" => {
                let hidden = hidden(audio, end - self.start);
                audio.edit_list_trims_end = hidden.is_some_and(|hidden| hidden > 2 * aac::PACKET);
            }
            _ => {}
        }
        Ok(())
    }
}

/// How many samples of a sound are hidden at its end, which is so long after the file's start.
fn hidden(audio: &AudioFacts, end: Time) -> Option<i64> {
    let rate = Rational::from_integer(i64::from(audio.sample_rate));
    let all = i64::try_from(audio.packets?).ok()?.checked_mul(aac::PACKET)?;
    Some(all + audio.first_packet?.frames(rate) - end.frames(rate))
}
