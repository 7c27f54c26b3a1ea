//! The values an expression can have.

use vidc_dsl::Span;
use vidc_dsl::ast::{Color, LiteralValue, Unit};

use crate::graph::Clip;
pub(crate) use crate::size::Size;
use crate::time::{Rational, Time, decimal};

/// What an expression means.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`: left out.
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A plain number.
    Number(Rational),
    /// A number with a unit.
    Quantity(Rational, Dimension),
    /// `1280x720`
    Size(Size),
    /// A color.
    Color(Color),
    /// Text, templates expanded.
    Text(String),
    /// A bare word that no name in scope has: a member of whatever enumeration is expected.
    Symbol(String),
    /// A list, each element with its place.
    List(Vec<(Value, Span)>),
    /// A record's fields, each with its place.
    Record(Vec<(String, Value, Span)>),
    /// `a..b`
    Range(Box<Value>, Box<Value>),
    /// Pictures, sound and subtitles over time.
    Clip(Clip),
    /// A choice with settings of its own, such as `h264(crf: 20)` or `xfade(fade)`.
    Variant(Variant),
    /// The result of a step that failed, or that waits for a file to be probed: accepted everywhere, silently.
    Unknown,
}

/// A call that is a value: which one, and its arguments, complete with defaults.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    /// What was called.
    pub name: &'static str,
    /// Its arguments.
    pub args: Args,
    /// Where.
    pub span: Span,
}

/// Arguments by parameter name. Every value is what its parameter's [`ParamType`](crate::catalogue::ParamType) makes of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Args {
    values: Vec<(&'static str, Value, Span)>,
}

impl Args {
    /// Adds an argument.
    pub fn insert(&mut self, name: &'static str, value: Value, span: Span) {
        self.values.push((name, value, span));
    }

    /// Adds an argument, or puts another value in its place.
    pub fn replace(&mut self, name: &'static str, value: Value, span: Span) {
        self.values.retain(|(known, ..)| *known != name);
        self.insert(name, value, span);
    }

    /// An argument, unless it is absent or null.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values
            .iter()
            .find(|(known, ..)| *known == name)
            .map(|(_, v, _)| v)
            .filter(|v| **v != Value::Null)
    }

    /// Whether some argument is unknown because something before it failed.
    pub fn any_unknown(&self) -> bool {
        self.values.iter().any(|(_, value, _)| value.holds_unknown())
    }

    /// Where an argument stands; defaults stand where the call does.
    pub fn span(&self, name: &str) -> Option<Span> {
        self.values
            .iter()
            .find(|(known, ..)| *known == name)
            .map(|(.., span)| *span)
    }
}

/// What a quantity counts, each in one base unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dimension {
    /// Seconds.
    Time,
    /// Frames at a clip's rate.
    Frames,
    /// Frames per second.
    FrameRate,
    /// Pixels.
    Pixels,
    /// Hundredths.
    Percent,
    /// Decibels.
    Gain,
    /// LUFS.
    Loudness,
    /// Hertz.
    Frequency,
    /// Bits per second.
    Bitrate,
    /// Degrees.
    Angle,
}

impl Dimension {
    /// What messages call it.
    pub fn name(self) -> &'static str {
        match self {
            Dimension::Time => "a time",
            Dimension::Frames => "a number of frames",
            Dimension::FrameRate => "a frame rate",
            Dimension::Pixels => "a length in pixels",
            Dimension::Percent => "a percentage",
            Dimension::Gain => "a gain",
            Dimension::Loudness => "a loudness",
            Dimension::Frequency => "a frequency",
            Dimension::Bitrate => "a bit rate",
            Dimension::Angle => "an angle",
        }
    }

    /// The unit it is counted in, as a recipe writes it.
    fn symbol(self) -> &'static str {
        match self {
            Dimension::Time => "s",
            Dimension::Frames => "f",
            Dimension::FrameRate => "fps",
            Dimension::Pixels => "px",
            Dimension::Percent => "%",
            Dimension::Gain => "dB",
            Dimension::Loudness => "LUFS",
            Dimension::Frequency => "Hz",
            Dimension::Bitrate => "",
            Dimension::Angle => "deg",
        }
    }
}

impl Value {
    /// A duration or instant.
    pub fn time(time: Time) -> Value {
        Value::Quantity(time.as_rational(), Dimension::Time)
    }

