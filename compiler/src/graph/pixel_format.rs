//! Pixel formats, and which one to convert to when colors or transparency change.

use crate::plan::{FilterCall, FilterName};

/// The storage of pixels: FFmpeg's `pix_fmt`.
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
    /// 8-bit 4:2:0, which every player supports.
    pub fn yuv420p() -> Self {
        PixelFormat {
            name: "yuv420p".into(),
            depth: 8,
            alpha: false,
        }
    }

    /// 10-bit 4:2:0.
    pub fn yuv420p10() -> Self {
        PixelFormat {
            name: "yuv420p10le".into(),
            depth: 10,
            alpha: false,
        }
    }

    /// 8-bit 4:2:0 with alpha.
    pub fn yuva420p() -> Self {
        PixelFormat {
            name: "yuva420p".into(),
            depth: 8,
            alpha: true,
        }
    }

    /// 8-bit 4:2:0 in full range, as in JPEG images.
    pub fn yuvj420p() -> Self {
        PixelFormat {
            name: "yuvj420p".into(),
            ..PixelFormat::yuv420p()
        }
    }

    /// 8-bit RGB.
    pub fn rgb24() -> Self {
        PixelFormat {
            name: "rgb24".into(),
            depth: 8,
            alpha: false,
        }
    }

    /// 8-bit RGB with alpha.
    pub fn rgba() -> Self {
        PixelFormat {
            name: "rgba".into(),
            depth: 8,
            alpha: true,
        }
    }

    /// The filter that converts video to it.
    pub(super) fn conversion(&self) -> FilterCall {
        FilterCall::new(FilterName::Format, [("pix_fmts", self.name.clone())])
    }

    /// Whether it stores red, green and blue, or indices into a palette of them.
    pub fn is_rgb(&self) -> bool {
        is_rgb(&self.name)
    }

    /// The closest YUV format without a range of its own.
    pub(super) fn to_yuv(&self) -> PixelFormat {
        if self.is_rgb() {
            return match (self.alpha, self.depth > 8) {
                (true, _) => PixelFormat::yuva420p(),
                (false, true) => PixelFormat::yuv420p10(),
                (false, false) => PixelFormat::yuv420p(),
            };
        }
        PixelFormat {
            name: self.name.replacen("yuvj", "yuv", 1),
            ..self.clone()
        }
    }

    /// The closest RGB format.
    pub(super) fn to_rgb(&self) -> PixelFormat {
        let name = match (self.alpha, self.depth > 8) {
            (true, false) => "rgba",
            (false, false) => "rgb24",
            (true, true) => "rgba64be",
            (false, true) => "rgb48be",
        };
        PixelFormat {
            name: name.into(),
            depth: if self.depth > 8 { 16 } else { 8 },
            alpha: self.alpha,
        }
    }

    /// The YUV format with alpha for an inset on video in this format: 4:2:0 on 4:2:0, else 4:4:4; in 10 bits where
    /// `overlay` can work in 10 bits.
    pub(super) fn with_alpha(&self) -> PixelFormat {
        let (name, depth) = match (self.overlay_in_10_bits(), self.name.contains("420")) {
            (Some("yuv420p10"), _) => ("yuva420p10le", 10),
            (Some(_), _) => ("yuva422p10le", 10),
            (None, true) => ("yuva420p", 8),
            (None, false) => ("yuva444p", 8),
        };
        PixelFormat {
            name: name.into(),
            depth,
            alpha: true,
        }
    }

    /// The `format` option with which `overlay` keeps the 10 bits of a background in this format, if there is one
    /// (FFmpeg documentation, "overlay").
    pub fn overlay_in_10_bits(&self) -> Option<&'static str> {
        let deep = self.depth > 8 && !self.alpha && !self.is_rgb();
        match deep {
            true if self.name.contains("420") => Some("yuv420p10"),
            true if self.name.contains("422") => Some("yuv422p10"),
            _ => None,
        }
    }
}

/// Whether FFmpeg's pixel format of this name stores RGB.
pub(super) fn is_rgb(pixel_format: &str) -> bool {
    let orders = [
        "rgb", "bgr", "gbr", "argb", "abgr", "0rgb", "0bgr", "x2rgb", "x2bgr", "pal8",
    ];
    orders.iter().any(|order| pixel_format.starts_with(order))
}
