//! Writes the ASS documents that libass draws titles and burned subtitles from, and SubRip for soft subtitles.
//!
//! libass shapes right-to-left text, takes missing glyphs from other fonts, wraps, aligns and fades; all of it is
//! asked for here, in text, so that nothing has to be measured before rendering. Everything is a pure function.
//!
//! Sources: the format is described by the “ASS Specs” that came with Sub Station Alpha v4.00+, and what a renderer
//! really does by libass itself (`ass.c`, `ass_parse.c`, `ass_render.c` of 0.17), which the comments here cite.

mod document;
mod escape;
mod subtitles;
mod title;

#[cfg(test)]
mod reader;
#[cfg(test)]
mod tests;

pub use escape::plain_cue;
pub use subtitles::{CueStyle, burn, rewrite, srt};
pub use title::{TitleStyle, force_style, title};

use vidc_dsl::ast::Color;

/// How the lines of a block of text line up with each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    /// Their left ends
    Left,
    /// Their middles
    #[default]
    Center,
    /// Their right ends
    Right,
}

/// Where a block of text is in the picture; also which of its own points is put there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Position {
    TopLeft,
    Top,
    TopRight,
    Left,
    Center,
    Right,
    BottomLeft,
    #[default]
    Bottom,
    BottomRight,
}

impl Position {
    /// The number of `\an`: as the digits of a numeric keypad.
    fn keypad(self) -> u8 {
        match self {
            Position::BottomLeft => 1,
            Position::Bottom => 2,
            Position::BottomRight => 3,
            Position::Left => 4,
            Position::Center => 5,
            Position::Right => 6,
            Position::TopLeft => 7,
            Position::Top => 8,
            Position::TopRight => 9,
        }
    }

    /// How lines align if nothing else is asked for.
    fn align(self) -> Align {
        match self.keypad() % 3 {
            1 => Align::Left,
            2 => Align::Center,
            _ => Align::Right,
        }
    }

    /// The point of a picture, `margin` in from its edges.
    fn point(self, width: u32, height: u32, margin: (f64, f64)) -> (f64, f64) {
        let (width, height) = (f64::from(width), f64::from(height));
        let x = match self.align() {
            Align::Left => margin.0,
            Align::Center => width / 2.0,
            Align::Right => width - margin.0,
        };
        let y = match self.keypad() {
            1..=3 => height - margin.1,
            4..=6 => height / 2.0,
            _ => margin.1,
        };
        (x, y)
    }
}

/// A filled rectangle behind text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BoxStyle {
    /// Its color.
    pub color: Color,
    /// Pixels between the text's lines and the box's edge; libass draws whole ones.
    pub padding: f64,
}
