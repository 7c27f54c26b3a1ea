//! Parses number, time, size and color tokens exactly, with overflow checks.

use crate::ast::{Color, LiteralValue, Rational, Unit};
use crate::{Diagnostic, codes, nearest};

use super::origin::Origin;

/// Common spellings of units, and the unit each means.
const SPELLINGS: [(&str, &str); 22] = [
    ("sec", "s"),
    ("secs", "s"),
    ("second", "s"),
    ("seconds", "s"),
    ("msec", "ms"),
    ("millis", "ms"),
    ("m", "min"),
    ("mins", "min"),
    ("minute", "min"),
    ("minutes", "min"),
    ("hr", "h"),
    ("hour", "h"),
    ("hours", "h"),
    ("frame", "f"),
    ("frames", "f"),
    ("pixel", "px"),
    ("pixels", "px"),
    ("percent", "%"),
    ("kbps", "k"),
    ("kbit", "k"),
    ("Mbps", "M"),
    ("degrees", "deg"),
];

/// A value, or the diagnostic for its token.
pub(super) type Read = Result<LiteralValue, Box<Diagnostic>>;

/// Parses a token that starts with a digit.
pub(super) fn number(raw: &str, origin: Origin<'_>) -> Read {
    let digits = raw.bytes().take_while(u8::is_ascii_digit).count();
    if raw[digits..].starts_with(':') {
        return clock(raw, origin);
    }
    if let Some(size) = size(raw, digits, origin) {
        return size;
    }
    let length = raw
        .bytes()
        .take_while(|b| b.is_ascii_digit() || *b == b'.')
        .count();
    let (value, unit) = raw.split_at(length);
    if value.bytes().filter(|b| *b == b'.').count() > 1 {
        return Err(malformed(raw, origin, "a number has at most one decimal point"));
    }
    let value = decimal(value).ok_or_else(|| too_large(raw, origin))?;
    if unit.is_empty() {
        return Ok(LiteralValue::Number(value));
    }
    match Unit::from_symbol(unit) {
        Some(unit) => Ok(LiteralValue::Quantity(value, unit)),
        None => Err(unknown_unit(raw, length, origin)),
    }
}

/// Parses `#rgb`, `#rrggbb` or `#rrggbbaa`, optionally with `@opacity`.
pub(super) fn color(raw: &str, origin: Origin<'_>) -> Read {
    let wrong = |help: &str| malformed(raw, origin, help);
    let (digits, opacity) = match raw[1..].split_once('@') {
        Some((digits, opacity)) => (digits, Some(opacity)),
        None => (&raw[1..], None),
    };
    let nibbles: Option<Vec<u8>> = digits
        .chars()
        .map(|digit| digit.to_digit(16).map(|value| value as u8))
        .collect();
    let nibbles = nibbles.ok_or_else(|| wrong("a color has hexadecimal digits, 0–9 and a–f"))?;
    let [red, green, blue, alpha] = match nibbles[..] {
        [r, g, b] => [r * 17, g * 17, b * 17, 255],
        [r1, r2, g1, g2, b1, b2] => [r1 * 16 + r2, g1 * 16 + g2, b1 * 16 + b2, 255],
        [r1, r2, g1, g2, b1, b2, a1, a2] => [r1 * 16 + r2, g1 * 16 + g2, b1 * 16 + b2, a1 * 16 + a2],
        _ => {
            return Err(wrong("a color is written `#rgb`, `#rrggbb` or `#rrggbbaa`"));
        }
    };
    let alpha = match opacity {
        None => alpha,
        Some(opacity) => faded(alpha, opacity)
            .ok_or_else(|| wrong("the opacity after `@` is a number from 0 to 1, such as `@0.5`"))?,
    };
    Ok(LiteralValue::Color(Color {
        red,
        green,
        blue,
        alpha,
    }))
}

fn faded(alpha: u8, opacity: &str) -> Option<u8> {
    let opacity = plain_decimal(opacity)?;
    if opacity > Rational::from_integer(1) {
        return None;
    }
    let (numerator, denominator) = (i128::from(*opacity.numer()), i128::from(*opacity.denom()));
    let rounded = (i128::from(alpha) * numerator * 2 + denominator) / (denominator * 2);
    u8::try_from(rounded).ok()
}

fn plain_decimal(text: &str) -> Option<Rational> {
    let plain = text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && text.bytes().filter(|b| *b == b'.').count() <= 1;
    if plain { decimal(text) } else { None }
}

/// `1280x720`; `None` if the token has another form.
fn size(raw: &str, digits: usize, origin: Origin<'_>) -> Option<Read> {
    let height = raw[digits..].strip_prefix('x')?;
    if height.is_empty() || !height.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(match (raw[..digits].parse(), height.parse()) {
        (Ok(width), Ok(height)) => Ok(LiteralValue::Size { width, height }),
        _ => Err(too_large(raw, origin)),
    })
}

/// `m:ss` or `h:mm:ss`, optionally with decimals.
fn clock(raw: &str, origin: Origin<'_>) -> Read {
    let (whole, decimals) = raw.split_once('.').unwrap_or((raw, ""));
    let parts: Vec<&str> = whole.split(':').collect();
    let all_digits = parts.iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()))
        && decimals.bytes().all(|b| b.is_ascii_digit());
    let paired = parts[1..].iter().all(|part| part.len() == 2 && *part < "60");
    if !all_digits || !paired || parts.len() > 3 {
        let help = "a time is written `m:ss` or `h:mm:ss`, such as `1:05`, with minutes and seconds up to 59; \
                    a ratio is written `16/9`";
        return Err(malformed(raw, origin, help));
    }
    let seconds = parts.iter().try_fold(0i64, |total, part| {
        total.checked_mul(60)?.checked_add(part.parse().ok()?)
    });
    seconds
        .and_then(|seconds| with_decimals(seconds, decimals))
        .map(|value| LiteralValue::Quantity(value, Unit::Seconds))
        .ok_or_else(|| too_large(raw, origin))
}

