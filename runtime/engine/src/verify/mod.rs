//! Verifies that a rendered file is as the compiler predicted. FFmpeg's exit code is not enough: it is 0 for a trim past
//! the end, a transition past the clip, and empty files.

mod decoding;
mod seams;

use std::path::Path;

use vidc_compiler::aac;
use vidc_compiler::facts::{AudioFacts, Media, Problem, Stream, StreamFacts, VideoFacts};
use vidc_compiler::plan::{Expected, ExpectedAudio, ExpectedVideo};
use vidc_compiler::time::{Rational, Time};

use crate::ffmpeg::Tools;
use crate::probe::{inspect, rates_match};

/// Opus packets of 960 samples, and the pre-skip of its encoder.
const OPUS_GRAIN: i64 = 2 * 960 + 312;
/// MP3 keeps the encoder's delay and padding: up to two frames of 1152 samples and the decoder's 529.
const MP3_FRAME: i64 = 2 * 1152 + 529;

/// Returns the differences between a file and what was expected, each as a sentence; none if nothing was expected.
pub async fn verify(tools: &Tools, path: &Path, expected: &Expected) -> Vec<String> {
    if *expected == Expected::default() {
        return Vec::new();
    }
    match inspect(tools, path).await {
        Ok(media) => {
            let mut mismatches = compare(&media, expected);
            if !expected.seams.is_empty() {
                mismatches.extend(seams::faults(tools, path, &media, expected).await);
            }
            mismatches
        }
        Err(Problem::Missing) => vec!["the file does not exist".to_owned()],
        Err(Problem::Unreadable(reason)) => vec![format!("it cannot be probed: {reason}")],
    }
}

/// Compares a probed file with what was expected.
pub fn compare(media: &Media, expected: &Expected) -> Vec<String> {
    let mut found = Comparison {
        format: &media.format,
        expected,
        mismatches: Vec::new(),
    };
    let (video, audio) = (media.video(), media.audio());
    found.video(video, expected.video.as_ref());
    found.audio(audio, expected.audio.as_ref());
    found.tracks(media);
    found.lengths(video, audio);
    found.mismatches
}

struct Comparison<'a> {
    /// FFmpeg's name of the demuxer.
    format: &'a str,
    expected: &'a Expected,
    mismatches: Vec<String>,
}

