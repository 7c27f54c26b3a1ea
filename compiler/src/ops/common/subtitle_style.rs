//! The style parameters of burned-in subtitles, for `subtitles` and `cues`.

use vidc_dsl::ast::Color;

use super::filter_value::float;
use super::fonts::{FONT, require_font};
use crate::ass::{BoxStyle, CueStyle, Position};
use crate::call::Call;
use crate::graph::VideoType;
use crate::param::{Length, Param, ParamSpec};
use crate::value::Args;

const SIZE: Param<Option<Length>> = Param::length(
    "size",
    "font size; a percentage refers to the frame height; 5% if omitted",
)
.optional();
const BOLD: Param<Option<bool>> = Param::flag("bold", "whether the text is bold").optional();
const ITALIC: Param<Option<bool>> = Param::flag("italic", "whether the text is italic").optional();
const COLOR: Param<Option<Color>> = Param::color("color", "text color; white if omitted").optional();
const OUTLINE: Param<Option<Length>> = Param::length("outline", "width of the text outline").optional();
const OUTLINE_COLOR: Param<Option<Color>> =
    Param::color("outline-color", "color of the text outline; black if omitted").optional();
const SHADOW: Param<Option<Length>> = Param::length("shadow", "offset of the text shadow").optional();
const BOX: Param<Option<Color>> = Param::color("box", "color of a box behind the text").optional();
const PADDING: Param<Option<Length>> = Param::length(
    "padding",
    "distance between the text and the edge of its box; a fifth of the font size if omitted",
)
.optional();
const POSITION: Param<Option<Position>> =
    Param::choice("position", "position in the frame; bottom if omitted").optional();
const MARGIN: Param<Option<Length>> =
    Param::length("margin", "distance from the edges of the frame; 5% if omitted").optional();
const LETTER_SPACING: Param<Option<Length>> =
    Param::length("letter-spacing", "additional space between letters").optional();

const PARAMS: [ParamSpec; 13] = [
    FONT.spec,
    SIZE.spec,
    BOLD.spec,
    ITALIC.spec,
    COLOR.spec,
    OUTLINE.spec,
    OUTLINE_COLOR.spec,
    SHADOW.spec,
    BOX.spec,
    PADDING.spec,
    POSITION.spec,
    MARGIN.spec,
    LETTER_SPACING.spec,
];

/// Returns an operation's own parameters followed by those of the style; `ALL` is `OWN` + 13.
pub(in crate::ops) const fn with_style<const OWN: usize, const ALL: usize>(
    own: [ParamSpec; OWN],
) -> [ParamSpec; ALL] {
    assert!(ALL == OWN + PARAMS.len());
    let mut all = [PARAMS[0]; ALL];
    let mut index = 0;
    while index < ALL {
        all[index] = if index < OWN {
            own[index]
        } else {
            PARAMS[index - OWN]
        };
        index += 1;
    }
    all
}

/// Reads the style for a video. Reports an error if the font is not installed.
pub(in crate::ops) fn style(call: &mut Call<'_>, ty: &VideoType) -> Option<CueStyle> {
    require_font(call)?;
    let frame = ty.size();
    let version = call.facts().ffmpeg.version;
    let color = |param: &Param<Option<Color>>| Some(ty.color_space.ass_color(call.get(param)?, version));
    let pixels = |param: &Param<Option<Length>>| {
        call.get(param)
            .map(|length| float(length.to_pixels(frame.height)))
    };
    let font_size = pixels(&SIZE);
    let padding = pixels(&PADDING).unwrap_or(font_size.unwrap_or(f64::from(frame.height) * 0.05) / 5.0);
    Some(CueStyle {
        font: call.get(&FONT),
        size: font_size,
        bold: call.get(&BOLD),
        italic: call.get(&ITALIC),
        color: color(&COLOR),
        outline: pixels(&OUTLINE),
        outline_color: color(&OUTLINE_COLOR),
        shadow: pixels(&SHADOW),
        shadow_color: None,
        boxed: color(&BOX).map(|color| BoxStyle { color, padding }),
        position: call.get(&POSITION),
        margin: pixels(&MARGIN).map(|margin| (margin, margin)),
        letter_spacing: pixels(&LETTER_SPACING),
    })
}

/// Whether a call sets any style parameter.
pub(in crate::ops) fn has_style(args: &Args) -> bool {
    PARAMS.iter().any(|param| args.has(param))
}
