//! Titles.

use vidc_dsl::ast::Color;

use super::document::{Border, Event, Style, head, number, window};
use super::escape::plain_cue;
use super::{Align, BoxStyle, Position};
use crate::time::{Rational, Time};

/// How a title looks and where it is, in pixels of the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct TitleStyle {
    /// A family; none is the system's sans-serif. Commas in it cannot be written and become spaces.
    pub font: Option<String>,
    /// The height of the em, as CSS's `font-size`: exact for DejaVu, within a few percent for most fonts, as ASS
    /// states the height of a line instead and only the font knows their ratio.
    pub size: f64,
    /// Heavy
    pub bold: bool,
    /// Slanted
    pub italic: bool,
    /// Of the letters
    pub color: Color,
    /// How far an outline goes beyond the letters; 0 is none.
    pub outline: f64,
    /// Of the outline
    pub outline_color: Color,
    /// How far right and down a shadow falls; 0 is none.
    pub shadow: f64,
    /// Of the shadow
    pub shadow_color: Color,
    /// A box behind the whole block of lines. A rotated title has one box around each line instead, which show
    /// where they overlap if the color is translucent: libass does not turn the one box.
    pub boxed: Option<BoxStyle>,
    /// How the lines line up with each other; see [`force_style`].
    pub align: Align,
    /// Where the block is, and which of its points is put at `point`.
    pub position: Position,
    /// Where exactly to put it, instead of `margin` away from the picture's edges.
    pub point: Option<(f64, f64)>,
    /// From the edges, horizontally and vertically
    pub margin: (f64, f64),
    /// The longest a line may get before it is broken at a space, whole pixels; none is the width of the picture
    /// within its margins. Lines come out about equally long. A word longer than this sticks out.
    pub wrap_width: Option<f64>,
    /// Added between letters
    pub letter_spacing: f64,
    /// Degrees clockwise around the point where it is put
    pub rotation: f64,
    /// 0–1, of each part by itself: what is behind a part shows through it, the box through the letters too.
    pub opacity: f64,
    /// How long it takes to appear
    pub fade_in: Time,
    /// How long it takes to disappear; needs an end.
    pub fade_out: Time,
}

const WHITE: Color = Color {
    red: 255,
    green: 255,
    blue: 255,
    alpha: 255,
};
const BLACK: Color = Color {
    red: 0,
    green: 0,
    blue: 0,
    alpha: 255,
};
const CLEAR: Color = Color {
    red: 0,
    green: 0,
    blue: 0,
    alpha: 0,
};

impl Default for TitleStyle {
    fn default() -> TitleStyle {
        TitleStyle {
            font: None,
            size: 48.0,
            bold: false,
            italic: false,
            color: WHITE,
            outline: 0.0,
            outline_color: BLACK,
            shadow: 0.0,
            shadow_color: BLACK,
            boxed: None,
            align: Align::Center,
            position: Position::Bottom,
            point: None,
            margin: (0.0, 0.0),
            wrap_width: None,
            letter_spacing: 0.0,
            rotation: 0.0,
            opacity: 1.0,
            fade_in: Time::ZERO,
            fade_out: Time::ZERO,
        }
    }
}

/// What to give as `force_style` of FFmpeg's filter `subtitles`, drawing a title with that instead of `ass`; none if
/// `ass` is right.
///
/// ASS knows one alignment, `\an`, for where a block is and for how its lines line up. libass has a second one,
/// `Justify`, and reads it only from style overrides (`ass_process_force_style` in `ass.c`), which only `subtitles`
/// has an option for. Without it, lines line up the way the position does: at the left for the three positions at
/// the left, and so on. But `subtitles` does not shape with HarfBuzz (FFmpeg 5.1 leaves its libass at
/// `ASS_SHAPING_SIMPLE`), so this is for texts only whose characters stand one by one, whatever their neighbours;
/// others keep the position's alignment. `subtitles` leaves out kerning.
pub fn force_style(text: &str, style: &TitleStyle) -> Option<&'static str> {
    if style.align == style.position.align() || !text.chars().all(stands_alone) {
        return None;
    }
    Some(match style.align {
        Align::Left => "Justify=1",
        Align::Center => "Justify=2",
        Align::Right => "Justify=3",
    })
}

/// Whether a character is drawn the same next to any other: of the scripts that do not join, reorder or stack
/// theirs, and no combining mark, joiner, variation selector or modifier.
fn stands_alone(character: char) -> bool {
    matches!(
        u32::from(character),
        0..=0x2FF                // Latin
        | 0x370..=0x482          // Greek, Cyrillic
        | 0x48A..=0x58F          // Cyrillic, Armenian
        | 0x5BE | 0x5D0..=0x5EA  // Hebrew without points
        | 0x1E00..=0x1FFF        // Latin, Greek
        | 0x2000..=0x200A | 0x2010..=0x2029 | 0x202F..=0x205F
        | 0x20A0..=0x20CF | 0x2100..=0x2BFF
        | 0x2E80..=0x3029 | 0x3030..=0x3098 | 0x309B..=0xA4CF // Chinese, Japanese
        | 0xAC00..=0xD7A3        // Korean
        | 0xF900..=0xFAFF | 0xFF00..=0xFFEF
        | 0x1F300..=0x1F3FA | 0x1F400..=0x1FAFF | 0x20000..=0x3FFFF
    )
}

