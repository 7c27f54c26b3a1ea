//! Decoded video frames and measurements on them.

use std::path::Path;

use crate::media::{decode, probe, stream};

/// A color as red, green and blue.
pub type Rgb = [u8; 3];

/// A decoded frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The width in pixels.
    pub width: usize,
    /// The height in pixels.
    pub height: usize,
    pixels: Vec<u8>,
}

/// A rectangle of pixels; `right` and `bottom` are exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Area {
    pub left: usize,
    pub top: usize,
    pub right: usize,
    pub bottom: usize,
}

impl Frame {
    /// The color of a pixel.
    pub fn at(&self, x: usize, y: usize) -> Rgb {
        let start = (y * self.width + x) * 3;
        [self.pixels[start], self.pixels[start + 1], self.pixels[start + 2]]
    }

    /// The mean luma of an area, 0 to 255.
    pub fn luma(&self, area: Area) -> f64 {
        let mut sum = 0.0;
        for y in area.top..area.bottom {
            for x in area.left..area.right {
                let [red, green, blue] = self.at(x, y).map(f64::from);
                sum += 0.299 * red + 0.587 * green + 0.114 * blue;
            }
        }
        sum / ((area.right - area.left) * (area.bottom - area.top)) as f64
    }

    /// The area of the whole frame.
    pub fn whole(&self) -> Area {
        Area {
            left: 0,
            top: 0,
            right: self.width,
            bottom: self.height,
        }
    }

    /// The bounding box of all pixels that differ from a background, if there are any.
    pub fn bounding_box(&self, background: Rgb) -> Option<Area> {
        let mut found: Option<Area> = None;
        for y in 0..self.height {
            for x in 0..self.width {
                if !is_close(self.at(x, y), background, 60) {
                    let area = found.get_or_insert(Area {
                        left: x,
                        top: y,
                        right: x + 1,
                        bottom: y + 1,
                    });
                    area.left = area.left.min(x);
                    area.right = area.right.max(x + 1);
                    area.bottom = y + 1;
                }
            }
        }
        found
    }

    /// The number of pixels close to a color.
    pub fn count(&self, color: Rgb) -> usize {
        let pixels = self.pixels.chunks_exact(3);
        pixels.filter(|p| is_close([p[0], p[1], p[2]], color, 40)).count()
    }

    /// The mean difference between adjacent lines, of 255 levels.
    pub fn combing(&self) -> f64 {
        let line = self.width * 3;
        let pairs = self.pixels.iter().zip(&self.pixels[line..]);
        let sum: f64 = pairs
            .map(|(above, below)| f64::from(above.abs_diff(*below)))
            .sum();
        sum / (self.pixels.len() - line) as f64
    }

    /// Peak signal-to-noise ratio against a frame of the same size, in dB; infinite if they are equal.
    ///
    /// # Panics
    /// If the sizes differ.
    pub fn psnr(&self, other: &Frame) -> f64 {
        assert_eq!((self.width, self.height), (other.width, other.height));
        let pairs = self.pixels.iter().zip(&other.pixels);
        let squares: f64 = pairs.map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2)).sum();
        10.0 * (255.0_f64.powi(2) * self.pixels.len() as f64 / squares).log10()
    }
}

/// Whether two colors differ by at most a tolerance in every channel.
pub fn is_close(a: Rgb, b: Rgb, tolerance: u8) -> bool {
    a.iter().zip(b).all(|(&a, b)| a.abs_diff(b) <= tolerance)
}

/// Decodes every frame of a file.
///
/// # Panics
/// If the file has no video stream.
pub fn frames(path: &Path) -> Vec<Frame> {
    let probed = probe(path);
    let side = |name: &str| {
        stream(&probed, "video")[name]
            .as_u64()
            .and_then(|n| usize::try_from(n).ok())
    };
    let (Some(width), Some(height)) = (side("width"), side("height")) else {
        panic!("{} has no picture", path.display())
    };
    let options = [
        "-an",
        "-fps_mode",
        "passthrough",
        "-pix_fmt",
        "rgb24",
        "-f",
        "rawvideo",
    ];
    decode(path, &options)
        .chunks_exact(width * height * 3)
        .map(|pixels| Frame {
            width,
            height,
            pixels: pixels.to_vec(),
        })
        .collect()
}

/// The numbers that the frames of `count.mp4` encode in their luma.
pub fn frame_numbers(path: &Path) -> Vec<i64> {
    let luma = |frame: &Frame| frame.luma(frame.whole());
    frames(path).iter().map(|frame| number(luma(frame))).collect()
}

/// The number that a luma from 0 to 255 encodes.
pub fn number(luma: f64) -> i64 {
    let video_luma = luma * 219.0 / 255.0 + 16.0;
    ((video_luma - 20.0) / 2.0).round() as i64
}
