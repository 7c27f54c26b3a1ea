//! Typed parameters: constants that tie a declaration to the Rust type its argument is read as.

use std::marker::PhantomData;

use vidc_dsl::Span;
use vidc_dsl::ast::Color;

use super::choice::Choice;
use super::from_value::{Length, Record};
use super::spec::{Bounds, Constant, ParamDefault, ParamSpec, ParamType, VariantDef};
use crate::graph::Clip;
use crate::time::{Rational, Time, Window};
use crate::value::{Size, Variant};

/// A parameter whose argument is read as a `T`.
///
/// Each constructor returns a required parameter. [`optional`](Param::optional) makes it an `Option`,
/// [`default`](Param::default) gives it a value.
pub struct Param<T> {
    /// The declaration.
    pub spec: ParamSpec,
    read_as: PhantomData<fn() -> T>,
}

impl<T> Param<T> {
    const fn new(name: &'static str, ty: ParamType, help: &'static str) -> Param<T> {
        let spec = ParamSpec {
            name,
            ty,
            default: ParamDefault::Required,
            help,
            by_name: false,
        };
        Param::from_spec(spec)
    }

    const fn from_spec(spec: ParamSpec) -> Param<T> {
        Param {
            spec,
            read_as: PhantomData,
        }
    }

    /// Lets a call omit the parameter.
    pub const fn optional(self) -> Param<Option<T>> {
        let default = ParamDefault::Absent;
        Param::from_spec(ParamSpec { default, ..self.spec })
    }

    /// Gives the parameter a default.
    pub const fn default(self, constant: Constant) -> Param<T> {
        let default = ParamDefault::Value(constant);
        Param::from_spec(ParamSpec { default, ..self.spec })
    }

    /// Requires the parameter to be named even as the first one.
    pub const fn by_name(self) -> Param<T> {
        let by_name = true;
        Param::from_spec(ParamSpec { by_name, ..self.spec })
    }
}

impl Param<String> {
    /// Text.
    pub const fn text(name: &'static str, help: &'static str) -> Param<String> {
        Param::new(name, ParamType::Text, help)
    }

    /// A file path.
    pub const fn path(name: &'static str, help: &'static str) -> Param<String> {
        Param::new(name, ParamType::Path, help)
    }

    /// The path of a subtitle file, whose character encoding `charset` names.
    pub const fn subtitles(
        name: &'static str,
        charset: &'static Param<Option<String>>,
        help: &'static str,
    ) -> Param<String> {
        let charset = &charset.spec;
        Param::new(name, ParamType::Subtitles { charset }, help)
    }

    /// One of a list of words that is too long or too open for a [`Choice`].
    pub const fn word(
        name: &'static str,
        words: &'static [&'static str],
        help: &'static str,
    ) -> Param<String> {
        Param::new(name, ParamType::Enum(words), help)
    }
}

impl<E: Choice> Param<E> {
    /// One of the words of a [`Choice`].
    pub const fn choice(name: &'static str, help: &'static str) -> Param<E> {
        Param::new(name, ParamType::Enum(E::WORDS), help)
    }
}

impl Param<bool> {
    /// `true` or `false`.
    pub const fn flag(name: &'static str, help: &'static str) -> Param<bool> {
        Param::new(name, ParamType::Bool, help)
    }
}

impl Param<i64> {
    /// A whole number from `min` to `max`.
    pub const fn int(name: &'static str, min: i64, max: i64, help: &'static str) -> Param<i64> {
        Param::new(name, ParamType::Int(Bounds { min, max }), help)
    }

    /// Bits per second.
    pub const fn bitrate(name: &'static str, help: &'static str) -> Param<i64> {
        Param::new(name, ParamType::Bitrate, help)
    }
}

impl Param<u32> {
    /// Hertz.
    pub const fn frequency(name: &'static str, help: &'static str) -> Param<u32> {
        Param::new(name, ParamType::Frequency, help)
    }
}

impl Param<Rational> {
    /// A number from `min` to `max`.
    pub const fn number(name: &'static str, min: i64, max: i64, help: &'static str) -> Param<Rational> {
        Param::new(name, ParamType::Number(Bounds { min, max }), help)
    }

    /// A number from 0 to 1, also written as a percentage.
    pub const fn fraction(name: &'static str, help: &'static str) -> Param<Rational> {
        Param::new(name, ParamType::Fraction, help)
    }

    /// Decibels.
    pub const fn gain(name: &'static str, help: &'static str) -> Param<Rational> {
        Param::new(name, ParamType::Gain, help)
    }

    /// LUFS.
    pub const fn loudness(name: &'static str, help: &'static str) -> Param<Rational> {
        Param::new(name, ParamType::Loudness, help)
    }

    /// Frames per second.
    pub const fn frame_rate(name: &'static str, help: &'static str) -> Param<Rational> {
        Param::new(name, ParamType::FrameRate, help)
    }

    /// Degrees, clockwise.
    pub const fn angle(name: &'static str, help: &'static str) -> Param<Rational> {
        Param::new(name, ParamType::Angle, help)
    }
}

impl Param<Time> {
    /// A time of zero or more.
    pub const fn time(name: &'static str, help: &'static str) -> Param<Time> {
        Param::new(name, ParamType::Time, help)
    }

    /// A time that may be negative.
    pub const fn signed_time(name: &'static str, help: &'static str) -> Param<Time> {
        Param::new(name, ParamType::SignedTime, help)
    }
}

impl Param<Window> {
    /// A time range.
    pub const fn window(name: &'static str, help: &'static str) -> Param<Window> {
        Param::new(name, ParamType::Window, help)
    }
}

impl Param<Length> {
    /// Pixels or a percentage.
    pub const fn length(name: &'static str, help: &'static str) -> Param<Length> {
        Param::new(name, ParamType::Length, help)
    }
}

impl Param<Size> {
    /// A frame size.
    pub const fn size(name: &'static str, help: &'static str) -> Param<Size> {
        Param::new(name, ParamType::Size, help)
    }
}

impl Param<Color> {
    /// A color.
    pub const fn color(name: &'static str, help: &'static str) -> Param<Color> {
        Param::new(name, ParamType::Color, help)
    }
}

impl Param<Clip> {
    /// A clip.
    pub const fn clip(name: &'static str, help: &'static str) -> Param<Clip> {
        Param::new(name, ParamType::Clip, help)
    }
}

impl Param<Variant> {
    /// One of a set of calls.
    pub const fn variant(
        name: &'static str,
        variants: &'static [&'static VariantDef],
        help: &'static str,
    ) -> Param<Variant> {
        Param::new(name, ParamType::Variant(variants), help)
    }
}

impl Param<Vec<(Clip, Span)>> {
    /// A list of clips, each with its place in the recipe.
    pub const fn clips(name: &'static str, help: &'static str) -> Param<Vec<(Clip, Span)>> {
        Param::new(name, ParamType::List(&ParamType::Clip), help)
    }
}

impl<R: Record> Param<Vec<(R, Span)>> {
    /// A list of records, each with its place in the recipe.
    pub const fn records(name: &'static str, help: &'static str) -> Param<Vec<(R, Span)>> {
        Param::new(name, ParamType::List(R::TYPE), help)
    }
}
