//! Parameters of operations, codecs and statements: their declarations, the values they accept, and typed access to
//! the arguments of a call.
//!
//! A parameter is a constant whose type says what a call reads:
//!
//! ```ignore
//! const GAIN: Param<Rational> = Param::gain("gain", "gain; 6dB doubles the amplitude");
//! const FADE_OUT: Param<Option<Time>> = Param::time("fade-out", "duration of the fade-out").optional();
//! const LOOP: Param<bool> = Param::flag("loop", "whether to repeat the audio").default(Constant::Flag(false));
//! ```
//!
//! A declaration lists `GAIN.spec`, so that arguments can be checked by parameter; `build` reads `call.get(&GAIN)`.

mod accept;
mod choice;
mod from_value;
mod read;
mod spec;
mod typed;

pub(crate) use accept::Refusal;
pub(crate) use choice::{Choice, choice, words};
pub(crate) use from_value::{Fields, FromValue, Length, Record};
pub use spec::{Bounds, Constant, ParamDefault, ParamSpec, ParamType, VariantDef, primary};
pub(crate) use spec::{color, decibels, lufs, millis, number, percent, pixels, pixels_size, word};
pub(crate) use typed::Param;
