//! Declarations of parameters, without the Rust type that an argument is read as.

use vidc_dsl::ast::Color;

use crate::time::Rational;
use crate::value::{Dimension, Size, Value};

/// The declaration of a parameter.
#[derive(Clone, Copy)]
pub struct ParamSpec {
    /// The name in a recipe.
    pub name: &'static str,
    /// The values it accepts.
    pub ty: ParamType,
    /// The value it takes when a call omits it.
    pub default: ParamDefault,
    /// A noun phrase in lower case that describes the parameter.
    pub help: &'static str,
    /// Whether it must be named even as the first parameter, which may otherwise be positional.
    pub by_name: bool,
}

/// The values that a parameter accepts.
#[derive(Clone, Copy)]
pub enum ParamType {
    /// Text. Numbers, times and other scalars are converted to text.
    Text,
    /// A file path, as text.
    Path,
    /// The path of a subtitle file, as text.
    Subtitles {
        /// The parameter of the same operation that names the file's character encoding.
        charset: &'static ParamSpec,
    },
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int(Bounds),
    /// A number.
    Number(Bounds),
    /// A number from 0 to 1, or a percentage up to 100 %.
    Fraction,
    /// A time of zero or more. Frames are counted at the frame rate of the input clip.
    Time,
    /// A time that may be negative.
    SignedTime,
    /// Pixels or a percentage.
    Length,
    /// Decibels.
    Gain,
    /// LUFS.
    Loudness,
    /// Bits per second.
    Bitrate,
    /// Hertz.
    Frequency,
    /// Frames per second.
    FrameRate,
    /// Degrees, clockwise.
    Angle,
    /// `WIDTHxHEIGHT`.
    Size,
    /// `#rrggbb`, `#rrggbb@opacity`, or a CSS color name.
    Color,
    /// A time range: `2s..5s`, `2s..`, `..5s`.
    Window,
    /// One of these words.
    Enum(&'static [&'static str]),
    /// Video, audio, or both.
    Clip,
    /// A list of elements of one type.
    List(&'static ParamType),
    /// A record with these fields.
    Record(&'static [ParamSpec]),
    /// One of these calls. A bare name is a call with default arguments.
    Variant(&'static [&'static VariantDef]),
}

/// An inclusive range of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The minimum.
    pub min: i64,
    /// The maximum.
    pub max: i64,
}

/// A call that is a value, such as a codec with its settings.
pub struct VariantDef {
    /// The name in a recipe.
    pub name: &'static str,
    /// One sentence that describes it.
    pub summary: &'static str,
    /// Its settings. The first may be positional.
    pub params: &'static [ParamSpec],
}

/// The value that a parameter takes when a call omits it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamDefault {
    /// None: a call must give one.
    Required,
    /// Null: the parameter is optional.
    Absent,
    /// A constant.
    Value(Constant),
}

/// The constant value of a default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constant {
    /// A word of an enumeration, or a variant with default arguments.
    Word(&'static str),
    /// Text.
    Text(&'static str),
    /// A number without a unit: numerator and denominator.
    Number(i64, i64),
    /// A number with a unit: numerator, denominator and dimension.
    Quantity(i64, i64, Dimension),
    /// A Boolean.
    Flag(bool),
    /// A color.
    Color(Color),
    /// Width and height in pixels.
    Size(u32, u32),
}

impl Constant {
    /// Converts the constant to the value of an expression.
    pub fn value(self) -> Value {
        match self {
            Constant::Word(word) => Value::Symbol(word.to_owned()),
            Constant::Text(text) => Value::Text(text.to_owned()),
            Constant::Number(numer, denom) => Value::Number(Rational::new(numer, denom)),
            Constant::Quantity(numer, denom, dimension) => {
                Value::Quantity(Rational::new(numer, denom), dimension)
            }
            Constant::Flag(flag) => Value::Bool(flag),
            Constant::Color(color) => Value::Color(color),
            Constant::Size(width, height) => Value::Size(Size { width, height }),
        }
    }
}

/// A word of an enumeration, or a variant with default arguments.
pub(crate) const fn word(word: &'static str) -> Constant {
    Constant::Word(word)
}

/// A time in milliseconds.
pub(crate) const fn millis(millis: i64) -> Constant {
    Constant::Quantity(millis, 1000, Dimension::Time)
}

/// A length in pixels.
pub(crate) const fn pixels(pixels: i64) -> Constant {
    Constant::Quantity(pixels, 1, Dimension::Pixels)
}

/// A percentage.
pub(crate) const fn percent(percent: i64) -> Constant {
    Constant::Quantity(percent, 1, Dimension::Percent)
}

/// A frame size in pixels.
pub(crate) const fn pixels_size(width: u32, height: u32) -> Constant {
    Constant::Size(width, height)
}

/// A gain in decibels.
pub(crate) const fn decibels(gain: i64) -> Constant {
    Constant::Quantity(gain, 1, Dimension::Gain)
}

/// A loudness in LUFS.
pub(crate) const fn lufs(loudness: i64) -> Constant {
    Constant::Quantity(loudness, 1, Dimension::Loudness)
}

/// A whole number.
pub(crate) const fn number(number: i64) -> Constant {
    Constant::Number(number, 1)
}

/// An sRGB color. Alpha 255 is opaque.
pub(crate) const fn color(red: u8, green: u8, blue: u8, alpha: u8) -> Constant {
    Constant::Color(Color {
        red,
        green,
        blue,
        alpha,
    })
}

/// The parameter that may be given by position, if there is one.
pub fn primary(params: &'static [ParamSpec]) -> Option<&'static ParamSpec> {
    params.first().filter(|param| !param.by_name)
}