    /// What a literal means; none where its unit takes it out of range.
    pub fn from_literal(literal: &LiteralValue) -> Option<Value> {
        Some(match literal {
            LiteralValue::Null => Value::Null,
            LiteralValue::Bool(value) => Value::Bool(*value),
            LiteralValue::Number(number) => Value::Number(*number),
            LiteralValue::Quantity(number, unit) => {
                let (dimension, numer, denom) = base_unit(*unit);
                let numer = number.numer().checked_mul(numer)?;
                let denom = number.denom().checked_mul(denom)?;
                Value::Quantity(Rational::new(numer, denom), dimension)
            }
            LiteralValue::Size { width, height } => Value::Size(Size {
                width: *width,
                height: *height,
            }),
            LiteralValue::Color(color) => Value::Color(*color),
        })
    }

    /// Whether it, or something in it, is unknown.
    pub fn holds_unknown(&self) -> bool {
        match self {
            Value::Unknown => true,
            Value::List(list) => list.iter().any(|(value, _)| value.holds_unknown()),
            Value::Record(fields) => fields.iter().any(|(_, value, _)| value.holds_unknown()),
            Value::Range(start, end) => start.holds_unknown() || end.holds_unknown(),
            Value::Variant(variant) => variant.args.any_unknown(),
            _ => false,
        }
    }

    /// What messages call it, with its article.
    pub fn describe(&self) -> String {
        match self {
            Value::Null => "null".into(),
            Value::Bool(_) => "a truth value".into(),
            Value::Number(number) => format!("the number {}", decimal(*number, 6)),
            Value::Quantity(_, dimension) => dimension.name().into(),
            Value::Size(_) => "a size".into(),
            Value::Color(_) => "a color".into(),
            Value::Text(_) => "text".into(),
            Value::Symbol(name) => format!("the word `{name}`"),
            Value::List(_) => "a list".into(),
            Value::Record(_) => "a record".into(),
            Value::Range(start, end) => match (&**start, &**end) {
                (Value::Number(_), _) | (_, Value::Number(_)) => "a range of plain numbers".into(),
                _ => "a range".into(),
            },
            Value::Clip(_) => "a clip".into(),
            Value::Variant(variant) => format!("`{}`", variant.name),
            Value::Unknown => "something unknown".into(),
        }
    }

    /// As text, where a template or a text position holds it; none for clips and other structures.
    pub fn as_text(&self) -> Option<String> {
        Some(match self {
            Value::Null => String::new(),
            Value::Bool(value) => value.to_string(),
            Value::Number(number) => decimal(*number, 6),
            Value::Quantity(number, Dimension::Time) => Time::new(*number).to_string(),
            Value::Quantity(number, dimension) => format!("{}{}", decimal(*number, 6), dimension.symbol()),
            Value::Size(size) => size.to_string(),
            Value::Color(color) => color_text(*color),
            Value::Text(text) | Value::Symbol(text) => text.clone(),
            _ => return None,
        })
    }
}

fn base_unit(unit: Unit) -> (Dimension, i64, i64) {
    match unit {
        Unit::Hours => (Dimension::Time, 3600, 1),
        Unit::Minutes => (Dimension::Time, 60, 1),
        Unit::Seconds => (Dimension::Time, 1, 1),
        Unit::Milliseconds => (Dimension::Time, 1, 1000),
        Unit::Microseconds => (Dimension::Time, 1, 1_000_000),
        Unit::Frames => (Dimension::Frames, 1, 1),
        Unit::FramesPerSecond => (Dimension::FrameRate, 1, 1),
        Unit::Pixels => (Dimension::Pixels, 1, 1),
        Unit::Percent => (Dimension::Percent, 1, 1),
        Unit::Decibels => (Dimension::Gain, 1, 1),
        Unit::Lufs => (Dimension::Loudness, 1, 1),
        Unit::Hertz => (Dimension::Frequency, 1, 1),
        Unit::Kilohertz => (Dimension::Frequency, 1000, 1),
        Unit::Kilo => (Dimension::Bitrate, 1000, 1),
        Unit::Mega => (Dimension::Bitrate, 1_000_000, 1),
        Unit::Degrees => (Dimension::Angle, 1, 1),
    }
}

fn color_text(color: Color) -> String {
    let rgb = format!("#{:02x}{:02x}{:02x}", color.red, color.green, color.blue);
    match color.alpha {
        255 => rgb,
        alpha => format!("{rgb}@{}", decimal(Rational::new(i64::from(alpha), 255), 3)),
    }
}
