//! What a recipe can call: every operation and every variant, declared once.
//!
//! Checking, did-you-mean, both syntaxes' reading of arguments, `vidc ops` and the reference page all read this.

mod aliases;
mod args;
mod kind;
mod variants;

use vidc_dsl::{Shape, Signature, Signatures};

pub use crate::ops::{Group, Input, Operation};
pub use crate::value::Args;
pub use aliases::alias_of;
pub use kind::{Bounds, POSITIONS, ParamType, Refusal};
pub use variants::{PLACES, TRANSITIONS, VARIANTS};

use vidc_dsl::ast::Color;

use crate::time::Rational;
use crate::value::{Dimension, Size, Value};

/// One parameter.
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// What it accepts.
    pub kind: ParamType,
    /// What it is where a call leaves it out.
    pub default: Default,
    /// One sentence.
    pub help: &'static str,
    /// Whether it is always written by name; else, as the first, it may be given by position.
    pub by_name: bool,
}

/// What a parameter is where a call leaves it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Default {
    /// It may not be left out.
    Required,
    /// Nothing: the operation does without.
    Absent,
    /// This value.
    Value(Constant),
}

/// The value of a default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constant {
    /// A member of an enumeration, or a variant with its own defaults.
    Word(&'static str),
    /// Text.
    Text(&'static str),
    /// A plain number, as a fraction.
    Number(i64, i64),
    /// A number with a unit, as a fraction.
    Quantity(i64, i64, Dimension),
    /// A truth value.
    Flag(bool),
    /// A color.
    Color(Color),
    /// Pixels across and down.
    Size(u32, u32),
}

impl Constant {
    /// As an expression's value.
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

/// A member of an enumeration.
pub const fn word(word: &'static str) -> Constant {
    Constant::Word(word)
}

/// Milliseconds.
pub const fn millis(millis: i64) -> Constant {
    Constant::Quantity(millis, 1000, Dimension::Time)
}

/// Pixels.
pub const fn pixels(pixels: i64) -> Constant {
    Constant::Quantity(pixels, 1, Dimension::Pixels)
}

/// Hundredths.
pub const fn percent(percent: i64) -> Constant {
    Constant::Quantity(percent, 1, Dimension::Percent)
}

/// Pixels across and down.
pub const fn pixels_size(width: u32, height: u32) -> Constant {
    Constant::Size(width, height)
}

/// Decibels.
pub const fn decibels(gain: i64) -> Constant {
    Constant::Quantity(gain, 1, Dimension::Gain)
}

/// A whole number.
pub const fn number(number: i64) -> Constant {
    Constant::Number(number, 1)
}

/// An sRGB color; alpha 255 is opaque.
pub const fn color(red: u8, green: u8, blue: u8, alpha: u8) -> Constant {
    Constant::Color(Color {
        red,
        green,
        blue,
        alpha,
    })
}

impl Param {
    /// A parameter that a call must give.
    pub const fn required(name: &'static str, kind: ParamType, help: &'static str) -> Param {
        Param {
            name,
            kind,
            default: Default::Required,
            help,
            by_name: false,
        }
    }

    /// A parameter that a call may leave out.
    pub const fn optional(name: &'static str, kind: ParamType, help: &'static str) -> Param {
        Param {
            name,
            kind,
            default: Default::Absent,
            help,
            by_name: false,
        }
    }

    /// The same, always written by name.
    pub const fn by_name(self) -> Param {
        Param {
            by_name: true,
            ..self
        }
    }

    /// A parameter with a default.
    pub const fn with_default(
        name: &'static str,
        kind: ParamType,
        default: Constant,
        help: &'static str,
    ) -> Param {
        Param {
            name,
            kind,
            default: Default::Value(default),
            help,
            by_name: false,
        }
    }
}

/// The parameter that may be given by position, if there is one.
pub fn primary(params: &'static [Param]) -> Option<&'static Param> {
    params.first().filter(|param| !param.by_name)
}

/// A call that is a value, such as a codec with its settings.
pub struct VariantDef {
    /// Its name in a recipe.
    pub name: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// Its settings.
    pub params: &'static [Param],
}

/// Every operation.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    crate::ops::all()
}

/// An operation by its name.
pub fn operation(name: &str) -> Option<&'static Operation> {
    operations().find(|operation| operation.name == name)
}

/// A variant by its name.
pub fn variant(name: &str) -> Option<&'static VariantDef> {
    VARIANTS.iter().copied().find(|variant| variant.name == name)
}

/// The parameters of the `output` statement.
pub const OUTPUT: &[Param] = &[
    Param::required(
        "to",
        ParamType::Path,
        "file to make; its extension chooses the container",
    ),
    Param::required("from", ParamType::Clip, "what to write"),
    Param::with_default(
        "video",
        ParamType::Variant(variants::VIDEO),
        word("auto"),
        "how the picture is encoded",
    ),
    Param::with_default(
        "audio",
        ParamType::Variant(variants::AUDIO),
        word("auto"),
        "how the sound is encoded",
    ),
    Param::optional("title", ParamType::Text, "title in the file's metadata"),
];

/// The callables by name, for the front ends.
pub fn signatures() -> Signatures {
    let mut signatures = Signatures::default();
    signatures.insert("output", signature(OUTPUT));
    for operation in operations() {
        signatures.insert(operation.name, signature(operation.params));
    }
    for variant in VARIANTS {
        signatures.insert(variant.name, signature(variant.params));
    }
    signatures
}

fn signature(params: &'static [Param]) -> Signature {
    let shapes = params
        .iter()
        .map(|param| (param.name.to_owned(), shape(&param.kind)));
    Signature {
        params: shapes.collect(),
        named_only: primary(params).is_none(),
    }
}

fn shape(kind: &ParamType) -> Shape {
    match kind {
        ParamType::Text | ParamType::Path | ParamType::Subtitles { .. } => Shape::Text,
        ParamType::List(item) => Shape::List(Box::new(shape(item))),
        ParamType::Record(fields) => Shape::Record(
            fields
                .iter()
                .map(|field| (field.name.to_owned(), shape(&field.kind)))
                .collect(),
        ),
        _ => Shape::Expression,
    }
}