/// Digits with at most one point; `None` on overflow.
fn decimal(digits: &str) -> Option<Rational> {
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    with_decimals(whole.parse().ok()?, decimals)
}

fn with_decimals(whole: i64, decimals: &str) -> Option<Rational> {
    let decimals = decimals.trim_end_matches('0');
    if decimals.is_empty() {
        return Some(Rational::from_integer(whole));
    }
    let scale = 10i64.checked_pow(u32::try_from(decimals.len()).ok()?)?;
    let numerator = whole.checked_mul(scale)?.checked_add(decimals.parse().ok()?)?;
    Some(Rational::new(numerator, scale))
}

fn malformed(raw: &str, origin: Origin<'_>, help: &str) -> Box<Diagnostic> {
    let message = format!("`{raw}` is not a valid literal");
    Box::new(Diagnostic::new(&codes::LITERAL, origin.span(0, raw.len()), message).help(help))
}

fn too_large(raw: &str, origin: Origin<'_>) -> Box<Diagnostic> {
    let message = "this number has too many digits to be exact";
    Box::new(Diagnostic::new(
        &codes::LITERAL,
        origin.span(0, raw.len()),
        message,
    ))
}

fn unknown_unit(raw: &str, at: usize, origin: Origin<'_>) -> Box<Diagnostic> {
    let unit = &raw[at..];
    let span = origin.span(at, raw.len());
    if unit.starts_with('_') {
        return malformed(raw, origin, "write digits without `_` between them");
    }
    let diagnostic = Diagnostic::new(&codes::UNKNOWN_UNIT, span, format!("unknown unit `{unit}`"));
    let symbols = || Unit::ALL.iter().map(|(symbol, _)| *symbol);
    let meant = SPELLINGS
        .iter()
        .find(|(spelling, _)| spelling.eq_ignore_ascii_case(unit))
        .map(|(_, symbol)| *symbol)
        .or_else(|| symbols().find(|symbol| symbol.eq_ignore_ascii_case(unit)))
        .or_else(|| nearest(unit, symbols().filter(|symbol| symbol.len() > 2)));
    Box::new(match meant {
        Some(symbol) => diagnostic.suggest(span, symbol, format!("did you mean `{symbol}`?")),
        None => {
            let known: Vec<_> = symbols().map(|symbol| format!("`{symbol}`")).collect();
            diagnostic.help(format!("the units are {}", known.join(", ")))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Span;

    fn read(raw: &str) -> Result<LiteralValue, String> {
        let origin = Origin::file(Span::default());
        let read = if raw.starts_with('#') { color } else { number };
        read(raw, origin).map_err(|diagnostic| diagnostic.message)
    }

    fn quantity(numerator: i64, denominator: i64, unit: Unit) -> Result<LiteralValue, String> {
        Ok(LiteralValue::Quantity(
            Rational::new(numerator, denominator),
            unit,
        ))
    }

    #[test]
    fn numbers_are_exact() {
        assert_eq!(read("0.85"), Ok(LiteralValue::Number(Rational::new(17, 20))));
        assert_eq!(read("007"), Ok(LiteralValue::Number(Rational::new(7, 1))));
        assert_eq!(
            read("1.5000000000000000000000000000"),
            Ok(LiteralValue::Number(Rational::new(3, 2)))
        );
        assert_eq!(read("500ms"), quantity(500, 1, Unit::Milliseconds));
        assert_eq!(read("12%"), quantity(12, 1, Unit::Percent));
        assert_eq!(read("1:23.5"), quantity(167, 2, Unit::Seconds));
        assert_eq!(read("01:02:03.250"), quantity(14893, 4, Unit::Seconds));
        let size = LiteralValue::Size {
            width: 1280,
            height: 720,
        };
        assert_eq!(read("1280x720"), Ok(size));
    }

    #[test]
    fn colors_fade() {
        let color = |red, green, blue, alpha| {
            Ok(LiteralValue::Color(Color {
                red,
                green,
                blue,
                alpha,
            }))
        };
        assert_eq!(read("#f50"), color(255, 85, 0, 255));
        assert_eq!(read("#000000@0.5"), color(0, 0, 0, 128));
        assert_eq!(read("#11223380@0.5"), color(17, 34, 51, 64));
        for wrong in ["#ff", "#ggg", "#fff@2", "#fff@", "#fff@50%", "#fff@1.1.1"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn mistakes_are_told_apart() {
        let unknown = |unit: &str| Err(format!("unknown unit `{unit}`"));
        assert_eq!(read("5sec"), unknown("sec"));
        assert_eq!(read("1280x720p"), unknown("x720p"));
        for wrong in [
            "1:5",
            "16:9",
            "1:60",
            "1:00:00:00",
            "1.2.3",
            "1_000",
            "1:00s",
            "99999999999999999999",
        ] {
            assert!(
                read(wrong).is_err_and(|message| !message.contains("unit")),
                "{wrong}"
            );
        }
        assert!(read("99999999999999999999x1").is_err());
        assert!(read("9223372036854775807:00").is_err());
        assert!(read("0.0000000000000000000000000001").is_err());
    }
}
