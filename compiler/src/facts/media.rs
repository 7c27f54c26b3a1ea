//! Probed media files and their streams.

use serde::{Deserialize, Serialize};

use super::Keyframe;
use crate::time::{Rational, Time};

/// A probed media file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Media {
    /// Its absolute path.
    pub path: String,
    /// A hash that identifies its content in the content keys of stages: BLAKE3, in hexadecimal, of its bytes or
    /// of other data that distinguishes it.
    pub hash: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// FFmpeg's name of its demuxer, such as `mov,mp4,m4a,3gp,3g2,mj2`.
    pub format: String,
    /// Its duration; `None` for a still image, or if it is unknown.
    pub duration: Option<Time>,
    /// The start of its timeline, on the file's own clock: the PTS of the first frame if only audio priming precedes it,
    /// otherwise the first PTS of any stream.
    pub start: Time,
    /// How much later `start` is than the first PTS of any stream, from which FFmpeg counts.
    #[serde(default)]
    pub lead: Time,
    /// Its streams in the file's order, without cover art.
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

    /// The first stream of a kind that is marked as default, otherwise the first of that kind.
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
    /// Its first PTS, on the file's clock.
    pub start: Time,
    /// Its own duration, which may differ from the file's.
    pub duration: Option<Time>,
    /// Its time base, in seconds per tick.
    pub time_base: Option<Rational>,
    /// Bits per second, if the file states it.
    pub bit_rate: Option<u64>,
    /// ISO 639 language, if the file states it.
    pub language: Option<String>,
    /// Its title, if the file states it.
    pub title: Option<String>,
    /// Whether the file marks it as the default of its kind.
    pub default: bool,
    /// The facts that depend on its kind.
    pub facts: StreamFacts,
}

impl Stream {
    /// Whether it is video without frame reordering, so that each frame's DTS is its PTS.
    pub fn is_in_order(&self) -> bool {
        let StreamFacts::Video(video) = &self.facts else {
            return false;
        };
        match self.codec.as_str() {
            // Other profiles may have B-frames.
            "mpeg4" => video.profile.as_deref() == Some("Simple Profile"),
            codec => matches!(codec, "mjpeg" | "ffv1" | "huffyuv" | "rawvideo"),
        }
    }
}

/// The facts that depend on a stream's kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum StreamFacts {
    /// Video or a still image.
    Video(VideoFacts),
    /// Audio.
    Audio(AudioFacts),
    /// Subtitles, as text or bitmaps.
    Subtitle,
    /// Anything else (data, attachments, timecode).
    Other,
}

/// Facts about a video stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VideoFacts {
    /// The width in pixels after rotation, before the sample aspect ratio is applied.
    pub width: u32,
    /// The height in pixels after rotation.
    pub height: u32,
    /// The display rotation in degrees clockwise: 0, 90, 180 or 270. FFmpeg rotates decoded frames automatically.
    pub rotation: u16,
    /// Whether it is also displayed mirrored. FFmpeg mirrors decoded frames automatically.
    #[serde(default)]
    pub mirrored: bool,
    /// The sample aspect ratio (width over height of a pixel) after rotation; 1 if the file does not state it.
    pub sample_aspect: Rational,
    /// Frames per second: the nominal rate of CFR video; for VFR video, the common rate nearest to the spacing of most
    /// frames.
    pub frame_rate: Rational,
    /// Whether the video is VFR.
    pub variable_rate: bool,
    /// FFmpeg's name of the pixel format, such as `yuv420p10le`.
    pub pixel_format: String,
    /// Bits per component.
    pub bit_depth: u8,
    /// Whether the pixel format has an alpha channel.
    pub alpha: bool,
    /// Whether it is a still image.
    pub still: bool,
    /// Whether the file marks it as interlaced.
    pub interlaced: bool,
    /// FFmpeg's `color_range`, if known.
    pub color_range: Option<String>,
    /// FFmpeg's `color_space` (matrix), if known.
    pub color_space: Option<String>,
    /// FFmpeg's `color_primaries`, if known.
    pub color_primaries: Option<String>,
    /// FFmpeg's `color_transfer`, if known; `smpte2084` and `arib-std-b67` are HDR.
    pub color_transfer: Option<String>,
    /// The codec profile as ffprobe names it.
    pub profile: Option<String>,
    /// The codec level as ffprobe numbers it.
    pub level: Option<i32>,
    /// The number of frames, if the file states it.
    pub frames: Option<u64>,
    /// The first keyframe that is shown, if packets can be cut there.
    #[serde(default)]
    pub first_keyframe: Option<Keyframe>,
    /// Whether the first DTS, not the first PTS, is at the start of the file's clock: in files with B-frames but without
    /// edit lists. FFmpeg seeks in MP4 by DTS.
    #[serde(default)]
    pub nonzero_first_pts: bool,
    /// Whether H.265 packets contain parameter sets in band. FFmpeg's `concat` demuxer inserts those of the file after
    /// them, which then take effect instead.
    #[serde(default)]
    pub in_band_parameter_sets: bool,
    /// Whether an edit list hides frames at the start that are only needed for decoding (ISO/IEC 14496-12, 8.6.6).
    #[serde(default)]
    pub edit_list_trims_start: bool,
    /// Whether an edit list hides frames at the end, which a copy would restore.
    #[serde(default)]
    pub edit_list_trims_end: bool,
    /// Whether keyframes other than the first are recovery points of gradual decoder refresh, after which decoded frames
    /// are wrong for a while (ITU-T H.264, D.2.8, `recovery_frame_cnt`).
    #[serde(default)]
    pub gradual_decoder_refresh: bool,
    /// Whether its GOPs are open or closed.
    #[serde(default)]
    pub gop: GopKind,
    /// A hash of the parameter sets, if the file stores them out of band.
    #[serde(default)]
    pub parameter_sets: Option<String>,
}

/// Whether frames that follow a keyframe in decoding order may be shown before it. A decoder that starts at the keyframe
/// loses those frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GopKind {
    /// Not examined, or there is no keyframe but the first.
    #[default]
    Unknown,
    /// All keyframes are IDR pictures (ITU-T H.264, 3.69).
    Closed,
    /// Some keyframes are not.
    Open,
}

impl VideoFacts {
    /// Whether it is displayed neither rotated nor mirrored.
    pub fn is_upright(&self) -> bool {
        self.rotation == 0 && !self.mirrored
    }

    /// Its color tags: matrix, primaries, transfer function and range.
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

/// Facts about an audio stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AudioFacts {
    /// Samples per second.
    pub sample_rate: u32,
    /// The number of channels.
    pub channels: u16,
    /// FFmpeg's name of the channel layout; the default layout for the number of channels if the file does not state it.
    pub layout: String,
    /// FFmpeg's name of the sample format, if known.
    pub sample_format: Option<String>,
    /// The codec profile as ffprobe names it, such as `LC`.
    #[serde(default)]
    pub profile: Option<String>,
    /// The PTS of its first packet, relative to the start of the file; negative if the encoder's priming is hidden.
    #[serde(default)]
    pub first_packet: Option<Time>,
    /// The number of packets, if the file states it.
    #[serde(default)]
    pub packets: Option<u64>,
    /// Whether its AAC-LC packets are known to be exactly 1024 samples apart, without gaps or overlaps.
    #[serde(default)]
    pub contiguous: bool,
    /// Whether an edit list hides more than the last packet or two at the end, which a copy would restore.
    #[serde(default)]
    pub edit_list_trims_end: bool,
}
