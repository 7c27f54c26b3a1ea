//! Exact times, and windows of a timeline.

use std::fmt;
use std::ops::{Add, Mul, Neg, Sub};

use num_rational::Ratio;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An exact number, such as a frame rate or an aspect ratio.
pub type Rational = Ratio<i64>;

/// An instant or a duration in seconds, exact.
///
/// Sums and products whose exact value does not fit 64-bit terms are rounded to the nearest nanosecond and clamped to
/// ±292 years. Real media never reaches these limits, but hostile recipes may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(Rational);

const NANOS: i64 = 1_000_000_000;

impl Time {
    /// Zero seconds.
    pub const ZERO: Time = Time(Rational::ZERO);

    /// A time in exact seconds.
    pub const fn new(seconds: Rational) -> Time {
        Time(seconds)
    }

    /// A time in whole seconds.
    pub const fn seconds(seconds: i64) -> Time {
        Time(Rational::new_raw(seconds, 1))
    }

    /// A time in milliseconds.
    pub fn millis(millis: i64) -> Time {
        Time(Rational::new(millis, 1000))
    }

    /// The duration of `frames` frames (or samples) at `rate` per second; zero if the rate is not positive.
    pub fn from_frames(frames: i64, rate: Rational) -> Time {
        if *rate.numer() <= 0 {
            return Time::ZERO;
        }
        Time(multiply(Rational::from_integer(frames), rate.recip()))
    }

    /// The exact number of seconds.
    pub fn as_rational(self) -> Rational {
        self.0
    }

    /// The approximate number of seconds, for display and estimates only.
    pub fn as_secs_f64(self) -> f64 {
        *self.0.numer() as f64 / *self.0.denom() as f64
    }

    /// The nearest number of frames (or samples) at a rate; halves round up.
    pub fn frames(self, rate: Rational) -> i64 {
        let exact = product(self.0, rate);
        let (whole, rest) = split(exact);
        clamped(whole + i128::from(rest >= exact.denom() - rest))
    }

    /// The number of frames (or samples) at a rate, rounded down.
    pub fn whole_frames(self, rate: Rational) -> i64 {
        clamped(split(product(self.0, rate)).0)
    }

    /// The nearest instant on a grid of `rate` frames per second.
    pub fn round_to(self, rate: Rational) -> Time {
        Time::from_frames(self.frames(rate), rate)
    }

    /// The last instant on a grid of `rate` frames per second that is not after this one.
    pub fn floor_to(self, rate: Rational) -> Time {
        Time::from_frames(self.whole_frames(rate), rate)
    }

    /// This time multiplied by an exact factor.
    pub fn scale(self, factor: Rational) -> Time {
        Time(multiply(self.0, factor))
    }

    /// The distance between two instants.
    pub fn distance(self, other: Time) -> Time {
        if self > other { self - other } else { other - self }
    }

    /// Whether it is greater than zero.
    pub fn is_positive(self) -> bool {
        self > Time::ZERO
    }

    /// Seconds with at most six decimals, rounded to the nearest microsecond: FFmpeg's own resolution.
    pub fn decimal(self) -> String {
        decimal(self.0, 6)
    }

    /// Parses decimal seconds as ffprobe prints them, such as `10.010000`.
    pub fn parse_decimal(text: &str) -> Option<Time> {
        parse_decimal(text).map(Time)
    }

    /// Parses a time as recipes write it, such as `12.5s`, `500ms` or `1:02.5`; a bare number is in seconds.
    pub fn parse(text: &str) -> Option<Time> {
        let in_unit = |number: &str, unit: Rational| Some(Time(multiply(parse_decimal(number)?, unit)));
        if let Some(number) = text.strip_suffix("ms") {
            return in_unit(number, Rational::new(1, 1000));
        }
        if let Some(number) = text.strip_suffix('s') {
            return in_unit(number, Rational::ONE);
        }
        let mut time = Time::ZERO;
        for part in text.split(':') {
            time = time * 60 + Time::parse_decimal(part)?;
        }
        (text.split(':').count() <= 3).then_some(time)
    }
}

/// A range of a timeline: `start` is inclusive, `end` exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Window {
    /// The first instant.
    pub start: Time,
    /// The instant it ends at; `None` is the end of the timeline.
    pub end: Option<Time>,
}

impl Window {
    /// This window with one frame more at either end.
    #[must_use]
    pub fn widened(self, frame_rate: Rational) -> Window {
        let frame = Time::from_frames(1, frame_rate);
        Window {
            start: (self.start - frame).max(Time::ZERO),
            end: self.end.map(|end| end + frame),
        }
    }

