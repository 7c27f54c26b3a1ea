//! The types of streams.

use std::fmt;

use super::pixel_format::PixelFormat;
use super::{ColorSpace, Matrix, Range};
use crate::facts::{AudioFacts, VideoFacts};
use crate::time::{Rational, Time, decimal};
use crate::value::Size;

/// The type of a node's stream.
#[derive(Clone, Debug, PartialEq)]
pub enum StreamType {
    Video(VideoType),
    Audio(AudioType),
}

impl StreamType {
    /// The duration; `None` if the stream is endless.
    pub fn duration(&self) -> Option<Time> {
        match self {
            StreamType::Video(ty) => ty.duration,
            StreamType::Audio(ty) => ty.duration,
        }
    }

    /// Frames or samples per second.
    pub fn rate(&self) -> Rational {
        match self {
            StreamType::Video(ty) => ty.frame_rate,
            StreamType::Audio(ty) => ty.rate(),
        }
    }

    /// What [`StreamType::rate`] counts.
    pub fn unit(&self) -> &'static str {
        match self {
            StreamType::Video(_) => "frames",
            StreamType::Audio(_) => "samples",
        }
    }

    /// `video` or `audio`.
    pub fn kind(&self) -> &'static str {
        match self {
            StreamType::Video(_) => "video",
            StreamType::Audio(_) => "audio",
        }
    }

    /// The same type with another duration.
    pub fn with_duration(&self, duration: Option<Time>) -> StreamType {
        match self {
            StreamType::Video(ty) => StreamType::Video(VideoType {
                duration,
                ..ty.clone()
            }),
            StreamType::Audio(ty) => StreamType::Audio(AudioType {
                duration,
                ..ty.clone()
            }),
        }
    }
}

impl From<VideoType> for StreamType {
    fn from(ty: VideoType) -> Self {
        StreamType::Video(ty)
    }
}

impl From<AudioType> for StreamType {
    fn from(ty: AudioType) -> Self {
        StreamType::Audio(ty)
    }
}

impl fmt::Display for StreamType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StreamType::Video(ty) => write!(f, "video {ty}")?,
            StreamType::Audio(ty) => write!(f, "audio {ty}")?,
        }
        match self.duration() {
            Some(duration) => write!(f, " {duration}"),
            None => f.write_str(" endless"),
        }
    }
}

/// The type of a video stream.
#[derive(Clone, Debug, PartialEq)]
pub struct VideoType {
    /// Width in pixels, after rotation.
    pub width: u32,
    /// Height in pixels, after rotation.
    pub height: u32,
    /// Sample aspect ratio: the width of a pixel over its height.
    pub sample_aspect: Rational,
    /// Frames per second; for VFR, the constant rate it is converted to.
    pub frame_rate: Rational,
    /// Whether the frame rate is variable (VFR).
    pub variable_rate: bool,
    /// Whether frames consist of two fields.
    pub interlaced: bool,
    /// The pixel format.
    pub pixels: PixelFormat,
    /// The color space.
    pub color_space: ColorSpace,
    /// The duration; `None` if the stream is endless.
    pub duration: Option<Time>,
    /// Whether it is a still image: one frame, shown for as long as needed.
    pub still: bool,
}

impl VideoType {
    /// The type of a probed stream that lasts `duration`.
    pub fn from_facts(facts: &VideoFacts, duration: Option<Time>) -> Self {
        VideoType {
            width: facts.width,
            height: facts.height,
            sample_aspect: facts.sample_aspect,
            frame_rate: facts.frame_rate,
            variable_rate: facts.variable_rate,
            interlaced: facts.interlaced && !facts.still,
            pixels: PixelFormat {
                name: facts.pixel_format.clone(),
                depth: facts.bit_depth,
                alpha: facts.alpha,
            },
            color_space: ColorSpace::from_facts(facts),
            duration,
            still: facts.still,
        }
    }

    /// Changes the pixel format as FFmpeg's implicit conversion does: YUV ends up in limited range, and RGB is
    /// converted with the matrix of SD video (FFmpeg 5.1, measured).
    pub fn set_pixel_format(&mut self, pixels: PixelFormat) {
        if pixels != self.pixels && !pixels.is_rgb() {
            self.color_space = match self.color_space.matrix {
                Matrix::Rgb => ColorSpace::SD,
                _ => ColorSpace {
                    range: Range::Limited,
                    ..self.color_space
                },
            };
        }
        self.pixels = pixels;
    }

    /// Width and height in pixels.
    pub fn size(&self) -> Size {
        Size {
            width: self.width,
            height: self.height,
        }
    }

    /// The size in square pixels: the height stays, the width is stretched.
    pub fn display_size(&self) -> Size {
        let width = Rational::from_integer(i64::from(self.width)) * self.sample_aspect;
        Size {
            width: u32::try_from(width.round().to_integer())
                .unwrap_or(self.width)
                .max(1),
            height: self.height,
        }
    }
}

/// All but the duration.
impl fmt::Display for VideoType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)?;
        if self.sample_aspect != Rational::ONE {
            let (width, height) = (self.sample_aspect.numer(), self.sample_aspect.denom());
            write!(f, " SAR {width}:{height}")?;
        }
        match self.still {
            true => f.write_str(" still")?,
            false => write!(f, " {} fps", decimal(self.frame_rate, 3))?,
        }
        if self.variable_rate {
            f.write_str(" VFR")?;
        }
        if self.interlaced {
            f.write_str(" interlaced")?;
        }
        write!(f, " {} {}", self.pixels.name, self.color_space)
    }
}

/// The type of an audio stream.
#[derive(Clone, Debug, PartialEq)]
pub struct AudioType {
    /// Samples per second.
    pub sample_rate: u32,
    /// Number of channels.
    pub channels: u16,
    /// FFmpeg's name of the channel layout.
    pub layout: String,
    /// The duration; `None` if the stream is endless.
    pub duration: Option<Time>,
}

impl AudioType {
    /// 48 kHz stereo, the type of silence where nothing else determines it.
    pub fn stereo_48_khz() -> Self {
        AudioType {
            sample_rate: 48_000,
            channels: 2,
            layout: "stereo".into(),
            duration: None,
        }
    }

    /// The type of a probed stream that lasts `duration`.
    pub fn from_facts(facts: &AudioFacts, duration: Option<Time>) -> Self {
        AudioType {
            sample_rate: facts.sample_rate,
            channels: facts.channels,
            layout: facts.layout.clone(),
            duration,
        }
    }

    /// The conversion to another type in words; `None` if nothing changes.
    pub fn difference(&self, to: &AudioType) -> Option<String> {
        (self.sample_rate != to.sample_rate || self.layout != to.layout)
            .then(|| format!("{self} becomes {to}"))
    }

    /// Samples per second, as a rational.
    pub fn rate(&self) -> Rational {
        Rational::from_integer(i64::from(self.sample_rate))
    }
}

/// All but the duration: `44.1 kHz stereo`.
impl fmt::Display for AudioType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kilohertz = decimal(Rational::new(self.sample_rate.into(), 1000), 3);
        write!(f, "{kilohertz} kHz {}", self.layout)
    }
}
