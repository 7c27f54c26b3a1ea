//! Whether a rendered file is what the compiler predicted. FFmpeg's exit code does not tell: it is 0 for a trim past
//! the end, a transition past the clip, and files with nothing in them.

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

/// Every way in which a file differs from what was expected, each a sentence; empty if there is none, or if nothing was
/// expected.
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
        Err(Problem::Missing) => vec!["there is no file".to_owned()],
        Err(Problem::Unreadable(reason)) => vec![format!("it cannot be read back: {reason}")],
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
    fn differs(&mut self, what: String) {
        self.mismatches.push(what);
    }

    fn video(&mut self, found: Option<(&Stream, &VideoFacts)>, expected: Option<&ExpectedVideo>) {
        let (stream, video, expected) = match (found, expected) {
            (Some((stream, video)), Some(expected)) => (stream, video, expected),
            (None, Some(_)) => return self.differs("it has no picture, and should have one".to_owned()),
            (Some(_), None) => return self.differs("it has a picture, and should have none".to_owned()),
            (None, None) => return,
        };
        let size = (video.width, video.height);
        if size != (expected.width, expected.height) {
            self.differs(format!(
                "the picture is {}×{} and should be {}×{}",
                size.0, size.1, expected.width, expected.height
            ));
        }
        if let Some(rate) = expected.frame_rate {
            if video.variable_rate {
                self.differs(format!(
                    "its frames are unevenly spaced, and there should be {} a second",
                    shown(rate)
                ));
            } else if !rates_match(video.frame_rate, rate, 0.0005) {
                self.differs(format!(
                    "it has {} frames a second and should have {}",
                    shown(video.frame_rate),
                    shown(rate)
                ));
            }
        }
        self.length("the picture", stream.duration, expected.duration, frame(video));
    }

    fn audio(&mut self, found: Option<(&Stream, &AudioFacts)>, expected: Option<&ExpectedAudio>) {
        let (stream, audio, expected) = match (found, expected) {
            (Some((stream, audio)), Some(expected)) => (stream, audio, expected),
            (None, Some(_)) => return self.differs("it has no sound, and should have some".to_owned()),
            (Some(_), None) => return self.differs("it has sound, and should have none".to_owned()),
            (None, None) => return,
        };
        if audio.sample_rate != expected.sample_rate {
            self.differs(format!(
                "the sound has {} samples a second and should have {}",
                audio.sample_rate, expected.sample_rate
            ));
        }
        if audio.channels != expected.channels {
            self.differs(format!(
                "the sound has {} channels and should have {}",
                audio.channels, expected.channels
            ));
        }
        self.length(
            "the sound",
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
            self.differs(format!(
                "it has {subtitles} subtitle tracks and should have {}",
                self.expected.subtitles
            ));
        }
        let pictures = count(|facts| matches!(facts, StreamFacts::Video(_)));
        let sounds = count(|facts| matches!(facts, StreamFacts::Audio(_)));
        if pictures > 1 || sounds > 1 {
            self.differs(format!(
                "it has {pictures} picture and {sounds} sound tracks, and should have at most one of each"
            ));
        }
    }

    fn lengths(&mut self, video: Option<(&Stream, &VideoFacts)>, audio: Option<(&Stream, &AudioFacts)>) {
        let frame = video.map_or(Time::ZERO, |(_, video)| frame(video));
        let packet = audio.map_or(Time::ZERO, |(stream, audio)| self.packet(stream, audio));
        let (picture, sound) = (
            video.and_then(|(stream, _)| stream.duration),
            audio.and_then(|(stream, _)| stream.duration),
        );
        self.length(
            "the file",
            picture.max(sound),
            self.expected.duration,
            frame.max(packet),
        );
        if let (true, Some(picture), Some(sound)) = (self.expected.equal_lengths, picture, sound)
            && picture.distance(sound) > self.expected.tolerance + frame + packet
        {
            self.differs(format!(
                "picture and sound should be equally long, and are {picture} and {sound}"
            ));
        }
    }

    /// The grain of a sound's length: one packet; and where the file does not say how many samples are the encoder's
    /// priming, those as well.
    fn packet(&self, stream: &Stream, audio: &AudioFacts) -> Time {
        let samples = match stream.codec.as_str() {
            "mp3" => MP3_FRAME,
            "aac" if !self.format.contains("mp4") => 2 * aac::PACKET,
            // RFC 7845, section 4.2: the pre-skip is some packets of 20 ms.
            "opus" => OPUS_GRAIN * i64::from(audio.sample_rate) / 48_000,
            // The grain of most sound tracks' lengths.
            _ => aac::PACKET,
        };
        Time::from_frames(samples, Rational::from_integer(i64::from(audio.sample_rate)))
    }

    /// Compares a length with what it should be, within the tolerance and a grain.
    fn length(&mut self, what: &str, found: Option<Time>, expected: Option<Time>, pts_jitter: Time) {
        let Some(expected) = expected else { return };
        match found {
            Some(found) if found.distance(expected) <= self.expected.tolerance + pts_jitter => {}
            Some(found) => self.differs(format!("{what} is {found} long and should be {expected}")),
            None => self.differs(format!(
                "how long {what} is cannot be told; it should be {expected}"
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