    /// The same window on a clock that starts `by` later; `None` if it has ended by then.
    pub fn earlier(self, by: Time) -> Option<Window> {
        let end = self.end.map(|end| end - by);
        (end.is_none_or(Time::is_positive)).then(|| Window {
            start: (self.start - by).max(Time::ZERO),
            end,
        })
    }

    /// Whether it covers the whole timeline.
    pub fn is_whole(self) -> bool {
        self.start == Time::ZERO && self.end.is_none()
    }
}

/// A rational as a decimal with at most `places` places, rounded half up, without trailing zeros.
pub fn decimal(value: Rational, places: u32) -> String {
    let scale = 10_i128.pow(places);
    let (numer, denom) = (i128::from(*value.numer()), i128::from(*value.denom()));
    let rounded = (numer * scale * 2 + denom).div_euclid(denom * 2);
    let sign = if rounded < 0 { "-" } else { "" };
    let (whole, rest) = (rounded.abs() / scale, rounded.abs() % scale);
    if rest == 0 {
        return format!("{sign}{whole}");
    }
    let fraction = format!("{rest:0width$}", width = places as usize);
    format!("{sign}{whole}.{}", fraction.trim_end_matches('0'))
}

/// Parses a plain decimal number exactly; `None` if it is malformed or does not fit.
pub fn parse_decimal(text: &str) -> Option<Rational> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = fraction.trim_end_matches('0');
    if whole.is_empty() || fraction.len() > 12 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let denom = 10_i64.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let fraction: i64 = if fraction.is_empty() {
        0
    } else {
        fraction.parse().ok()?
    };
    let numer = whole
        .parse::<i64>()
        .ok()
        .filter(|w| *w >= 0)?
        .checked_mul(denom)?
        .checked_add(fraction)?;
    Some(Rational::new(if negative { -numer } else { numer }, denom))
}

/// A product, rounded to nanoseconds if the exact value does not fit.
fn multiply(a: Rational, b: Rational) -> Rational {
    narrow(product(a, b))
}

/// An exact product; its numerator and denominator have at most 126 bits.
fn product(a: Rational, b: Rational) -> Ratio<i128> {
    wide(a) * wide(b)
}

fn wide(value: Rational) -> Ratio<i128> {
    Ratio::new(i128::from(*value.numer()), i128::from(*value.denom()))
}

/// The largest integer that is not greater than a value, and the numerator of the remainder.
fn split(value: Ratio<i128>) -> (i128, i128) {
    let (numer, denom) = (value.numer(), value.denom());
    (numer.div_euclid(*denom), numer.rem_euclid(*denom))
}

/// The nearest `i64`.
fn clamped(number: i128) -> i64 {
    let limit = i128::from(i64::MAX);
    i64::try_from(number.clamp(-limit, limit)).unwrap_or(i64::MAX)
}

fn sum(a: Rational, b: Rational) -> Rational {
    narrow(wide(a) + wide(b))
}

fn narrow(wide: Ratio<i128>) -> Rational {
    let fits = i64::try_from(*wide.numer())
        .ok()
        .zip(i64::try_from(*wide.denom()).ok());
    if let Some((numer, denom)) = fits {
        return Rational::new(numer, denom);
    }
    let (whole, rest) = split(wide);
    // Ninety bits of a fraction suffice for nanoseconds, and leave room for the product.
    let spare = (38 - wide.denom().leading_zeros().min(38)) as usize;
    let (rest, denom) = (rest >> spare, wide.denom() >> spare);
    let nanos = (2 * rest * i128::from(NANOS) + denom).div_euclid(2 * denom);
    let nanos = whole.saturating_mul(i128::from(NANOS)).saturating_add(nanos);
    Rational::new(clamped(nanos), NANOS)
}

impl Add for Time {
    type Output = Time;
    fn add(self, other: Time) -> Time {
        Time(sum(self.0, other.0))
    }
}

impl Sub for Time {
    type Output = Time;
    fn sub(self, other: Time) -> Time {
        Time(sum(self.0, -other.0))
    }
}

impl Neg for Time {
    type Output = Time;
    fn neg(self) -> Time {
        Time(-self.0)
    }
}

impl Mul<i64> for Time {
    type Output = Time;
    fn mul(self, factor: i64) -> Time {
        self.scale(Rational::from_integer(factor))
    }
}

impl std::iter::Sum for Time {
    fn sum<I: Iterator<Item = Time>>(iter: I) -> Time {
        iter.fold(Time::ZERO, Add::add)
    }
}

