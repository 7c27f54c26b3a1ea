//! What ffprobe knows of a media file, in our own terms.

use serde::{Deserialize, Serialize};

use super::Keyframe;
use crate::time::{Rational, Time};

/// A probed media file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Media {
    /// Where it is, absolute.
    pub path: String,
    /// What stands for its content in the keys of stages: BLAKE3 of its bytes, hexadecimal, or of what else tells it from
    /// others.
    pub hash: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// FFmpeg's name of its demuxer, such as `mov,mp4,m4a,3gp,3g2,mj2`.
    pub format: String,
    /// The whole file's duration; none where it has none (still images) or it is not known.
    pub duration: Option<Time>,
    /// Where its timeline begins, on the file's own clock: with its first frame, if only the priming of the sound comes
    /// before that, else with the first of any stream.
    pub start: Time,
    /// How much later that is than the first of any stream. FFmpeg begins to count there.
    #[serde(default)]
    pub lead: Time,
    /// Its streams, in the file's order; pictures attached to audio files are not among them.
    pub streams: Vec<Stream>,
}

impl Media {
    /// The stream with the given index in the file.
    pub fn stream(&self, index: u32) -> Option<&Stream> {
        self.streams.iter().find(|stream| stream.index == index)
    }

    /// The video stream that a player would show.
    pub fn video(&self) -> Option<(&Stream, &VideoFacts)> {
        self.best(|stream| match &stream.facts {
            StreamFacts::Video(video) => Some(video),
            _ => None,
        })
    }

    /// The audio stream that a player would play.
    pub fn audio(&self) -> Option<(&Stream, &AudioFacts)> {
        self.best(|stream| match &stream.facts {
            StreamFacts::Audio(audio) => Some(audio),
            _ => None,
        })
    }

    /// The first stream of a kind marked as default, else the first of the kind.
    fn best<'a, F>(&'a self, of_kind: impl Fn(&'a Stream) -> Option<&'a F>) -> Option<(&'a Stream, &'a F)> {
        let found = || {
            self.streams
                .iter()
                .filter_map(|s| of_kind(s).map(|facts| (s, facts)))
        };
        found()
            .find(|(stream, _)| stream.default)
            .or_else(|| found().next())
    }
}

/// One stream of a media file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stream {
    /// Its index in the file.
    pub index: u32,
    /// FFmpeg's name of its codec, such as `h264`.
    pub codec: String,
    /// Its first timestamp, on the file's clock.
    pub start: Time,
    /// Its own duration, which may differ from the file's.
    pub duration: Option<Time>,
    /// The clock its timestamps count in, seconds per tick.
    pub time_base: Option<Rational>,
    /// Bits per second, where the file says.
    pub bit_rate: Option<u64>,
    /// ISO 639 language, where the file says.
    pub language: Option<String>,
    /// Its title, where the file says.
    pub title: Option<String>,
    /// Whether the file marks it as the one to play.
    pub default: bool,
    /// What is particular to its kind.
    pub facts: StreamFacts,
}

impl Stream {
    /// Whether it is a picture whose frames are shown in the order of their packets, so that times of decoding tell when.
    pub fn is_in_order(&self) -> bool {
        let StreamFacts::Video(video) = &self.facts else {
            return false;
        };
        match self.codec.as_str() {
            // Other profiles may reorder.
            "mpeg4" => video.profile.as_deref() == Some("Simple Profile"),
            codec => matches!(codec, "mjpeg" | "ffv1" | "huffyuv" | "rawvideo"),
        }
    }
}

/// What is particular to a stream's kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum StreamFacts {
    /// Pictures.
    Video(VideoFacts),
    /// Sound.
    Audio(AudioFacts),
    /// Timed text or bitmaps.
    Subtitle,
    /// Anything else (data, attachments, timecode).
    Other,
}

