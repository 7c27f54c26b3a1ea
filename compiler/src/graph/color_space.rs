//! What the numbers of a picture stand for.

use super::PixelFormat;
use crate::facts::VideoFacts;
use crate::value::Size;

/// How numbers become colors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ColorSpace {
    /// What luma and color difference are made of.
    pub matrix: Matrix,
    /// Which numbers black and white have.
    pub range: Range,
    /// How much light a number is.
    pub transfer: Transfer,
}

/// What luma and color difference are made of (ITU-T H.273, 8.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Matrix {
    /// There is neither: numbers are red, green and blue.
    Rgb,
    /// ITU-R BT.601: SD video, and JPEG.
    Bt601,
    /// ITU-R BT.709: HD video.
    Bt709,
    /// ITU-R BT.2020, not constant luminance: most HDR video.
    Bt2020,
}

/// Which numbers black and white have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Range {
    /// In 8 bits, 16 and 235.
    Limited,
    /// In 8 bits, 0 and 255.
    Full,
}

/// How much light a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transfer {
    /// As on screens before HDR.
    Sdr,
    /// Perceptual quantizer (SMPTE ST 2084).
    Pq,
    /// Hybrid log-gamma (ARIB STD-B67).
    Hlg,
}

impl ColorSpace {
    /// Red, green and blue as screens take them.
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
    /// SD video, which FFmpeg's filters take everything for that does not say otherwise.
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

    /// What players take a video for that does not say. Chromium goes by 720 lines (`media/ffmpeg/ffmpeg_common.cc`), mpv
    /// also by 1280 pixels (`video/csputils.c`); they agree on the usual sizes.
    pub fn default_for_size(size: Size) -> ColorSpace {
        match size.height >= 720 || size.width >= 1280 {
            true => ColorSpace::HD,
            false => ColorSpace::SD,
        }
    }

    /// What a probed stream says, and players take it for where it does not. Matrices that nearly nobody uses count as
    /// the ones they are nearest to, or as not said.
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

    /// Whether the same numbers are the same mixture of red, green and blue.
    pub fn same_matrix_and_range(self, other: ColorSpace) -> bool {
        self.matrix == other.matrix && self.range == other.range
    }

    /// Whether FFmpeg makes one of the other right by itself: what is RGB it mixes as SD video.
    pub fn converts_implicitly_to(self, to: ColorSpace) -> bool {
        self.same_matrix_and_range(to)
            || (self.matrix == Matrix::Rgb && to.same_matrix_and_range(ColorSpace::SD))
    }

    /// The same mixture of colors in limited range, as encoders take it; a picture of `size` that is in RGB is mixed as
    /// players expect of it.
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

    /// What changes for a picture that is mixed otherwise, in words; none where nobody would call it a change.
    pub fn difference(self, to: ColorSpace) -> Option<String> {
        if self.matrix == Matrix::Rgb || to.matrix == Matrix::Rgb {
            return None;
        }
        let mut changes = Vec::new();
        if self.matrix != to.matrix {
            let (from, to) = (self.matrix.label(), to.matrix.label());
            changes.push(format!("colors by {from} become those of {to}"));
        }
        if self.range != to.range {
            let (from, to) = (self.range.scale_name(), to.range.scale_name());
            changes.push(format!("{from} range becomes {to}"));
        }
        (!changes.is_empty()).then(|| changes.join("; "))
    }

    /// The names that FFmpeg has for it: matrix, primaries, transfer function and range.
    ///
    /// Each matrix is taken to go with the primaries of its own recommendation, as players do; HDR goes with those of
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

    /// The options by which an encoder writes down what it was given. Encoders are given limited range.
    pub fn options(self) -> Vec<(String, String)> {
        let names = self.ffmpeg_names().filter(|_| self.range == Range::Limited);
        names.map(ColorNames::options).unwrap_or_default()
    }
}

/// FFmpeg's names of what a picture's colors are.
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
    /// FFmpeg's name of it in `scale`.
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
    /// FFmpeg's name of it in `scale`.
    pub fn scale_name(self) -> &'static str {
        match self {
            Range::Limited => "limited",
            Range::Full => "full",
        }
    }
}

impl PixelFormat {
    /// Whether it stores red, green and blue, or indices of them.
    pub fn is_rgb(&self) -> bool {
        is_rgb(&self.name)
    }
}

/// By FFmpeg's names of pixel formats.
fn is_rgb(pixel_format: &str) -> bool {
    let orders = [
        "rgb", "bgr", "gbr", "argb", "abgr", "0rgb", "0bgr", "x2rgb", "x2bgr", "pal8",
    ];
    orders.iter().any(|order| pixel_format.starts_with(order))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn players_guess_by_size() {
        let of = |width, height| ColorSpace::default_for_size(Size { width, height });
        assert_eq!(of(640, 480), ColorSpace::SD);
        assert_eq!(of(720, 576), ColorSpace::SD);
        assert_eq!(of(1280, 720), ColorSpace::HD);
        assert_eq!(of(1280, 534), ColorSpace::HD);
        assert_eq!(of(720, 1280), ColorSpace::HD);
    }

    #[test]
    fn changes_are_told() {
        let told = |from: ColorSpace, to| from.difference(to);
        assert_eq!(
            told(ColorSpace::SD, ColorSpace::HD).as_deref(),
            Some("colors by BT.601 become those of BT.709")
        );
        assert_eq!(
            told(ColorSpace::JPEG, ColorSpace::SD).as_deref(),
            Some("full range becomes limited")
        );
        assert_eq!(told(ColorSpace::RGB, ColorSpace::HD), None);
        assert_eq!(told(ColorSpace::HD, ColorSpace::HD), None);
    }
}
