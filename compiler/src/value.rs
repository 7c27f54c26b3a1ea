//! Values of expressions, and the arguments of calls.

use vidc_dsl::Span;
use vidc_dsl::ast::{Color, LiteralValue, Unit};

use crate::graph::Clip;
pub(crate) use crate::size::Size;
use crate::time::{Rational, Time, decimal};

/// The value of an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`: not given.
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
    /// Text, with its templates expanded.
    Text(String),
    /// A bare word that is not a name in scope: a member of the enumeration that the parameter expects.
    Symbol(String),
    /// A list of elements with their spans.
    List(Vec<(Value, Span)>),
    /// A record's fields with their spans.
    Record(Vec<(String, Value, Span)>),
    /// `a..b`
    Range(Box<Value>, Box<Value>),
    /// Video, audio and subtitles over time.
    Clip(Clip),
    /// A choice with its settings, such as `h264(crf: 20)` or `xfade(fade)`.
    Variant(Variant),
    /// The result of a step that failed, or that depends on a file not probed yet. Accepted everywhere, silently.
    Unknown,
}

/// One of a parameter's choices, with its settings.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    /// The choice's name.
    pub name: &'static str,
    /// Its settings, with defaults filled in.
    pub args: Args,
    /// Its span in the recipe.
    pub span: Span,
}

/// The arguments of a call by parameter name, each converted to its parameter's
/// [`ParamType`](crate::param::ParamType).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Args {
    values: Vec<(&'static str, Value, Span)>,
}

impl Args {
    /// Adds an argument.
    pub fn insert(&mut self, name: &'static str, value: Value, span: Span) {
        self.values.push((name, value, span));
    }

    /// Adds an argument, replacing any with the same name.
    pub fn replace(&mut self, name: &'static str, value: Value, span: Span) {
        self.values.retain(|(known, ..)| *known != name);
        self.insert(name, value, span);
    }

    /// An argument's value; `None` if it is absent or null.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.values
            .iter()
            .find(|(known, ..)| *known == name)
            .map(|(_, v, _)| v)
            .filter(|v| **v != Value::Null)
    }

    /// Whether any argument is unknown because an earlier step failed.
    pub fn any_unknown(&self) -> bool {
        self.values.iter().any(|(_, value, _)| value.holds_unknown())
    }

    /// An argument's span; that of a default is the span of the call.
    pub fn span(&self, name: &str) -> Option<Span> {
        self.values
            .iter()
            .find(|(known, ..)| *known == name)
            .map(|(.., span)| *span)
    }
}

/// The dimension of a quantity. Quantities are stored in the dimension's base unit.
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
    /// Its noun in messages, without an article.
    fn noun(self) -> &'static str {
        match self {
            Dimension::Time => "time",
            Dimension::Frames => "frame count",
            Dimension::FrameRate => "frame rate",
            Dimension::Pixels => "length",
            Dimension::Percent => "percentage",
            Dimension::Gain => "gain",
            Dimension::Loudness => "loudness",
            Dimension::Frequency => "frequency",
            Dimension::Bitrate => "bit rate",
            Dimension::Angle => "angle",
        }
    }

    /// The symbol of its base unit in recipes.
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
    /// A duration or an instant.
    pub fn time(time: Time) -> Value {
        Value::Quantity(time.as_rational(), Dimension::Time)
    }

    /// The value of a literal; `None` if it does not fit after conversion to the base unit.
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

    /// Whether this value, or a value inside it, is unknown.
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

    /// A noun phrase for messages, with the value where it is short: "the time `5s`", "a clip".
    pub fn describe(&self) -> String {
        let literal = self.literal().unwrap_or_default();
        match self {
            Value::Null | Value::Bool(_) => format!("`{literal}`"),
            Value::Number(_) => format!("the number {literal}"),
            Value::Quantity(_, dimension) => format!("the {} `{literal}`", dimension.noun()),
            Value::Size(_) => format!("the size `{literal}`"),
            Value::Color(_) => format!("the color `{literal}`"),
            Value::Text(_) => "text".into(),
            Value::Symbol(name) => format!("the word `{name}`"),
            Value::List(_) => "a list".into(),
            Value::Record(_) => "a record".into(),
            Value::Range(..) if literal.is_empty() => "a range".into(),
            Value::Range(..) => format!("the range `{literal}`"),
            Value::Clip(_) => "a clip".into(),
            Value::Variant(variant) => format!("`{}`", variant.name),
            Value::Unknown => "an unknown value".into(),
        }
    }

    /// The value as a recipe would write it; `None` for text, clips and other structures.
    fn literal(&self) -> Option<String> {
        Some(match self {
            Value::Null => "null".to_owned(),
            Value::Quantity(number, dimension) => format!("{}{}", decimal(*number, 6), dimension.symbol()),
            Value::Range(start, end) => {
                let side = |value: &Value| match value {
                    Value::Null => Some(String::new()),
                    value => value.literal(),
                };
                format!("{}..{}", side(start)?, side(end)?)
            }
            Value::Bool(_) | Value::Number(_) | Value::Size(_) | Value::Color(_) => self.as_text()?,
            _ => return None,
        })
    }

    /// The value as text, where a template or a text parameter uses it; `None` for clips and other structures.
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

/// A unit's dimension, and how many base units it is, as numerator and denominator.
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

/// A color as `#rrggbb` or `#rrggbb@alpha`.
fn color_text(color: Color) -> String {
    let rgb = format!("#{:02x}{:02x}{:02x}", color.red, color.green, color.blue);
    match color.alpha {
        255 => rgb,
        alpha => format!("{rgb}@{}", decimal(Rational::new(i64::from(alpha), 255), 3)),
    }
}
