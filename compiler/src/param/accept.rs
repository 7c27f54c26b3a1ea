//! Checks a value against a parameter's type and converts it to the form that the type is read in.

use vidc_dsl::ast::Color;

use super::spec::{Bounds, ParamType};
use crate::time::{Rational, Time, decimal};
use crate::value::{Dimension, Size, Value};

/// The reason a parameter does not accept a value.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The value has another type.
    Mismatch,
    /// The value is a number without a unit. Holds the unit to write.
    NeedsUnit(&'static str),
    /// The value is out of range. Holds the range in words.
    OutOfRange(String),
    /// The value is a word that is not one of those expected.
    UnknownWord(String),
    /// The value counts frames, and there is no clip to take the frame rate from.
    FramesWithoutClip,
    /// The end of a range is not after its start.
    EmptyRange,
}

impl ParamType {
    /// Describes the accepted values for messages, with an article.
    pub fn describe(&self) -> String {
        match self {
            ParamType::Text => "text".into(),
            ParamType::Path | ParamType::Subtitles { .. } => "a file path".into(),
            ParamType::Bool => "`true` or `false`".into(),
            ParamType::Int(bounds) => format!("a whole number from {} to {}", bounds.min, bounds.max),
            ParamType::Number(bounds) => format!("a number from {} to {}", bounds.min, bounds.max),
            ParamType::Fraction => "a number from 0 to 1 or a percentage".into(),
            ParamType::Time => "a time such as `2s`, `1:23.5` or `30f`".into(),
            ParamType::SignedTime => "a time such as `2s` or `-500ms`".into(),
            ParamType::Length => "a length such as `24px` or `5%`".into(),
            ParamType::Gain => "a gain such as `-6dB`".into(),
            ParamType::Loudness => "a loudness such as `-16LUFS`".into(),
            ParamType::Bitrate => "a bit rate such as `128k` or `5M`".into(),
            ParamType::Frequency => "a frequency such as `48kHz`".into(),
            ParamType::FrameRate => "a frame rate such as `25` or `30000/1001`".into(),
            ParamType::Angle => "an angle such as `90deg`".into(),
            ParamType::Size => "a size such as `1280x720`".into(),
            ParamType::Color => "a color such as `#ff5500`, `#000000@0.5` or `white`".into(),
            ParamType::Window => "a time range such as `2s..5s` or `2s..`".into(),
            ParamType::Enum(words) => one_of(words),
            ParamType::Clip => "a clip".into(),
            ParamType::List(item) => format!("a list, each element {}", item.describe()),
            ParamType::Record(_) => "a record".into(),
            ParamType::Variant(variants) => one_of(&variants.iter().map(|v| v.name).collect::<Vec<_>>()),
        }
    }