impl Comparison<'_> {
    fn mismatch(&mut self, difference: String) {
        self.mismatches.push(difference);
    }

    fn video(&mut self, found: Option<(&Stream, &VideoFacts)>, expected: Option<&ExpectedVideo>) {
        let (stream, video, expected) = match (found, expected) {
            (Some((stream, video)), Some(expected)) => (stream, video, expected),
            (None, Some(_)) => return self.mismatch("it has no video, but should".to_owned()),
            (Some(_), None) => return self.mismatch("it has video, but should not".to_owned()),
            (None, None) => return,
        };
        let size = (video.width, video.height);
        if size != (expected.width, expected.height) {
            self.mismatch(format!(
                "the video is {}×{}, but should be {}×{}",
                size.0, size.1, expected.width, expected.height
            ));
        }
        if let Some(rate) = expected.frame_rate {
            if video.variable_rate {
                self.mismatch(format!(
                    "its frame rate is variable, but should be {} fps",
                    shown(rate)
                ));
            } else if !rates_match(video.frame_rate, rate, 0.0005) {
                self.mismatch(format!(
                    "its frame rate is {} fps, but should be {} fps",
                    shown(video.frame_rate),
                    shown(rate)
                ));
            }
        }
        self.length("the video", stream.duration, expected.duration, frame(video));
    }

    fn audio(&mut self, found: Option<(&Stream, &AudioFacts)>, expected: Option<&ExpectedAudio>) {
        let (stream, audio, expected) = match (found, expected) {
            (Some((stream, audio)), Some(expected)) => (stream, audio, expected),
            (None, Some(_)) => return self.mismatch("it has no audio, but should".to_owned()),
            (Some(_), None) => return self.mismatch("it has audio, but should not".to_owned()),
            (None, None) => return,
        };
        if audio.sample_rate != expected.sample_rate {
            self.mismatch(format!(
                "its sample rate is {} Hz, but should be {} Hz",
                audio.sample_rate, expected.sample_rate
            ));
        }
        if audio.channels != expected.channels {
            self.mismatch(format!(
                "the audio has {} channels, but should have {}",
                audio.channels, expected.channels
            ));
        }
        self.length(
            "the audio",
            stream.duration,
            expected.duration,
            self.packet(stream, audio),
        );
    }

    fn tracks(&mut self, media: &Media) {
        let count =
            |of_kind: fn(&StreamFacts) -> bool| media.streams.iter().filter(|s| of_kind(&s.facts)).count();
        let subtitles = count(|facts| matches!(facts, StreamFacts::Subtitle));
        if subtitles != self.expected.subtitles {
            self.mismatch(format!(
                "it has {subtitles} subtitle tracks, but should have {}",
                self.expected.subtitles
            ));
        }
        let videos = count(|facts| matches!(facts, StreamFacts::Video(_)));
        let audios = count(|facts| matches!(facts, StreamFacts::Audio(_)));
        if videos > 1 || audios > 1 {
            self.mismatch(format!(
                "it has {videos} video and {audios} audio tracks, but should have at most one of each"
            ));
        }
    }

    fn lengths(&mut self, video: Option<(&Stream, &VideoFacts)>, audio: Option<(&Stream, &AudioFacts)>) {
        let frame = video.map_or(Time::ZERO, |(_, video)| frame(video));
        let packet = audio.map_or(Time::ZERO, |(stream, audio)| self.packet(stream, audio));
        let (video_length, audio_length) = (
            video.and_then(|(stream, _)| stream.duration),
            audio.and_then(|(stream, _)| stream.duration),
        );
        self.length(
            "the file",
            video_length.max(audio_length),
            self.expected.duration,
            frame.max(packet),
        );
        if let (true, Some(video_length), Some(audio_length)) =
            (self.expected.equal_lengths, video_length, audio_length)
            && video_length.distance(audio_length) > self.expected.tolerance + frame + packet
        {
            self.mismatch(format!(
                "video and audio should have equal lengths, but are {video_length} and {audio_length} long"
            ));
        }
    }

    /// The precision of an audio track's length: one packet, plus the encoder's priming if the file does not signal it.
    fn packet(&self, stream: &Stream, audio: &AudioFacts) -> Time {
        let samples = match stream.codec.as_str() {
            "mp3" => MP3_FRAME,
            "aac" if !self.format.contains("mp4") => 2 * aac::SAMPLES_PER_PACKET,
            // RFC 7845, section 4.2: the pre-skip is some packets of 20 ms.
            "opus" => OPUS_GRAIN * i64::from(audio.sample_rate) / 48_000,
            // The precision of most audio tracks' lengths.
            _ => aac::SAMPLES_PER_PACKET,
        };
        Time::from_frames(samples, Rational::from_integer(i64::from(audio.sample_rate)))
    }

    /// Compares a length with the expected one, within the tolerance and `precision`.
    fn length(&mut self, what: &str, found: Option<Time>, expected: Option<Time>, precision: Time) {
        let Some(expected) = expected else { return };
        match found {
            Some(found) if found.distance(expected) <= self.expected.tolerance + precision => {}
            Some(found) => self.mismatch(format!("{what} is {found} long, but should be {expected}")),
            None => self.mismatch(format!(
                "the length of {what} is unknown, but should be {expected}"
            )),
        }
    }
}

/// One frame.
fn frame(video: &VideoFacts) -> Time {
    Time::from_frames(1, video.frame_rate)
}

fn shown(rate: Rational) -> String {
    match *rate.denom() {
        1 => rate.to_string(),
        _ => format!("{rate} ({})", vidc_compiler::time::decimal(rate, 3)),
    }
}