/// What is known of a video stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VideoFacts {
    /// Pixels across as a player shows it: after rotation, before the sample aspect ratio is applied.
    pub width: u32,
    /// Pixels down, likewise.
    pub height: u32,
    /// Degrees clockwise that a player turns the coded picture by: 0, 90, 180 or 270. FFmpeg turns it by itself.
    pub rotation: u16,
    /// Whether it is mirrored as well. FFmpeg does that, too.
    #[serde(default)]
    pub mirrored: bool,
    /// Width of a pixel over its height, after rotation; 1 where the file does not say.
    pub sample_aspect: Rational,
    /// Frames per second: the nominal one where frames are evenly spaced, else the common one that is nearest to how most
    /// of them follow each other.
    pub frame_rate: Rational,
    /// Whether frames are unevenly spaced.
    pub variable_rate: bool,
    /// FFmpeg's name of the pixel format, such as `yuv420p10le`.
    pub pixel_format: String,
    /// Bits per component.
    pub bit_depth: u8,
    /// Whether the pixel format has an alpha channel.
    pub alpha: bool,
    /// Whether the picture is a still image rather than a moving one.
    pub still: bool,
    /// Whether the file says that it is interlaced.
    pub interlaced: bool,
    /// FFmpeg's `color_range`, where known.
    pub color_range: Option<String>,
    /// FFmpeg's `color_space` (matrix), where known.
    pub color_space: Option<String>,
    /// FFmpeg's `color_primaries`, where known.
    pub color_primaries: Option<String>,
    /// FFmpeg's `color_transfer`, where known; `smpte2084` and `arib-std-b67` are HDR.
    pub color_transfer: Option<String>,
    /// The codec profile as ffprobe names it.
    pub profile: Option<String>,
    /// The codec level as ffprobe numbers it.
    pub level: Option<i32>,
    /// How many frames there are, where the file says.
    pub frames: Option<u64>,
    /// The first keyframe that is shown, where packets can be cut.
    #[serde(default)]
    pub first_keyframe: Option<Keyframe>,
    /// Whether decoding begins no earlier than the file's clock, and frames are shown later: in files without edit lists that
    /// reorder frames. FFmpeg seeks in MP4 by when frames are decoded.
    #[serde(default)]
    pub nonzero_first_pts: bool,
    /// Whether packets of H.265 bring parameter sets of their own. FFmpeg's `concat` demuxer puts those of the file behind
    /// them, which then are taken instead.
    #[serde(default)]
    pub in_band_parameter_sets: bool,
    /// Whether its file hides frames at the beginning that are only there for decoding (ISO/IEC 14496-12, 8.6.6).
    #[serde(default)]
    pub edit_list_trims_start: bool,
    /// Whether its file hides frames at the end, which a copy would bring back.
    #[serde(default)]
    pub edit_list_trims_end: bool,
    /// Whether keyframes but the first are points of recovery, where pictures are made anew little by little: what is
    /// decoded from there on is wrong for a while (ITU-T H.264, D.2.8, `recovery_frame_cnt`).
    #[serde(default)]
    pub gradual_decoder_refresh: bool,
    /// Whether frames behind a keyframe are shown before it.
    #[serde(default)]
    pub gop: GopKind,
    /// A hash of what decoders must know beforehand (parameter sets), where the file keeps that apart.
    #[serde(default)]
    pub parameter_sets: Option<String>,
}

/// Whether what comes behind a keyframe, in the order of decoding, may be shown before it. Whoever begins to decode there
/// loses those frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GopKind {
    /// Nobody has looked, or has seen a keyframe but the first.
    #[default]
    Unknown,
    /// Every keyframe is an instantaneous decoding refresh (ITU-T H.264, 3.69).
    Closed,
    /// Some are not.
    Open,
}

impl VideoFacts {
    /// Whether a player shows the coded picture as it is, neither turned nor mirrored.
    pub fn is_upright(&self) -> bool {
        self.rotation == 0 && !self.mirrored
    }

    /// What it says of its colors: matrix, primaries, transfer function and range.
    pub fn color_tags(&self) -> [Option<&str>; 4] {
        [
            self.color_space.as_deref(),
            self.color_primaries.as_deref(),
            self.color_transfer.as_deref(),
            self.color_range.as_deref(),
        ]
    }

    /// Whether its transfer function is PQ or HLG.
    pub fn is_hdr(&self) -> bool {
        matches!(self.color_transfer.as_deref(), Some("smpte2084" | "arib-std-b67"))
    }
}

/// What is known of an audio stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AudioFacts {
    /// Samples per second.
    pub sample_rate: u32,
    /// How many channels.
    pub channels: u16,
    /// FFmpeg's name of the channel layout; its default one for the count where the file does not say.
    pub layout: String,
    /// FFmpeg's name of the sample format, where known.
    pub sample_format: Option<String>,
    /// The codec profile as ffprobe names it, such as `LC`.
    #[serde(default)]
    pub profile: Option<String>,
    /// When its first packet begins, from the file's start: before it, where what an encoder put in front is hidden.
    #[serde(default)]
    pub first_packet: Option<Time>,
    /// How many packets there are, where the file says.
    #[serde(default)]
    pub packets: Option<u64>,
    /// Whether its packets of AAC-LC are known to follow each other every 1024 samples, without gap or overlap.
    #[serde(default)]
    pub contiguous: bool,
    /// Whether its file hides more than the last packet or two at the end, which a copy would bring back.
    #[serde(default)]
    pub edit_list_trims_end: bool,
}
