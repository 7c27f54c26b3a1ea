//! The Rust types that arguments are read as, and their conversion from values.

use vidc_dsl::Span;
use vidc_dsl::ast::Color;

use super::spec::{ParamSpec, ParamType};
use crate::graph::Clip;
use crate::time::{Rational, Time, Window};
use crate::value::{Dimension, Size, Value, Variant};

/// A Rust type that the argument of a [`Param`] can be read as.
pub trait FromValue: Sized {
    /// Converts a value that the parameter's type has accepted. None for a value of any other type.
    fn from_value(value: &Value) -> Option<Self>;
}

/// A record, such as an element of a list argument, read as a Rust type.
pub trait Record: Sized {
    /// The fields.
    const FIELDS: &'static [ParamSpec];

    /// The type of parameters that accept such a record.
    const TYPE: &'static ParamType = &ParamType::Record(Self::FIELDS);

    /// Reads the record; none if a required field is null.
    fn from_fields(fields: &Fields<'_>) -> Option<Self>;
}

/// The fields of a record value.
pub struct Fields<'v>(&'v [(String, Value, Span)]);

impl Fields<'_> {
    /// The value of a field; null if it is absent.
    pub fn value(&self, name: &str) -> &Value {
        let named = self.0.iter().find(|(field, ..)| field == name);
        named.map_or(&Value::Null, |(_, value, _)| value)
    }
}

/// A length on a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// Pixels.
    Pixels(Rational),
    /// A percentage of the frame's width or height.
    Percent(Rational),
}

impl Length {
    /// The length in pixels, where 100 % is `whole` pixels.
    pub fn to_pixels(self, whole: u32) -> Rational {
        match self {
            Length::Pixels(pixels) => pixels,
            Length::Percent(percent) => percent * Rational::new(i64::from(whole), 100),
        }
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
}

impl FromValue for String {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(text) | Value::Symbol(text) => Some(text.clone()),
            _ => None,
        }
    }
}

impl FromValue for bool {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(flag) => Some(*flag),
            _ => None,
        }
    }
}

impl FromValue for Rational {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) | Value::Quantity(number, _) => Some(*number),
            _ => None,
        }
    }
}

impl FromValue for i64 {
    fn from_value(value: &Value) -> Option<Self> {
        Rational::from_value(value).map(|number| number.round().to_integer())
    }
}

impl FromValue for u32 {
    fn from_value(value: &Value) -> Option<Self> {
        u32::try_from(i64::from_value(value)?).ok()
    }
}

impl FromValue for Time {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Quantity(number, Dimension::Time) => Some(Time::new(*number)),
            _ => None,
        }
    }
}

impl FromValue for Window {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Range(start, end) => Some(Window {
                start: Time::from_value(start).unwrap_or_default(),
                end: Time::from_value(end),
            }),
            _ => None,
        }
    }
}

impl FromValue for Length {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Quantity(number, Dimension::Pixels) => Some(Length::Pixels(*number)),
            Value::Quantity(number, Dimension::Percent) => Some(Length::Percent(*number)),
            _ => None,
        }
    }
}

impl FromValue for Size {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Size(size) => Some(*size),
            _ => None,
        }
    }
}

impl FromValue for Color {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Color(color) => Some(*color),
            _ => None,
        }
    }
}

impl FromValue for Clip {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Clip(clip) => Some(clip.clone()),
            _ => None,
        }
    }
}

impl FromValue for Variant {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Variant(variant) => Some(variant.clone()),
            _ => None,
        }
    }
}

/// Null elements are skipped.
impl<T: FromValue> FromValue for Vec<(T, Span)> {
    fn from_value(value: &Value) -> Option<Self> {
        let Value::List(list) = value else { return None };
        let elements = list
            .iter()
            .filter_map(|(value, span)| Some((T::from_value(value)?, *span)));
        Some(elements.collect())
    }
}

impl<R: Record> FromValue for R {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Record(fields) => R::from_fields(&Fields(fields)),
            _ => None,
        }
    }
}