    /// The words that it accepts, as candidates for did-you-mean suggestions.
    pub fn words(&self) -> Vec<&'static str> {
        match self {
            ParamType::Enum(words) => words.to_vec(),
            ParamType::Variant(variants) => variants.iter().map(|v| v.name).collect(),
            ParamType::Color => csscolorparser::NAMED_COLORS
                .keys()
                .map(|name| name.as_str())
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Checks and converts a scalar. `frame_rate` is that of the input clip, for times counted in frames.
    ///
    /// The evaluator checks the elements of lists, records and variants itself, because it knows their spans.
    pub fn accept(&self, value: Value, frame_rate: Option<Rational>) -> Result<Value, Refusal> {
        if matches!(value, Value::Unknown) {
            return Ok(value);
        }
        match (self, value) {
            (ParamType::Text | ParamType::Path | ParamType::Subtitles { .. }, value) => {
                value.as_text().map(Value::Text).ok_or(Refusal::Mismatch)
            }
            (ParamType::Bool, value @ Value::Bool(_)) | (ParamType::Clip, value @ Value::Clip(_)) => {
                Ok(value)
            }
            (ParamType::Size, value @ Value::Size(size)) => {
                if size.is_possible() {
                    Ok(value)
                } else {
                    Err(Refusal::OutOfRange(Size::possible()))
                }
            }
            (ParamType::Int(bounds), Value::Number(number)) => {
                if number.is_integer() {
                    bounds.check(number)
                } else {
                    Err(Refusal::Mismatch)
                }
            }
            (ParamType::Number(bounds), Value::Number(number)) => bounds.check(number),
            (ParamType::Fraction, Value::Number(number)) => fraction(number),
            (ParamType::Fraction, Value::Quantity(number, Dimension::Percent)) => fraction(number / 100),
            (ParamType::Time, value) => non_negative(time(value, frame_rate)?),
            (ParamType::SignedTime, value) => time(value, frame_rate),
            (ParamType::Length, value @ Value::Quantity(number, Dimension::Pixels | Dimension::Percent)) => {
                let limit = Rational::from_integer(100_000);
                if number.numer().abs() <= (limit * *number.denom()).to_integer() {
                    Ok(value)
                } else {
                    Err(Refusal::OutOfRange("at most 100000 pixels or percent".into()))
                }
            }
            (ParamType::Length, Value::Number(number)) if *number.numer() == 0 => {
                Ok(Value::Quantity(number, Dimension::Pixels))
            }
            (ParamType::Length, Value::Number(_)) => Err(Refusal::NeedsUnit("px")),
            (ParamType::Gain, Value::Quantity(number, Dimension::Gain)) => Bounds { min: -120, max: 60 }
                .check(number)
                .map(|_| Value::Quantity(number, Dimension::Gain)),
            (ParamType::Gain, Value::Number(_)) => Err(Refusal::NeedsUnit("dB")),
            (ParamType::Loudness, Value::Quantity(number, Dimension::Loudness)) => {
                Bounds { min: -70, max: -5 }
                    .check(number)
                    .map(|_| Value::Quantity(number, Dimension::Loudness))
            }
            (ParamType::Loudness, Value::Number(_)) => Err(Refusal::NeedsUnit("LUFS")),
            (ParamType::Bitrate, Value::Quantity(number, Dimension::Bitrate) | Value::Number(number)) => {
                Bounds {
                    min: 500,
                    max: 2_000_000_000,
                }
                .check(number)
                .map(|_| Value::Quantity(number, Dimension::Bitrate))
            }
            (ParamType::Frequency, Value::Quantity(number, Dimension::Frequency) | Value::Number(number)) => {
                Bounds { min: 1, max: 768_000 }
                    .check(number)
                    .map(|_| Value::Quantity(number, Dimension::Frequency))
            }
            (ParamType::FrameRate, Value::Quantity(number, Dimension::FrameRate) | Value::Number(number)) => {
                if *number.numer() > 0 && number <= Rational::from_integer(1000) {
                    Ok(Value::Quantity(number, Dimension::FrameRate))
                } else {
                    Err(Refusal::OutOfRange(
                        "more than 0, at most 1000 frames per second".into(),
                    ))
                }
            }
            (ParamType::Angle, value @ Value::Quantity(_, Dimension::Angle)) => Ok(value),
            (ParamType::Angle, Value::Number(_)) => Err(Refusal::NeedsUnit("deg")),
            (ParamType::Color, value @ Value::Color(_)) => Ok(value),
            (ParamType::Color, Value::Symbol(name) | Value::Text(name)) => match named_color(&name) {
                Some(color) => Ok(Value::Color(color)),
                None => Err(Refusal::UnknownWord(name)),
            },
            (ParamType::Window, Value::Range(start, end)) => window(*start, *end, frame_rate),
            (ParamType::Enum(words), Value::Symbol(word) | Value::Text(word)) => {
                if words.contains(&word.as_str()) {
                    Ok(Value::Symbol(word))
                } else {
                    Err(Refusal::UnknownWord(word))
                }
            }
            // Some words look like numbers: `5.1`.
            (ParamType::Enum(words), Value::Number(number)) => {
                let word = decimal(number, 6);
                match words.contains(&word.as_str()) {
                    true => Ok(Value::Symbol(word)),
                    false => Err(Refusal::Mismatch),
                }
            }
            _ => Err(Refusal::Mismatch),
        }
    }
}

impl Bounds {
    fn check(self, number: Rational) -> Result<Value, Refusal> {
        if number < Rational::from_integer(self.min) || number > Rational::from_integer(self.max) {
            return Err(Refusal::OutOfRange(format!("{} to {}", self.min, self.max)));
        }
        Ok(Value::Number(number))
    }
}

fn fraction(number: Rational) -> Result<Value, Refusal> {
    if number < Rational::ZERO || number > Rational::ONE {
        return Err(Refusal::OutOfRange("0 to 1, or 0% to 100%".into()));
    }
    Ok(Value::Number(number))
}

fn time(value: Value, frame_rate: Option<Rational>) -> Result<Value, Refusal> {
    match value {
        Value::Quantity(_, Dimension::Time) => Ok(value),
        Value::Quantity(frames, Dimension::Frames) => {
            let rate = frame_rate.ok_or(Refusal::FramesWithoutClip)?;
            Ok(Value::time(Time::new(frames).scale(rate.recip())))
        }
        Value::Number(number) if *number.numer() == 0 => Ok(Value::time(Time::ZERO)),
        // `fade(in: 250)` can hardly mean four minutes.
        Value::Number(number) if number >= Rational::from(100) => Err(Refusal::NeedsUnit("ms")),
        Value::Number(_) => Err(Refusal::NeedsUnit("s")),
        _ => Err(Refusal::Mismatch),
    }
}

fn non_negative(value: Value) -> Result<Value, Refusal> {
    match value {
        Value::Quantity(number, _) if *number.numer() < 0 => Err(Refusal::OutOfRange("0s or more".into())),
        value => Ok(value),
    }
}

fn window(start: Value, end: Value, frame_rate: Option<Rational>) -> Result<Value, Refusal> {
    let side = |value: Value| match value {
        Value::Null | Value::Unknown => Ok(value),
        value => non_negative(time(value, frame_rate)?),
    };
    let (start, end) = (side(start)?, side(end)?);
    if let (Value::Quantity(start, _), Value::Quantity(end, _)) = (&start, &end)
        && end <= start
    {
        return Err(Refusal::EmptyRange);
    }
    Ok(Value::Range(Box::new(start), Box::new(end)))
}

/// Lists the words, at most a dozen of them.
fn one_of(words: &[&str]) -> String {
    const SHOWN: usize = 12;
    match words.len().checked_sub(SHOWN) {
        None | Some(0) => format!("one of {}", words.join(", ")),
        Some(more) => format!("one of {} and {more} more", words[..SHOWN].join(", ")),
    }
}

/// A CSS color by name (CSS Color Module Level 4, named colors).
fn named_color(name: &str) -> Option<Color> {
    if !name.chars().all(|c| c.is_ascii_alphabetic()) {
        return None;
    }
    let [red, green, blue, alpha] = csscolorparser::parse(name).ok()?.to_rgba8();
    Some(Color {
        red,
        green,
        blue,
        alpha,
    })
}
