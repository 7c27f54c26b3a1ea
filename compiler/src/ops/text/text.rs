//! `text`: draws text over a video.

use vidc_dsl::ast::Color;

use crate::ass::{self, Align, BoxStyle, Position, TitleStyle};
use crate::call::Call;
use crate::graph::{Filter, VideoType};
use crate::ops::common::filter_value::float;
use crate::ops::common::fonts::{self, FONT};
use crate::ops::common::placement::{PLACEMENTS, Placement};
use crate::ops::common::square_pixels::square_pixels;
use crate::ops::common::{compositing, subtitle_cues};
use crate::ops::{Group, Input, Operation};
use crate::param::{Constant, Length, Param, choice, color, millis, number, percent, pixels, word};
use crate::plan::{Arg, FilterName};
use crate::time::{Rational, Time, Window};
use crate::value::{Dimension, Value, Variant};

choice! {
    /// The alignment of the lines of a text.
    enum LineAlign {
        Left = "left",
        Center = "center",
        Right = "right",
    }
}

const CONTENT: Param<String> = Param::text("content", "text to draw, literally except for `{{ }}` templates");
const POSITION: Param<Variant> =
    Param::variant("position", PLACEMENTS, "position in the frame").default(word("center"));
const MARGIN: Param<Length> = Param::length(
    "margin",
    "distance from the edges of the frame; a percentage refers to the frame height",
)
.default(percent(5));
const SIZE: Param<Length> =
    Param::length("size", "font size; a percentage refers to the frame height").default(percent(6));
const BOLD: Param<bool> = Param::flag("bold", "whether the text is bold").default(Constant::Flag(false));
const ITALIC: Param<bool> =
    Param::flag("italic", "whether the text is italic").default(Constant::Flag(false));
const COLOR: Param<Color> = Param::color("color", "text color").default(color(255, 255, 255, 255));
const OUTLINE: Param<Length> = Param::length("outline", "width of the text outline").default(pixels(0));
const OUTLINE_COLOR: Param<Color> =
    Param::color("outline-color", "color of the text outline").default(color(0, 0, 0, 255));
const SHADOW: Param<Length> =
    Param::length("shadow", "offset of the text shadow, to the right and down").default(pixels(0));
const SHADOW_COLOR: Param<Color> =
    Param::color("shadow-color", "color of the text shadow").default(color(0, 0, 0, 160));
const BOX: Param<Option<Color>> = Param::color("box", "color of a box behind the text").optional();
const PADDING: Param<Option<Length>> = Param::length(
    "padding",
    "distance between the text and the edge of its box; a quarter of the font size if omitted",
)
.optional();
const WRAP: Param<Option<Length>> = Param::length(
    "wrap",
    "maximum line width; a percentage refers to the frame width; the frame within its margins if omitted",
)
.optional();
const ALIGN: Param<Option<LineAlign>> =
    Param::choice("align", "alignment of lines; that of the position if omitted").optional();
const LETTER_SPACING: Param<Length> =
    Param::length("letter-spacing", "additional space between letters").default(pixels(0));
const ROTATION: Param<Rational> = Param::angle("rotation", "clockwise rotation of the text")
    .default(Constant::Quantity(0, 1, Dimension::Angle));
const OPACITY: Param<Rational> =
    Param::fraction("opacity", "opacity, from 0 (invisible) to 1 (opaque)").default(number(1));
const DURING: Param<Option<Window>> =
    Param::window("during", "time range in which the text is shown").optional();
