use crate::ass::{self, Align, BoxStyle, Position, TitleStyle};
use crate::call::Call;
use crate::catalogue::{Constant, PLACES, Param, ParamType, color, millis, number, percent, pixels, word};
use crate::graph::{Filter, VideoType, Window};
use crate::ops::common::place::Place;
use crate::ops::common::{cast, cues, inset, style};
use crate::ops::{Group, Input, Operation};
use crate::plan::{Arg, FilterName};
use crate::time::{Rational, Time};
use crate::value::{Dimension, Value};

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "text",
    group: Group::Text,
    summary: "Text drawn on the picture, exactly as written.",
    input: Input::Clip,
    params: &[
        Param::required(
            "content",
            ParamType::Text,
            "the text; `{{ }}` templates are expanded, nothing else in it has a meaning",
        ),
        Param::with_default("position", ParamType::Variant(PLACES), word("center"), "where"),
        Param::with_default(
            "margin",
            ParamType::Length,
            percent(5),
            "from the picture's edges; a percentage is of its height",
        ),
        Param::with_default(
            "size",
            ParamType::Length,
            percent(6),
            "font size; a percentage is of the picture's height",
        ),
        Param::optional("font", ParamType::Text, "name of an installed font family"),
        Param::with_default("bold", ParamType::Bool, Constant::Flag(false), "heavier letters"),
        Param::with_default(
            "italic",
            ParamType::Bool,
            Constant::Flag(false),
            "slanted letters",
        ),
        Param::with_default(
            "color",
            ParamType::Color,
            color(255, 255, 255, 255),
            "color of the letters",
        ),
        Param::with_default(
            "outline",
            ParamType::Length,
            pixels(0),
            "width of a line around the letters",
        ),
        Param::with_default(
            "outline-color",
            ParamType::Color,
            color(0, 0, 0, 255),
            "color of that line",
        ),
        Param::with_default(
            "shadow",
            ParamType::Length,
            pixels(0),
            "how far a shadow lies off, right and down",
        ),
        Param::with_default(
            "shadow-color",
            ParamType::Color,
            color(0, 0, 0, 160),
            "color of the shadow",
        ),
        Param::optional("box", ParamType::Color, "color of a box behind the text"),
        Param::optional(
            "padding",
            ParamType::Length,
            "from the text to the edge of its box, usually a quarter of the font size",
        ),
        Param::optional(
            "wrap",
            ParamType::Length,
            "how wide lines may be, usually the picture less its margins; a percentage is of its width",
        ),
        Param::optional(
            "align",
            ParamType::Enum(&["left", "center", "right"]),
            "how lines line up, usually as the position does",
        ),
        Param::with_default(
            "letter-spacing",
            ParamType::Length,
            pixels(0),
            "additional space between letters",
        ),
        Param::with_default(
            "rotation",
            ParamType::Angle,
            Constant::Quantity(0, 1, Dimension::Angle),
            "turned clockwise",
        ),
        Param::with_default(
            "opacity",
            ParamType::Fraction,
            number(1),
            "0 is invisible, 1 as it is",
        ),
        Param::optional("during", ParamType::Window, "when it is seen"),
        Param::with_default(
            "fade-in",
            ParamType::Time,
            millis(0),
            "how long it takes to appear",
        ),
        Param::with_default("fade-out", ParamType::Time, millis(0), "how long it takes to go"),
    ],
    examples: &[
        "talk | text(\"Hello\", position: bottom, size: 6%, box: #000000@0.5)",
        "talk | text(\"{{ headline }}\", during: 1s..5s, fade-in: 300ms)",
    ],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (video, ty) = cast::square(call)?;
    call.require_filter(FilterName::Ass)?;
    style::font_is_installed(call)?;
    let content = call.args.text("content")?.to_owned();
    let at = call.arg_span("content");
    style::glyphs_are_there(call, &content, at);
    let window = inset::during(call, &ty)?;
    if content.trim().is_empty() {
        return call.with_video(video);
    }
    let title = title(call, &ty)?;
    // A picture's times are its frames': a title from 2 s on must not miss the frame at 2 s for a rounding.
    let shown = match window {
        Some(window) => early(window, &ty),
        None => Window {
            start: Time::ZERO,
            end: ty.duration.filter(|_| title.fade_out.is_positive()),
        },
    };
    let document = ass::title(ty.width, ty.height, &content, &title, shown.start, shown.end);
    let span = call.span;
    let graph = call.graph();
    let file = graph.add_file("ass", document);
    let calls = match ass::force_style(&content, &title) {
        None => vec![cues::drawing(FilterName::Ass, file, ty.pixels.alpha)],
        Some(force) => {
            let mut subtitles = cues::drawing(FilterName::Subtitles, file, ty.pixels.alpha);
            subtitles
                .args
                .push(("force_style".to_owned(), Arg::Text(force.to_owned())));
            vec![subtitles]
        }
    };
    let steady = window.is_none() && !title.fade_in.is_positive() && !title.fade_out.is_positive();
    let filter = match (steady, window) {
        (true, _) => Filter::new(calls).per_frame(),
        (false, None) => Filter::new(calls),
        (false, Some(window)) => Filter::new(calls).active_during(vec![window.widened(ty.frame_rate)]),
    };
    let video = graph.filter_video(video, filter, span, |_| {});
    call.with_video(video)
}

