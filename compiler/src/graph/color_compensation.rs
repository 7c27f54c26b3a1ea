//! The colors of letters and fades, as FFmpeg's filters have to be told them.

use vidc_dsl::ast::Color;

use super::{ColorSpace, Matrix};
use crate::facts::Version;

/// The first FFmpeg whose `ass` and `subtitles` mix a color as the picture is mixed. Builds without a release are taken to
/// be newer.
const LETTERS_AS_THE_PICTURE: u32 = 7;

/// The shares of red and blue in luma (ITU-T H.273, table 4).
struct LumaWeights {
    red: f64,
    blue: f64,
}

impl ColorSpace {
    /// What `ass` and `subtitles` of an FFmpeg are told for letters on such a picture to be of a color.
    pub fn ass_color(self, color: Color, ffmpeg: Version) -> Color {
        match ffmpeg.major {
            0 | LETTERS_AS_THE_PICTURE.. => color,
            _ => self.compensate_bt601(color),
        }
    }

    /// What `fade` is told for such a picture to become a color.
    pub fn fade_color(self, color: Color) -> Color {
        self.compensate_bt601(color)
    }

    /// The color of which BT.601 makes the same numbers as the picture's own matrix makes of this one. For the purest there
    /// is none, and the nearest is taken; pure red is then off by 23 of 255 levels.
    fn compensate_bt601(self, color: Color) -> Color {
        let Some(shares) = self.matrix.luma_weights() else {
            return color;
        };
        let [red, green, blue] =
            LumaWeights::BT601.unmixed(shares.mixed([color.red, color.green, color.blue]));
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

    /// Luma and the differences of blue and red.
    fn mixed(&self, color: [u8; 3]) -> [f64; 3] {
        let [red, green, blue] = color.map(f64::from);
        let luma = self.red * red + (1.0 - self.red - self.blue) * green + self.blue * blue;
        [
            luma,
            (blue - luma) / (1.0 - self.blue),
            (red - luma) / (1.0 - self.red),
        ]
    }

    /// Red, green and blue; each is the nearest that there is.
    fn unmixed(&self, [luma, blue, red]: [f64; 3]) -> [u8; 3] {
        let (red, blue) = (luma + (1.0 - self.red) * red, luma + (1.0 - self.blue) * blue);
        let green = (luma - self.red * red - self.blue * blue) / (1.0 - self.red - self.blue);
        // Casting saturates.
        [red, green, blue].map(|part| part.round() as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(on: ColorSpace, [red, green, blue]: [u8; 3], major: u32) -> [u8; 3] {
        let color = Color {
            red,
            green,
            blue,
            alpha: 9,
        };
        let told = on.ass_color(color, Version { major, minor: 1 });
        assert_eq!(told.alpha, 9);
        [told.red, told.green, told.blue]
    }

    #[test]
    fn only_what_is_mixed_otherwise_is_changed() {
        let sky = [29, 161, 242];
        for (on, major) in [
            (ColorSpace::SD, 5),
            (ColorSpace::RGB, 5),
            (ColorSpace::HD, 7),
            (ColorSpace::HD, 0),
        ] {
            assert_eq!(letters(on, sky, major), sky, "{on:?} {major}");
        }
        for gray in [[0; 3], [128; 3], [255; 3]] {
            assert_eq!(letters(ColorSpace::HD, gray, 5), gray);
        }
        assert_eq!(letters(ColorSpace::HD, sky, 5), [41, 169, 237]);
    }

    #[test]
    fn the_purest_colors_stay_pure() {
        assert_eq!(letters(ColorSpace::HD, [255, 0, 0], 6), [233, 0, 2]);
        assert_eq!(letters(ColorSpace::HD, [0, 255, 0], 6), [20, 255, 8]);
    }
}
