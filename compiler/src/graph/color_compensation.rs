//! Compensation for FFmpeg filters that convert a requested color with the wrong matrix.

use vidc_dsl::ast::Color;

use super::{ColorSpace, Matrix};
use crate::facts::Version;

/// The first FFmpeg release whose `ass` and `subtitles` convert colors with the matrix of the video. Builds without a
/// release number are assumed to be newer.
const ASS_USES_VIDEO_MATRIX: u32 = 7;

/// The weights of red and blue in luma, Kr and Kb (ITU-T H.273, table 4).
struct LumaWeights {
    red: f64,
    blue: f64,
}

impl ColorSpace {
    /// The color to request from `ass` and `subtitles` so that text on such video has a given color.
    pub fn ass_color(self, color: Color, ffmpeg: Version) -> Color {
        match ffmpeg.major {
            0 | ASS_USES_VIDEO_MATRIX.. => color,
            _ => self.compensate_bt601(color),
        }
    }

    /// The color to request from `fade` so that such video fades to a given color.
    pub fn fade_color(self, color: Color) -> Color {
        self.compensate_bt601(color)
    }

    /// The color that BT.601 maps to the same pixel values as the video's own matrix maps the given one. For some
    /// saturated colors there is none, and the closest is used; pure red is then off by 23 of 255 levels.
    fn compensate_bt601(self, color: Color) -> Color {
        let Some(weights) = self.matrix.luma_weights() else {
            return color;
        };
        let ycbcr = weights.to_ycbcr([color.red, color.green, color.blue]);
        let [red, green, blue] = LumaWeights::BT601.to_rgb(ycbcr);
        Color {
            red,
            green,
            blue,
            alpha: color.alpha,
        }
    }
}

impl Matrix {
    fn luma_weights(self) -> Option<LumaWeights> {
        match self {
            Matrix::Rgb => None,
            Matrix::Bt601 => Some(LumaWeights::BT601),
            Matrix::Bt709 => Some(LumaWeights {
                red: 0.2126,
                blue: 0.0722,
            }),
            Matrix::Bt2020 => Some(LumaWeights {
                red: 0.2627,
                blue: 0.0593,
            }),
        }
    }
}

impl LumaWeights {
    const BT601: LumaWeights = LumaWeights {
        red: 0.299,
        blue: 0.114,
    };

    /// Luma and the blue and red color differences.
    fn to_ycbcr(&self, color: [u8; 3]) -> [f64; 3] {
        let [red, green, blue] = color.map(f64::from);
        let luma = self.red * red + (1.0 - self.red - self.blue) * green + self.blue * blue;
        [
            luma,
            (blue - luma) / (1.0 - self.blue),
            (red - luma) / (1.0 - self.red),
        ]
    }

    /// Red, green and blue, clamped to valid levels.
    fn to_rgb(&self, [luma, blue, red]: [f64; 3]) -> [u8; 3] {
        let (red, blue) = (luma + (1.0 - self.red) * red, luma + (1.0 - self.blue) * blue);
        let green = (luma - self.red * red - self.blue * blue) / (1.0 - self.red - self.blue);
        // The cast saturates.
        [red, green, blue].map(|component| component.round() as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ass_color(video: ColorSpace, [red, green, blue]: [u8; 3], major: u32) -> [u8; 3] {
        let color = Color {
            red,
            green,
            blue,
            alpha: 9,
        };
        let requested = video.ass_color(color, Version { major, minor: 1 });
        assert_eq!(requested.alpha, 9);
        [requested.red, requested.green, requested.blue]
    }

    #[test]
    fn only_colors_converted_with_the_wrong_matrix_are_compensated() {
        let sky = [29, 161, 242];
        for (video, major) in [
            (ColorSpace::SD, 5),
            (ColorSpace::RGB, 5),
            (ColorSpace::HD, 7),
            (ColorSpace::HD, 0),
        ] {
            assert_eq!(ass_color(video, sky, major), sky, "{video:?} {major}");
        }
        for gray in [[0; 3], [128; 3], [255; 3]] {
            assert_eq!(ass_color(ColorSpace::HD, gray, 5), gray);
        }
        assert_eq!(ass_color(ColorSpace::HD, sky, 5), [41, 169, 237]);
    }

    #[test]
    fn saturated_colors_stay_saturated() {
        assert_eq!(ass_color(ColorSpace::HD, [255, 0, 0], 6), [233, 0, 2]);
        assert_eq!(ass_color(ColorSpace::HD, [0, 255, 0], 6), [20, 255, 8]);
    }
}