/// The window half a frame early, so that it begins and ends between frames.
fn early(window: Window, ty: &VideoType) -> Window {
    let half = Time::from_frames(1, ty.frame_rate * 2);
    let before = |time: Time| (time - half).max(Time::ZERO);
    Window {
        start: before(window.start),
        end: window.end.map(before),
    }
}

fn title(call: &Call<'_>, ty: &VideoType) -> Option<TitleStyle> {
    let (args, size) = (&call.args, ty.size());
    let color = |name: &str| {
        Some(
            ty.color_space
                .ass_color(args.color(name)?, call.facts().ffmpeg.version),
        )
    };
    let pixels = |name: &str| args.pixels(name, size.height).map(cast::float);
    let font_size = pixels("size")?;
    let place = Place::of(args, size)?;
    let (position, margin, point) = match place {
        Place::Edge(position, margin) => (position, cast::float(margin), None),
        Place::Point(x, y, anchor) => (anchor, 0.0, Some((cast::float(x), cast::float(y)))),
    };
    let align = match args.text("align") {
        Some("left") => Align::Left,
        Some("right") => Align::Right,
        Some(_) => Align::Center,
        None => usual_align(position),
    };
    let padding = pixels("padding").unwrap_or(font_size / 4.0);
    Some(TitleStyle {
        font: args.text("font").map(str::to_owned),
        size: font_size,
        bold: args.flag("bold"),
        italic: args.flag("italic"),
        color: color("color")?,
        outline: pixels("outline")?,
        outline_color: color("outline-color")?,
        shadow: pixels("shadow")?,
        shadow_color: color("shadow-color")?,
        boxed: color("box").map(|color| BoxStyle { color, padding }),
        align,
        position,
        point,
        margin: (margin, margin),
        wrap_width: args.pixels("wrap", size.width).map(cast::float),
        letter_spacing: pixels("letter-spacing")?,
        rotation: cast::float(args.angle("rotation")?),
        opacity: cast::float(args.number("opacity").unwrap_or(Rational::ONE)),
        fade_in: args.time("fade-in")?,
        fade_out: args.time("fade-out")?,
    })
}

fn usual_align(position: Position) -> Align {
    match position {
        Position::TopLeft | Position::Left | Position::BottomLeft => Align::Left,
        Position::TopRight | Position::Right | Position::BottomRight => Align::Right,
        Position::Top | Position::Center | Position::Bottom => Align::Center,
    }
}
