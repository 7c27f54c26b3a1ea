//! What is known of a stream.

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
    /// How long it is; none if it never ends.
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

/// A picture's type.
#[derive(Clone, Debug, PartialEq)]
pub struct VideoType {
    /// Pixels across, after rotation.
    pub width: u32,
    /// Pixels down, after rotation.
    pub height: u32,
    /// Width of a pixel over its height.
    pub sample_aspect: Rational,
    /// Frames per second; where they are unevenly spaced, the rate they are brought to.
    pub frame_rate: Rational,
    /// Whether frames are unevenly spaced.
    pub variable_rate: bool,
    /// Whether frames are made of two pictures of different times.
    pub interlaced: bool,
    /// How pixels are stored.
    pub pixels: PixelFormat,
    /// What its numbers stand for.
    pub color_space: ColorSpace,
    /// How long it is; none if it never ends.
    pub duration: Option<Time>,
    /// Whether it is one frame that never changes.
    pub still: bool,
}

/// How pixels are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PixelFormat {
    /// FFmpeg's name.
    pub name: String,
    /// Bits per component.
    pub depth: u8,
    /// Whether there is an alpha channel.
    pub alpha: bool,
}

impl PixelFormat {
    /// Eight-bit 4:2:0, what every player plays.
    pub fn yuv420p() -> Self {
        PixelFormat {
            name: "yuv420p".into(),
            depth: 8,
            alpha: false,
        }
    }

    /// Ten-bit 4:2:0.
    pub fn yuv420p10() -> Self {
        PixelFormat {
            name: "yuv420p10le".into(),
            depth: 10,
            alpha: false,
        }
    }

    /// Eight-bit 4:2:0 with alpha.
    pub fn yuva420p() -> Self {
        PixelFormat {
            name: "yuva420p".into(),
            depth: 8,
            alpha: true,
        }
    }

    /// Eight-bit RGB with alpha.
    pub fn rgba() -> Self {
        PixelFormat {
            name: "rgba".into(),
            depth: 8,
            alpha: true,
        }
    }
}

impl VideoType {
    /// The type of a probed stream, lasting `duration`.
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

    /// The same picture with its pixels stored otherwise, as FFmpeg does it by itself: what is not RGB is then in limited
    /// range, and what was RGB is mixed as SD video (FFmpeg 5.1, measured).
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

    /// Pixels across and down.
    pub fn size(&self) -> Size {
        Size {
            width: self.width,
            height: self.height,
        }
    }

    /// The size on a screen with square pixels: the height is kept, the width stretched.
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

/// A sound's type.
#[derive(Clone, Debug, PartialEq)]
pub struct AudioType {
    /// Samples per second.
    pub sample_rate: u32,
    /// How many channels.
    pub channels: u16,
    /// FFmpeg's name of their layout.
    pub layout: String,
    /// How long it is; none if it never ends.
    pub duration: Option<Time>,
}

impl AudioType {
    /// What silence is made of where nothing else says: 48 kHz stereo.
    pub fn stereo_48_khz() -> Self {
        AudioType {
            sample_rate: 48_000,
            channels: 2,
            layout: "stereo".into(),
            duration: None,
        }
    }

    /// The type of a probed stream, lasting `duration`.
    pub fn from_facts(facts: &AudioFacts, duration: Option<Time>) -> Self {
        AudioType {
            sample_rate: facts.sample_rate,
            channels: facts.channels,
            layout: facts.layout.clone(),
            duration,
        }
    }

    /// What changes if this is brought to another form, in words; none if nothing does.
    pub fn difference(&self, to: &AudioType) -> Option<String> {
        let words = |ty: &AudioType| {
            format!(
                "{} kHz {}",
                decimal(Rational::new(ty.sample_rate.into(), 1000), 3),
                ty.layout
            )
        };
        (self.sample_rate != to.sample_rate || self.layout != to.layout)
            .then(|| format!("{} becomes {}", words(self), words(to)))
    }

    /// Samples per second, exact.
    pub fn rate(&self) -> Rational {
        Rational::from_integer(i64::from(self.sample_rate))
    }
}
