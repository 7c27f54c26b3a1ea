//! The look of burned subtitles: the parameters that `subtitles` and `cues` share.

use vidc_dsl::{Diagnostic, Span};

use super::{cast, place};
use crate::ass::{BoxStyle, CueStyle};
use crate::call::Call;
use crate::catalogue::{Args, POSITIONS, Param, ParamType};
use crate::codes;
use crate::graph::VideoType;

pub(in crate::ops) const FONT: Param =
    Param::optional("font", ParamType::Text, "name of an installed font family");
pub(in crate::ops) const SIZE: Param = Param::optional(
    "size",
    ParamType::Length,
    "font size; a percentage is of the picture's height, usually 5%",
);
pub(in crate::ops) const BOLD: Param = Param::optional("bold", ParamType::Bool, "heavier letters");
pub(in crate::ops) const ITALIC: Param = Param::optional("italic", ParamType::Bool, "slanted letters");
pub(in crate::ops) const COLOR: Param =
    Param::optional("color", ParamType::Color, "color of the letters, usually white");
pub(in crate::ops) const OUTLINE: Param = Param::optional(
    "outline",
    ParamType::Length,
    "width of the line around the letters",
);
pub(in crate::ops) const OUTLINE_COLOR: Param = Param::optional(
    "outline-color",
    ParamType::Color,
    "color of that line, usually black",
);
pub(in crate::ops) const SHADOW: Param =
    Param::optional("shadow", ParamType::Length, "how far the shadow lies off");
pub(in crate::ops) const BOX: Param =
    Param::optional("box", ParamType::Color, "color of a box behind the text");
pub(in crate::ops) const PADDING: Param = Param::optional(
    "padding",
    ParamType::Length,
    "from the text to the edge of its box, usually a fifth of the font size",
);
pub(in crate::ops) const POSITION: Param = Param::optional(
    "position",
    ParamType::Enum(POSITIONS),
    "where in the picture, usually bottom",
);
pub(in crate::ops) const MARGIN: Param = Param::optional(
    "margin",
    ParamType::Length,
    "from the picture's edges, usually 5%",
);
pub(in crate::ops) const LETTER_SPACING: Param = Param::optional(
    "letter-spacing",
    ParamType::Length,
    "additional space between letters",
);

/// The style that a call's arguments ask for on a picture. Says so if the font is not installed.
pub(in crate::ops) fn of(call: &mut Call<'_>, ty: &VideoType) -> Option<CueStyle> {
    font_is_installed(call)?;
    let (args, size) = (&call.args, ty.size());
    let color = |name: &str| {
        Some(
            ty.color_space
                .ass_color(args.color(name)?, call.facts().ffmpeg.version),
        )
    };
    let pixels = |name: &str| args.pixels(name, size.height).map(cast::float);
    let font_size = pixels("size");
    let padding = pixels("padding").unwrap_or(font_size.unwrap_or(f64::from(size.height) * 0.05) / 5.0);
    let boxed = color("box").map(|color| BoxStyle { color, padding });
    Some(CueStyle {
        font: args.text("font").map(str::to_owned),
        size: font_size,
        bold: args.get("bold").map(|_| args.flag("bold")),
        italic: args.get("italic").map(|_| args.flag("italic")),
        color: color("color"),
        outline: pixels("outline"),
        outline_color: color("outline-color"),
        shadow: pixels("shadow"),
        shadow_color: None,
        boxed,
        position: args.text("position").map(place::position),
        margin: pixels("margin").map(|margin| (margin, margin)),
        letter_spacing: pixels("letter-spacing"),
    })
}

/// Whether any of these says something of the look.
pub(in crate::ops) fn is_given(args: &Args) -> bool {
    let names = [
        "font",
        "size",
        "bold",
        "italic",
        "color",
        "outline",
        "outline-color",
        "shadow",
        "box",
        "padding",
        "position",
        "margin",
        "letter-spacing",
    ];
    names.iter().any(|name| args.get(name).is_some())
}

/// Says so if the font family asked for is not installed; FFmpeg would silently use another.
pub(in crate::ops) fn font_is_installed(call: &mut Call<'_>) -> Option<()> {
    let Some(font) = call.args.text("font").map(str::to_owned) else {
        return Some(());
    };
    if call.facts().fonts.has_family(&font) {
        return Some(());
    }
    let span = call.arg_span("font");
    let families = &call.facts().fonts.families;
    let diagnostic = Diagnostic::new(
        &codes::UNKNOWN_FONT,
        span,
        format!("no installed font family is called `{font}`"),
    )
    .help("`fc-list : family` lists those that are");
    // In quotes, which YAML takes, too.
    let diagnostic = match vidc_dsl::nearest(&font, families.iter().map(String::as_str)) {
        Some(near) => diagnostic.suggest(span, format!("\"{near}\""), format!("did you mean `{near}`?")),
        None => diagnostic,
    };
    call.report(diagnostic);
    None
}

/// Warns of characters that no installed font draws.
pub(in crate::ops) fn glyphs_are_there(call: &mut Call<'_>, text: &str, span: Span) {
    let mut missing: Vec<char> = text.chars().filter(|c| !call.facts().fonts.draws(*c)).collect();
    missing.sort_unstable();
    missing.dedup();
    if missing.is_empty() {
        return;
    }
    let shown: String = missing.iter().take(8).flat_map(|c| [*c, ' ']).collect();
    let more = if missing.len() > 8 {
        format!("and {} more", missing.len() - 8)
    } else {
        String::new()
    };
    let message = format!("no installed font draws {}", format!("{shown}{more}").trim_end());
    let diagnostic = Diagnostic::new(&codes::MISSING_GLYPHS, span, message)
        .help("install a font that has them, such as the packages fonts-noto-core and fonts-noto-cjk");
    call.report(diagnostic);
}
