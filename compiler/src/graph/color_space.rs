//! The color space of a video stream (ITU-T H.273).

use std::fmt;

use super::pixel_format::is_rgb;
use crate::facts::VideoFacts;
use crate::value::Size;

/// The mapping from pixel values to colors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ColorSpace {
    /// The matrix coefficients.
    pub matrix: Matrix,
    /// The range of values.
    pub range: Range,
    /// The transfer function.
    pub transfer: Transfer,
}

/// Matrix coefficients: how luma and chroma are computed from red, green and blue (ITU-T H.273, 8.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Matrix {
    /// No matrix: values are red, green and blue.
    Rgb,
    /// ITU-R BT.601: SD video, and JPEG.
    Bt601,
    /// ITU-R BT.709: HD video.
    Bt709,
    /// ITU-R BT.2020 non-constant luminance: most HDR video.
    Bt2020,
}

/// The values of black and white.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Range {
    /// 16 to 235 in 8 bits.
    Limited,
    /// 0 to 255 in 8 bits.
    Full,
}

/// The transfer function: how values map to light.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transfer {
    /// Standard dynamic range.
    Sdr,
    /// Perceptual quantizer (SMPTE ST 2084).
    Pq,
    /// Hybrid log-gamma (ARIB STD-B67).
    Hlg,
}

impl ColorSpace {
    /// RGB in full range, as displays take it.
    pub const RGB: ColorSpace = ColorSpace {
        matrix: Matrix::Rgb,
        range: Range::Full,
        transfer: Transfer::Sdr,
    };
    /// HD video.
    pub const HD: ColorSpace = ColorSpace {
        matrix: Matrix::Bt709,
        range: Range::Limited,
        transfer: Transfer::Sdr,
    };
    /// SD video, which FFmpeg's filters assume for everything untagged.
    pub const SD: ColorSpace = ColorSpace {
        matrix: Matrix::Bt601,
        range: Range::Limited,
        transfer: Transfer::Sdr,
    };
    /// A JPEG image (ITU-T T.871, 7).
    pub const JPEG: ColorSpace = ColorSpace {
        matrix: Matrix::Bt601,
        range: Range::Full,
        transfer: Transfer::Sdr,
    };

    /// The color space that players assume for untagged video. Chromium decides by 720 lines
    /// (`media/ffmpeg/ffmpeg_common.cc`), mpv also by 1280 columns (`video/csputils.c`); they agree on the usual sizes.
    pub fn default_for_size(size: Size) -> ColorSpace {
        match size.height >= 720 || size.width >= 1280 {
            true => ColorSpace::HD,
            false => ColorSpace::SD,
        }
    }

    /// The color space of a probed stream: its tags, and players' defaults where it is untagged. Rare matrices count as
    /// the closest one here, or as untagged.
    pub fn from_facts(facts: &VideoFacts) -> ColorSpace {
        let transfer = match facts.color_transfer.as_deref() {
            Some("smpte2084") => Transfer::Pq,
            Some("arib-std-b67") => Transfer::Hlg,
            _ => Transfer::Sdr,
        };
        if is_rgb(&facts.pixel_format) {
            return ColorSpace {
                transfer,
                ..ColorSpace::RGB
            };
        }
        let size = Size {
            width: facts.width,
            height: facts.height,
        };
        let matrix = match facts.color_space.as_deref() {
            Some("smpte170m" | "bt470bg" | "fcc") => Matrix::Bt601,
            Some("bt709" | "smpte240m") => Matrix::Bt709,
            Some("bt2020nc" | "bt2020c") => Matrix::Bt2020,
            _ if transfer != Transfer::Sdr => Matrix::Bt2020,
            _ if facts.still => Matrix::Bt601,
            _ => ColorSpace::default_for_size(size).matrix,
        };
        let range = match facts.color_range.as_deref() {
            Some("pc") => Range::Full,
            None if facts.pixel_format.starts_with("yuvj") => Range::Full,
            _ => Range::Limited,
        };
        ColorSpace {
            matrix,
            range,
            transfer,
        }
    }

    /// Whether its transfer function is PQ or HLG.
    pub fn is_hdr(self) -> bool {
        self.transfer != Transfer::Sdr
    }

    /// Whether equal pixel values have equal red, green and blue components in both.
    pub fn same_matrix_and_range(self, other: ColorSpace) -> bool {
        self.matrix == other.matrix && self.range == other.range
    }

    /// Whether FFmpeg's implicit conversion is correct: it converts RGB as if to SD video.
    pub fn converts_implicitly_to(self, to: ColorSpace) -> bool {
        self.same_matrix_and_range(to)
            || (self.matrix == Matrix::Rgb && to.same_matrix_and_range(ColorSpace::SD))
    }

    /// The color space in which encoders take such video: limited range, and for RGB the matrix that players expect
    /// for video of that size.
    pub fn encodable(self, size: Size) -> ColorSpace {
        let matrix = match self.matrix {
            Matrix::Rgb => ColorSpace::default_for_size(size).matrix,
            matrix => matrix,
        };
        ColorSpace {
            matrix,
            range: Range::Limited,
            ..self
        }
    }

