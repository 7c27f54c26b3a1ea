//! The parts of an ASS document.

use std::fmt::Write as _;

use vidc_dsl::ast::Color;

use super::escape::field;
use crate::time::{Rational, Time};

/// The size that libass has to be told for a font whose em is one pixel.
///
/// CSS's `font-size` is the em. ASS's `Fontsize` is, as in VSFilter, the height of a line: the sum of the font's
/// `usWinAscent` and `usWinDescent` (`set_font_metrics` in `ass_font.c`), which differs from font to font. Without
/// the font at hand one number has to do, that of DejaVu Sans: (1901 + 483) / 2048. Arial and its like have 1.12,
/// Noto Sans 1.36, so those come out 4 % larger and 15 % smaller than CSS would draw them.
pub(super) const LINE_PER_EM: f64 = 1.164;

/// What stands for “until the end”; libass reads hours of any number of digits.
const FAR: &str = "99:59:59.99";

/// The fields of an event.
const EVENTS: &str =
    "[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n";

const STYLES: &str = "[V4+ Styles]\nFormat: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, \
    OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, \
    Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding\n";

/// `BorderStyle`: what `Outline` and `Shadow` draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Border {
    /// An outline and a shadow.
    Outline = 1,
    /// A box in `OutlineColour` around each line, `Outline` larger than it. It turns with the text; where the boxes
    /// of two lines overlap, a translucent color shows twice.
    BoxPerLine = 3,
    /// libass's own: one box in `BackColour` around all lines, `Shadow` larger than them, and the outline as ever.
    /// It does not turn, and no libass up to 0.17.4 fades it.
    OneBox = 4,
}

/// A line of `[V4+ Styles]`.
pub(super) struct Style<'a> {
    pub(super) name: &'a str,
    pub(super) font: Option<&'a str>,
    /// Of the em, in pixels.
    pub(super) size: f64,
    pub(super) fill: Color,
    pub(super) outline_color: Color,
    pub(super) back: Color,
    pub(super) bold: bool,
    pub(super) italic: bool,
    pub(super) spacing: f64,
    /// Degrees clockwise.
    pub(super) rotation: f64,
    pub(super) border: Border,
    pub(super) outline: f64,
    pub(super) shadow: f64,
    pub(super) keypad: u8,
    /// Left, right, vertical.
    pub(super) margins: (i64, i64, i64),
}

impl Style<'_> {
    fn line(&self) -> String {
        // A leading `@` would lay the font's glyphs on their sides.
        let font = self.font.map(|name| field(name.trim_start_matches(['@', ' '])));
        let font = font.filter(|name| !name.is_empty());
        format!(
            "Style: {},{},{},{},{},{},{},{},{},0,0,100,100,{},{},{},{},{},{},{},{},{},-1\n",
            self.name,
            font.as_deref().unwrap_or("sans-serif"),
            number(self.size * LINE_PER_EM),
            color(self.fill),
            color(self.fill),
            color(self.outline_color),
            color(self.back),
            flag(self.bold),
            flag(self.italic),
            number(self.spacing),
            number(-self.rotation),
            self.border as u8,
            number(self.outline.max(0.0)),
            number(self.shadow.max(0.0)),
            self.keypad,
            self.margins.0,
            self.margins.1,
            self.margins.2,
        )
    }
}

/// The document up to where its events follow.
///
/// `PlayRes` makes a unit a pixel. `Encoding` −1, in each style, lets the text's own first strong letter set the
/// direction of a paragraph (`ass_resolve_base_direction`). Kerning is off in libass unless asked for. The matrix is
/// said so that no player guesses one; colors are then plain RGB.
pub(super) fn head(width: u32, height: u32, styles: &[Style<'_>]) -> String {
    let mut out = format!(
        "[Script Info]\nScriptType: v4.00+\nPlayResX: {width}\nPlayResY: {height}\nWrapStyle: 0\n\
         ScaledBorderAndShadow: yes\nKerning: yes\nYCbCr Matrix: None\n\n{STYLES}"
    );
    for style in styles {
        out.push_str(&style.line());
    }
    out.push('\n');
    out.push_str(EVENTS);
    out
}

/// The heading of the events alone, behind another document's header.
pub(super) fn events() -> &'static str {
    EVENTS
}

