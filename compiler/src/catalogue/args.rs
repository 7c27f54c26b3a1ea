//! Typed access to the arguments of a call.

use vidc_dsl::Span;
use vidc_dsl::ast::Color;

use crate::graph::Clip;
use crate::time::{Rational, Time, Window};
use crate::value::{Args, Dimension, Size, Value, Variant};

impl Args {
    /// A text, path, or member of an enumeration.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            Value::Text(text) | Value::Symbol(text) => Some(text),
            _ => None,
        }
    }

    /// A truth value; absent is false.
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.get(name), Some(Value::Bool(true)))
    }

    /// A plain number, or a factor.
    pub fn number(&self, name: &str) -> Option<Rational> {
        match self.get(name)? {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    fn quantity(&self, name: &str, wanted: Dimension) -> Option<Rational> {
        match self.get(name)? {
            Value::Quantity(number, dimension) if *dimension == wanted => Some(*number),
            _ => None,
        }
    }

    /// An instant or a duration.
    pub fn time(&self, name: &str) -> Option<Time> {
        self.quantity(name, Dimension::Time).map(Time::new)
    }

    /// Decibels.
    pub fn gain(&self, name: &str) -> Option<Rational> {
        self.quantity(name, Dimension::Gain)
    }

    /// LUFS.
    pub fn loudness(&self, name: &str) -> Option<Rational> {
        self.quantity(name, Dimension::Loudness)
    }

    /// Degrees, clockwise.
    pub fn angle(&self, name: &str) -> Option<Rational> {
        self.quantity(name, Dimension::Angle)
    }

    /// Frames per second.
    pub fn frame_rate(&self, name: &str) -> Option<Rational> {
        self.quantity(name, Dimension::FrameRate)
    }

    /// Hertz.
    pub fn frequency(&self, name: &str) -> Option<u32> {
        let number = self.quantity(name, Dimension::Frequency)?;
        u32::try_from(number.round().to_integer()).ok()
    }

    /// Bits per second.
    pub fn bitrate(&self, name: &str) -> Option<i64> {
        self.quantity(name, Dimension::Bitrate)
            .map(|number| number.round().to_integer())
    }

    /// A length in pixels; percentages are of `whole` pixels.
    pub fn pixels(&self, name: &str, whole: u32) -> Option<Rational> {
        match self.get(name)? {
            Value::Quantity(number, Dimension::Pixels) => Some(*number),
            Value::Quantity(number, Dimension::Percent) => {
                Some(number * Rational::new(i64::from(whole), 100))
            }
            _ => None,
        }
    }

    /// Pixels across and down.
    pub fn size(&self, name: &str) -> Option<Size> {
        match self.get(name)? {
            Value::Size(size) => Some(*size),
            _ => None,
        }
    }

    /// A color.
    pub fn color(&self, name: &str) -> Option<Color> {
        match self.get(name)? {
            Value::Color(color) => Some(*color),
            _ => None,
        }
    }

    /// A part of a timeline.
    pub fn window(&self, name: &str) -> Option<Window> {
        let instant = |value: &Value| match value {
            Value::Quantity(number, Dimension::Time) => Some(Time::new(*number)),
            _ => None,
        };
        match self.get(name)? {
            Value::Range(start, end) => Some(Window {
                start: instant(start).unwrap_or_default(),
                end: instant(end),
            }),
            _ => None,
        }
    }

    /// A clip.
    pub fn clip(&self, name: &str) -> Option<&Clip> {
        match self.get(name)? {
            Value::Clip(clip) => Some(clip),
            _ => None,
        }
    }

    /// A choice with its settings.
    pub fn variant(&self, name: &str) -> Option<&Variant> {
        match self.get(name)? {
            Value::Variant(variant) => Some(variant),
            _ => None,
        }
    }

    /// A list's elements, each with its place.
    pub fn list(&self, name: &str) -> Option<&[(Value, Span)]> {
        match self.get(name)? {
            Value::List(list) => Some(list),
            _ => None,
        }
    }
}
