//! Subtitles: burned in with a look of vidc's or their own, and as SubRip.

use vidc_dsl::ast::Color;

use super::document::{Border, Event, Style, events, head};
use super::escape::one_line;
use super::{BoxStyle, Position};
use crate::facts::Cue;
use crate::time::{Rational, Time};

mod markup;

/// How burned subtitles look, in pixels of the picture; what is not said is chosen to be read well.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CueStyle {
    /// A family; else the system's sans-serif.
    pub font: Option<String>,
    /// As [`TitleStyle::size`](super::TitleStyle::size); else 5 % of the picture's height.
    pub size: Option<f64>,
    /// Else not
    pub bold: Option<bool>,
    /// Else not
    pub italic: Option<bool>,
    /// Else white
    pub color: Option<Color>,
    /// Else a sixteenth of the size, and none with a box
    pub outline: Option<f64>,
    /// Else black
    pub outline_color: Option<Color>,
    /// Else none; there is none with a box, as libass makes the box of it.
    pub shadow: Option<f64>,
    /// Else half-transparent black
    pub shadow_color: Option<Color>,
    /// Else none
    pub boxed: Option<BoxStyle>,
    /// Else at the bottom, in the middle
    pub position: Option<Position>,
    /// From the edges, horizontally and vertically, whole pixels; else 5 % of the width and of the height
    pub margin: Option<(f64, f64)>,
    /// Added between letters; else nothing
    pub letter_spacing: Option<f64>,
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
const SHADE: Color = Color {
    red: 0,
    green: 0,
    blue: 0,
    alpha: 128,
};

/// An ASS document of cues that have no look of their own: of SubRip, WebVTT, and written out in recipes.
///
/// Cues shown at the same time are moved apart by libass. The cues' own tags stay; those that state sizes and
/// places do so for the picture of 384 × 288 that FFmpeg's converters have in mind, and are brought to this one.
pub fn burn(width: u32, height: u32, cues: &[Cue], style: &CueStyle) -> String {
    let (w, h) = (f64::from(width), f64::from(height));
    let size = style.size.unwrap_or(h * 0.05);
    let margin = style.margin.unwrap_or((w * 0.05, h * 0.05));
    let outline = style
        .outline
        .unwrap_or(if style.boxed.is_some() { 0.0 } else { size / 16.0 });
    let (border, back, shadow) = match style.boxed {
        // libass measures the box from the outline's edge.
        Some(boxed) => (Border::OneBox, boxed.color, boxed.padding - outline),
        None => (
            Border::Outline,
            style.shadow_color.unwrap_or(SHADE),
            style.shadow.unwrap_or(0.0),
        ),
    };
    let look = Style {
        name: "Default",
        font: style.font.as_deref(),
        size,
        fill: style.color.unwrap_or(WHITE),
        outline_color: style.outline_color.unwrap_or(BLACK),
        back,
        bold: style.bold.unwrap_or(false),
        italic: style.italic.unwrap_or(false),
        spacing: style.letter_spacing.unwrap_or(0.0),
        rotation: 0.0,
        border,
        outline,
        shadow,
        keypad: style.position.unwrap_or_default().keypad(),
        margins: (
            margin.0.round() as i64,
            margin.0.round() as i64,
            margin.1.round() as i64,
        ),
    };
    let mut out = head(width, height, &[look]);
    for cue in cues.iter().filter(|cue| !cue.ass.is_empty()) {
        Event {
            layer: 0,
            start: cue.start,
            end: Some(cue.end),
            style: "Default",
            name: "",
            margins: (0, 0, 0),
            effect: "",
            text: &markup::rescale(&one_line(&cue.ass), w / 384.0, h / 288.0),
        }
        .write(&mut out);
    }
    out
}

/// An ASS document of cues that came from one: its own header, and its events with their fields at these times.
///
/// An `[Events]` section in the header is replaced; embedded fonts stay. A cue without fields gets the style
/// `Default`. Without any header the cues are drawn as by [`burn`] on a picture of 384 × 288, as players do.
pub fn rewrite(header: &str, cues: &[Cue]) -> String {
    if header.trim().is_empty() {
        return burn(384, 288, cues, &CueStyle::default());
    }
    let mut out = String::new();
    let mut within_events = false;
    for line in header.lines() {
        let section = line.trim_start_matches('\u{feff}').trim().to_ascii_lowercase();
        if section.starts_with('[') && section.ends_with(']') {
            within_events = section == "[events]";
        }
        if !within_events {
            out.push_str(line);
            out.push('\n');
        }
    }
    out.truncate(out.trim_end().len());
    out.push_str("\n\n");
    out.push_str(events());
    for cue in cues {
        let fields = cue.ass_fields.as_ref();
        Event {
            layer: fields.map_or(0, |f| f.layer),
            start: cue.start,
            end: Some(cue.end),
            style: fields.map_or("Default", |f| &f.style),
            name: fields.map_or("", |f| &f.name),
            margins: fields.map_or((0, 0, 0), |f| (f.margin_left, f.margin_right, f.margin_vertical)),
            effect: fields.map_or("", |f| &f.effect),
            text: &one_line(&cue.ass),
        }
        .write(&mut out);
    }
    out
}

/// Cues as SubRip: bold, italics and underlines as the tags that most players know, everything else that ASS can
/// say of looks and places left out, drawings too. Cues that show nothing are left out.
///
/// SubRip has no escapes: a word joiner, which is not drawn, comes between the characters that would be taken for
/// a tag, and a space that does not break stands on an empty line, which would end the cue.
pub fn srt(cues: &[Cue]) -> String {
    let mut out = String::new();
    let mut number = 0;
    for cue in cues {
        let text = markup::srt_text(&cue.ass);
        let start = cue.start.max(Time::ZERO);
        if cue.end <= start || text.is_empty() {
            continue;
        }
        number += 1;
        out += &format!("{number}\n{} --> {}\n{text}\n\n", clock(start), clock(cue.end));
    }
    out
}

/// Hours to milliseconds, nearest.
fn clock(time: Time) -> String {
    let millis = time.frames(Rational::from_integer(1000)).max(0);
    format!(
        "{:02}:{:02}:{:02},{:03}",
        millis / 3_600_000,
        millis / 60_000 % 60,
        millis / 1000 % 60,
        millis % 1000
    )
}