/// An ASS document that draws `text`, exactly as written, from `start` until `end` (none: for ever) over a picture
/// of `width` × `height`.
///
/// A box is an event of its own below the text's. The two are laid out alike, as the same characters in the same
/// place, and libass lets events with a `\pos` overlap.
pub fn title(
    width: u32,
    height: u32,
    text: &str,
    style: &TitleStyle,
    start: Time,
    end: Option<Time>,
) -> String {
    let frame = f64::from(width);
    let wrap = style.wrap_width.unwrap_or(frame - 2.0 * style.margin.0).max(1.0);
    let base = Style {
        name: "Text",
        font: style.font.as_deref(),
        size: style.size,
        fill: fade(style.color, style.opacity),
        outline_color: fade(style.outline_color, style.opacity),
        back: fade(style.shadow_color, style.opacity),
        bold: style.bold,
        italic: style.italic,
        spacing: style.letter_spacing,
        rotation: style.rotation,
        border: Border::Outline,
        outline: style.outline,
        shadow: style.shadow,
        keypad: style.position.keypad(),
        // `\pos` decides the place; the margins only leave room for lines of the wanted length.
        margins: (0, (frame - wrap).round() as i64, 0),
    };
    let (x, y) = style
        .point
        .unwrap_or_else(|| style.position.point(width, height, style.margin));
    let place = format!("\\pos({},{})", number(x), number(y));
    let fading = Fading::new(style, start, end);
    let markup = plain_cue(text);

    let mut styles = Vec::new();
    let mut events = String::new();
    let mut event = |layer, style, tags: &str| {
        Event {
            layer,
            start,
            end,
            style,
            name: "",
            margins: (0, 0, 0),
            effect: "",
            text: &format!("{{{place}{tags}}}{markup}"),
        }
        .write(&mut events);
    };
    let drawn = !text.is_empty();
    if let Some(boxed) = style.boxed.filter(|_| drawn) {
        let color = fade(boxed.color, style.opacity);
        let rotated = style.rotation != 0.0;
        styles.push(Style {
            name: "Box",
            fill: CLEAR,
            outline_color: if rotated { color } else { CLEAR },
            back: if rotated { CLEAR } else { color },
            border: if rotated {
                Border::BoxPerLine
            } else {
                Border::OneBox
            },
            outline: if rotated { boxed.padding } else { 0.0 },
            shadow: if rotated { 0.0 } else { boxed.padding },
            ..base
        });
        let tags = if rotated {
            fading.text()
        } else {
            fading.one_box(color)
        };
        event(0, "Box", &tags);
    }
    if drawn {
        event(1, "Text", &fading.text());
    }
    styles.push(base);
    head(width, height, &styles) + &events
}

fn fade(color: Color, opacity: f64) -> Color {
    let opacity = if opacity.is_nan() {
        1.0
    } else {
        opacity.clamp(0.0, 1.0)
    };
    Color {
        alpha: (f64::from(color.alpha) * opacity).round() as u8,
        ..color
    }
}

/// When a title appears and disappears, in milliseconds from when libass takes the event to start.
struct Fading {
    /// From, to
    appear: Option<(i64, i64)>,
    disappear: Option<(i64, i64)>,
}

impl Fading {
    /// Fades longer than the title share its time in proportion.
    fn new(style: &TitleStyle, start: Time, end: Option<Time>) -> Fading {
        let (fade_in, fade_out) = (style.fade_in.max(Time::ZERO), style.fade_out.max(Time::ZERO));
        let fade_out = if end.is_some() { fade_out } else { Time::ZERO };
        let (mut fade_in, mut fade_out) = (fade_in.as_secs_f64(), fade_out.as_secs_f64());
        let length = end.map_or(f64::INFINITY, |end| (end - start).as_secs_f64());
        if fade_in + fade_out > length {
            let share = length.max(0.0) / (fade_in + fade_out);
            fade_in *= share;
            fade_out *= share;
        }
        let origin = window(start, end).map_or(Time::ZERO, |(start, _)| Time::new(Rational::new(start, 100)));
        let millis = |seconds: f64| ((seconds * 1000.0).round() as i64).clamp(-(1 << 30), 1 << 30);
        let from = (start - origin).as_secs_f64();
        let to = end.map_or(0.0, |end| (end - origin).as_secs_f64());
        Fading {
            appear: (fade_in > 0.0).then(|| (millis(from), millis(from + fade_in))),
            disappear: (fade_out > 0.0).then(|| (millis(to - fade_out), millis(to))),
        }
    }

    /// `\fade`: how transparent before, between and after, and the four times at which that begins and ends to
    /// change. It multiplies with the transparency that the colors have.
    fn text(&self) -> String {
        let (before, (appear, there)) = (flag(self.appear), self.appear.unwrap_or((0, 0)));
        let (after, (leave, gone)) = (flag(self.disappear), self.disappear.unwrap_or((1 << 30, 1 << 30)));
        if before == 0 && after == 0 {
            return String::new();
        }
        format!("\\fade({before},0,{after},{appear},{there},{leave},{gone})")
    }

    /// The same for a box of [`Border::OneBox`], whose color libass 0.17.1 does not fade: `\t` does it by hand.
    fn one_box(&self, color: Color) -> String {
        let shown = 255 - color.alpha;
        let mut tags = String::new();
        if let Some((from, to)) = self.appear {
            tags += &format!("\\4a&HFF&\\t({from},{to},\\4a&H{shown:02X}&)");
        }
        if let Some((from, to)) = self.disappear {
            tags += &format!("\\t({from},{to},\\4a&HFF&)");
        }
        tags
    }
}

fn flag(fade: Option<(i64, i64)>) -> u8 {
    if fade.is_some() { 255 } else { 0 }
}