/// Formats a time for people: `4.5 s`, `1:23.5`, `1:02:03.25`; at most three decimals.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minute = Rational::from_integer(60);
        if self.0 < minute && self.0 > -minute {
            return write!(f, "{} s", decimal(self.0, 3));
        }
        let sign = if self.0 < Rational::ZERO { "-" } else { "" };
        let millis =
            Time(if self.0 < Rational::ZERO { -self.0 } else { self.0 }).frames(Rational::from_integer(1000));
        let (minutes, rest) = (millis / 60_000, millis % 60_000);
        let seconds = decimal(Rational::new(rest, 1000), 3);
        let seconds = if rest < 10_000 {
            format!("0{seconds}")
        } else {
            seconds
        };
        match minutes {
            0..60 => write!(f, "{sign}{minutes}:{seconds}"),
            _ => write!(f, "{sign}{}:{:02}:{seconds}", minutes / 60, minutes % 60),
        }
    }
}

/// Serializes exactly, as `"n"` or `"n/d"`.
impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse()
            .map(Time)
            .map_err(|_| serde::de::Error::custom(format!("`{text}` is not a rational number")))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Any number of 64-bit terms, with a bias toward those that occur in media and recipes.
    fn number() -> impl Strategy<Value = Rational> {
        let terms = prop_oneof![1..=i64::MAX, 1..=200_000_i64, Just(2_147_483_647), Just(30_000)];
        let numer = prop_oneof![-i64::MAX..=i64::MAX, -1_000_000..=1_000_000_i64];
        (numer, terms).prop_map(|(numer, denom)| Rational::new(numer, denom))
    }

    proptest! {
        #[test]
        fn arithmetic_never_overflows_and_is_exact_where_it_fits(a in number(), b in number()) {
            let (time, rate) = (Time::new(a), b);
            let is_close = |exact: f64, found: f64| (exact - found).abs() <= exact.abs() * 1e-9 + 1e-8;
            let float = |value: Rational| *value.numer() as f64 / *value.denom() as f64;
            let limit = i64::MAX as f64;
            let frames = (float(a) * float(b)).clamp(-limit, limit);
            prop_assert!((time.frames(rate) as f64 - frames).abs() <= frames.abs() * 1e-9 + 0.51);
            prop_assert!((time.whole_frames(rate) as f64 - frames).abs() <= frames.abs() * 1e-9 + 1.01);
            prop_assert!(time.whole_frames(rate) <= time.frames(rate));
            let long = limit / 1e9;
            let (scaled, sum) = (float(a) * float(b), float(a) + float(b));
            if scaled.abs() < long {
                prop_assert!(is_close(scaled, time.scale(b).as_secs_f64()), "{scaled} {:?}", time.scale(b));
            }
            if sum.abs() < long {
                let found = (time + Time::new(b)).as_secs_f64();
                prop_assert!((sum - found).abs() <= (float(a).abs() + float(b).abs()) * 1e-9 + 1e-8);
            }
        }
    }

    #[test]
    fn whole_frames_round_down() {
        assert_eq!(Time::millis(1999).whole_frames(Rational::ONE), 1);
        assert_eq!(Time::millis(-1).whole_frames(Rational::ONE), -1);
        assert_eq!(Time::seconds(2).whole_frames(Rational::ONE), 2);
    }

    #[test]
    fn decimals_are_parsed_exactly() {
        assert_eq!(
            Time::parse_decimal("10.010000"),
            Some(Time(Rational::new(1001, 100)))
        );
        assert_eq!(Time::parse_decimal("-0.5"), Some(Time(Rational::new(-1, 2))));
        assert_eq!(Time::parse_decimal("N/A"), None);
        assert_eq!(Time(Rational::new(1001, 30000)).decimal(), "0.033367");
        assert_eq!(Time(Rational::new(-1, 2)).decimal(), "-0.5");
    }

    #[test]
    fn frames_round_to_the_nearest() {
        let ntsc = Rational::new(30000, 1001);
        assert_eq!(Time::seconds(10).frames(ntsc), 300);
        assert_eq!(Time::from_frames(300, ntsc), Time(Rational::new(1001, 100)));
        assert_eq!(
            Time::millis(20).frames(Rational::from_integer(25)),
            1,
            "half a frame rounds up"
        );
    }

    #[test]
    fn display_is_readable() {
        assert_eq!(Time::millis(4500).to_string(), "4.5 s");
        assert_eq!(Time::millis(83_500).to_string(), "1:23.5");
        assert_eq!(Time::millis(3_723_250).to_string(), "1:02:03.25");
        assert_eq!(Time::millis(65_000).to_string(), "1:05");
    }

    #[test]
    fn sums_that_do_not_fit_are_rounded() {
        let odd = Time(Rational::new(1, i64::MAX - 24));
        let sum = odd + Time(Rational::new(1, i64::MAX - 58));
        assert!(sum.distance(Time::ZERO) <= Time(Rational::new(1, NANOS)));
        assert!(Time::seconds(i64::MAX) + Time::seconds(i64::MAX) > Time::ZERO);
    }
}