/// A line of `[Events]`.
pub(super) struct Event<'a> {
    pub(super) layer: i32,
    pub(super) start: Time,
    /// None: the end of it all.
    pub(super) end: Option<Time>,
    pub(super) style: &'a str,
    pub(super) name: &'a str,
    pub(super) margins: (i32, i32, i32),
    pub(super) effect: &'a str,
    pub(super) text: &'a str,
}

impl Event<'_> {
    /// Writes the line; nothing if the event would never be seen.
    pub(super) fn write(&self, out: &mut String) {
        let Some((start, end)) = window(self.start, self.end) else {
            return;
        };
        let _ = writeln!(
            out,
            "Dialogue: {},{},{},{},{},{},{},{},{},{}",
            self.layer,
            clock(start),
            end.map_or_else(|| FAR.to_owned(), clock),
            field(self.style),
            field(self.name),
            self.margins.0,
            self.margins.1,
            self.margins.2,
            field(self.effect),
            self.text,
        );
    }
}

/// The hundredths of a second at which libass is to show and to drop an event; none if it is never seen.
///
/// libass shows an event where `Start <= now < End`. FFmpeg's filter gives it `now` in whole milliseconds, cut off
/// from a floating point product which often falls just short of a whole number (`vf_subtitles.c`), and ASS has only
/// hundredths of a second. So both ends are rounded down from half a millisecond earlier: the frame at `start` is
/// sure to be in and the frame at `end` sure to be out, and the frame before each is on the other side up to 95
/// frames per second.
pub(super) fn window(start: Time, end: Option<Time>) -> Option<(i64, Option<i64>)> {
    if end.is_some_and(|end| end <= start || !end.is_positive()) {
        return None;
    }
    let start = hundredths(start);
    Some((start, end.map(|end| hundredths(end).max(start + 1))))
}

fn hundredths(time: Time) -> i64 {
    let half = Time::new(Rational::new(1, 2000));
    let early = (time - half).scale(Rational::from_integer(100)).as_rational();
    early.floor().to_integer().max(0)
}

fn clock(hundredths: i64) -> String {
    let seconds = hundredths / 100;
    format!(
        "{}:{:02}:{:02}.{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60,
        hundredths % 100
    )
}

/// A color as ASS writes it: blue, green, red, and before them how transparent it is.
fn color(color: Color) -> String {
    format!(
        "&H{:02X}{:02X}{:02X}{:02X}",
        255 - color.alpha,
        color.blue,
        color.green,
        color.red
    )
}

fn flag(on: bool) -> i8 {
    if on { -1 } else { 0 }
}

/// A number with at most three decimals; libass reads no exponents, and what is not a number is zero.
pub(super) fn number(value: f64) -> String {
    let value = if value.is_finite() {
        value.clamp(-1e6, 1e6)
    } else {
        0.0
    };
    let text = format!("{value:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_hold_whole_frames() {
        for rate in [24, 25, 30, 50, 60] {
            let rate = Rational::new(rate * 1000, 1001);
            for frame in 1..2000 {
                let at = Time::from_frames(frame, rate);
                let (start, _) = window(at, None).unwrap();
                // What the filter may say of this frame and of the one before it.
                let now = |time: Time| (time.as_secs_f64() * 1000.0 - 1e-6).floor() as i64;
                assert!(start * 10 <= now(at), "frame {frame} at {rate}");
                assert!(
                    now(Time::from_frames(frame - 1, rate)) < start * 10,
                    "frame {frame} at {rate}"
                );
            }
        }
        assert_eq!(window(Time::seconds(1), Some(Time::seconds(1))), None);
        assert_eq!(window(Time::seconds(-2), Some(Time::ZERO)), None);
        assert_eq!(
            window(Time::millis(1001), Some(Time::millis(1002))),
            Some((100, Some(101)))
        );
        assert_eq!(clock(36_000_000 + 12_345), "100:02:03.45");
    }

    #[test]
    fn numbers() {
        let written: Vec<String> = [1.0, 2.5, -0.0001, f64::NAN, 1e300, 0.123_456]
            .map(number)
            .to_vec();
        assert_eq!(written, ["1", "2.5", "0", "0", "1000000", "0.123"]);
    }
}