    /// The conversion to another color space in words; `None` if nothing worth reporting changes, as from or to RGB.
    pub fn difference(self, to: ColorSpace) -> Option<String> {
        if self.matrix == Matrix::Rgb || to.matrix == Matrix::Rgb {
            return None;
        }
        let mut changes = Vec::new();
        if self.matrix != to.matrix {
            changes.push(format!("{} becomes {}", self.matrix.label(), to.matrix.label()));
        }
        if self.range != to.range {
            let (from, to) = (self.range.scale_name(), to.range.scale_name());
            changes.push(format!("{from} range becomes {to} range"));
        }
        (!changes.is_empty()).then(|| changes.join("; "))
    }

    /// FFmpeg's names for it; `None` for RGB.
    ///
    /// Each matrix is assumed to go with the primaries of its own recommendation, as players do, and HDR with those of
    /// BT.2020 (ITU-R BT.2100).
    pub fn ffmpeg_names(self) -> Option<ColorNames> {
        let (matrix, primaries, sdr) = match self.matrix {
            Matrix::Rgb => return None,
            Matrix::Bt601 => ("smpte170m", "smpte170m", "smpte170m"),
            Matrix::Bt709 => ("bt709", "bt709", "bt709"),
            Matrix::Bt2020 => ("bt2020nc", "bt2020", "bt2020-10"),
        };
        Some(ColorNames {
            matrix,
            primaries: match self.transfer {
                Transfer::Sdr => primaries,
                Transfer::Pq | Transfer::Hlg => "bt2020",
            },
            transfer: match self.transfer {
                Transfer::Sdr => sdr,
                Transfer::Pq => "smpte2084",
                Transfer::Hlg => "arib-std-b67",
            },
            range: match self.range {
                Range::Limited => "tv",
                Range::Full => "pc",
            },
        })
    }

    /// The options that make an encoder tag its output. Encoders always get limited range.
    pub fn options(self) -> Vec<(String, String)> {
        let names = self.ffmpeg_names().filter(|_| self.range == Range::Limited);
        names.map(ColorNames::options).unwrap_or_default()
    }
}

/// `BT.709`, with the range if it is full, and the transfer function if it is HDR.
impl fmt::Display for ColorSpace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.matrix.label())?;
        if self.range == Range::Full && self.matrix != Matrix::Rgb {
            f.write_str(" full-range")?;
        }
        match self.transfer {
            Transfer::Sdr => Ok(()),
            Transfer::Pq => f.write_str(" PQ"),
            Transfer::Hlg => f.write_str(" HLG"),
        }
    }
}

/// FFmpeg's names for the properties of a color space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColorNames {
    pub matrix: &'static str,
    pub primaries: &'static str,
    pub transfer: &'static str,
    pub range: &'static str,
}

impl ColorNames {
    fn options(self) -> Vec<(String, String)> {
        let option = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        vec![
            option("colorspace", self.matrix),
            option("color_primaries", self.primaries),
            option("color_trc", self.transfer),
            option("color_range", self.range),
        ]
    }
}

impl Matrix {
    /// Its name in the options of `scale`; `None` for RGB.
    pub fn scale_name(self) -> Option<&'static str> {
        match self {
            Matrix::Rgb => None,
            Matrix::Bt601 => Some("bt601"),
            Matrix::Bt709 => Some("bt709"),
            Matrix::Bt2020 => Some("bt2020"),
        }
    }

    fn label(self) -> &'static str {
        match self {
            Matrix::Rgb => "RGB",
            Matrix::Bt601 => "BT.601",
            Matrix::Bt709 => "BT.709",
            Matrix::Bt2020 => "BT.2020",
        }
    }
}

impl Range {
    /// Its name in the options of `scale`.
    pub fn scale_name(self) -> &'static str {
        match self {
            Range::Limited => "limited",
            Range::Full => "full",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn untagged_video_is_classified_by_size() {
        let color_space = |width, height| ColorSpace::default_for_size(Size { width, height });
        assert_eq!(color_space(640, 480), ColorSpace::SD);
        assert_eq!(color_space(720, 576), ColorSpace::SD);
        assert_eq!(color_space(1280, 720), ColorSpace::HD);
        assert_eq!(color_space(1280, 534), ColorSpace::HD);
        assert_eq!(color_space(720, 1280), ColorSpace::HD);
    }

    #[test]
    fn conversions_are_described() {
        let difference = |from: ColorSpace, to| from.difference(to);
        assert_eq!(
            difference(ColorSpace::SD, ColorSpace::HD).as_deref(),
            Some("BT.601 becomes BT.709")
        );
        assert_eq!(
            difference(ColorSpace::JPEG, ColorSpace::SD).as_deref(),
            Some("full range becomes limited range")
        );
        assert_eq!(difference(ColorSpace::RGB, ColorSpace::HD), None);
        assert_eq!(difference(ColorSpace::HD, ColorSpace::HD), None);
    }
}