const FADE_IN: Param<Time> = Param::time("fade-in", "duration of the fade-in").default(millis(0));
const FADE_OUT: Param<Time> = Param::time("fade-out", "duration of the fade-out").default(millis(0));

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "text",
    group: Group::Text,
    summary: "Draw text over the video, exactly as written.",
    input: Input::Clip,
    params: &[
        CONTENT.spec,
        POSITION.spec,
        MARGIN.spec,
        SIZE.spec,
        FONT.spec,
        BOLD.spec,
        ITALIC.spec,
        COLOR.spec,
        OUTLINE.spec,
        OUTLINE_COLOR.spec,
        SHADOW.spec,
        SHADOW_COLOR.spec,
        BOX.spec,
        PADDING.spec,
        WRAP.spec,
        ALIGN.spec,
        LETTER_SPACING.spec,
        ROTATION.spec,
        OPACITY.spec,
        DURING.spec,
        FADE_IN.spec,
        FADE_OUT.spec,
    ],
    examples: &[
        "talk | text(\"Hello\", position: bottom, size: 6%, box: #000000@0.5)",
        "talk | text(\"{{ headline }}\", during: 1s..5s, fade-in: 300ms)",
    ],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (video, ty) = square_pixels(call)?;
    call.require_filter(FilterName::Ass)?;
    fonts::require_font(call)?;
    let content = call.get(&CONTENT);
    let at = call.arg_span(&CONTENT);
    fonts::warn_about_missing_glyphs(call, &content, at);
    let during = compositing::time_range(call, &DURING, &ty)?;
    if content.trim().is_empty() {
        return call.with_video(video);
    }
    let style = style(call, &ty);
    let shown = match during {
        Some(window) => between_frames(window, &ty),
        None => Window {
            start: Time::ZERO,
            end: ty.duration.filter(|_| style.fade_out.is_positive()),
        },
    };
    let document = ass::title(ty.width, ty.height, &content, &style, shown.start, shown.end);
    let span = call.span;
    let graph = call.graph();
    let document = graph.add_file("ass", document);
    let draw = match ass::force_style(&content, &style) {
        None => subtitle_cues::draw_filter(FilterName::Ass, document, ty.pixels.alpha),
        Some(force_style) => {
            let mut draw = subtitle_cues::draw_filter(FilterName::Subtitles, document, ty.pixels.alpha);
            let force_style = Arg::Text(force_style.to_owned());
            draw.args.push(("force_style".to_owned(), force_style));
            draw
        }
    };
    let filter = Filter::new(vec![draw]);
    let fades = style.fade_in.is_positive() || style.fade_out.is_positive();
    let filter = match during {
        Some(window) => filter.active_during(vec![window.widened(ty.frame_rate)]),
        None if fades => filter,
        None => filter.per_frame(),
    };
    let video = graph.filter_video(video, filter, span, |_| {});
    call.with_video(video)
}

/// Moves a window half a frame earlier, so that it starts and ends between frames: rounding must not hide a text that
/// starts at 2 s from the frame at 2 s.
fn between_frames(window: Window, ty: &VideoType) -> Window {
    let half_frame = Time::from_frames(1, ty.frame_rate * 2);
    let earlier = |time: Time| (time - half_frame).max(Time::ZERO);
    Window {
        start: earlier(window.start),
        end: window.end.map(earlier),
    }
}

fn style(call: &Call<'_>, ty: &VideoType) -> TitleStyle {
    let frame = ty.size();
    let letters = |color: Color| ty.color_space.ass_color(color, call.facts().ffmpeg.version);
    let pixels = |length: Length| float(length.to_pixels(frame.height));
    let font_size = pixels(call.get(&SIZE));
    let placement = Placement::new(&call.get(&POSITION), call.get(&MARGIN), frame);
    let (position, margin, point) = match placement {
        Placement::Aligned { position, margin } => (position, float(margin), None),
        Placement::AtPoint { x, y, anchor } => (anchor, 0.0, Some((float(x), float(y)))),
    };
    let align = match call.get(&ALIGN) {
        Some(LineAlign::Left) => Align::Left,
        Some(LineAlign::Center) => Align::Center,
        Some(LineAlign::Right) => Align::Right,
        None => default_align(position),
    };
    let padding = call.get(&PADDING).map_or(font_size / 4.0, pixels);
    TitleStyle {
        font: call.get(&FONT),
        size: font_size,
        bold: call.get(&BOLD),
        italic: call.get(&ITALIC),
        color: letters(call.get(&COLOR)),
        outline: pixels(call.get(&OUTLINE)),
        outline_color: letters(call.get(&OUTLINE_COLOR)),
        shadow: pixels(call.get(&SHADOW)),
        shadow_color: letters(call.get(&SHADOW_COLOR)),
        boxed: call.get(&BOX).map(|color| BoxStyle {
            color: letters(color),
            padding,
        }),
        align,
        position,
        point,
        margin: (margin, margin),
        wrap_width: call.get(&WRAP).map(|wrap| float(wrap.to_pixels(frame.width))),
        letter_spacing: pixels(call.get(&LETTER_SPACING)),
        rotation: float(call.get(&ROTATION)),
        opacity: float(call.get(&OPACITY)),
        fade_in: call.get(&FADE_IN),
        fade_out: call.get(&FADE_OUT),
    }
}

/// The alignment of lines that follows from the position of the text.
fn default_align(position: Position) -> Align {
    match position {
        Position::TopLeft | Position::Left | Position::BottomLeft => Align::Left,
        Position::TopRight | Position::Right | Position::BottomRight => Align::Right,
        Position::Top | Position::Center | Position::Bottom => Align::Center,
    }
}
