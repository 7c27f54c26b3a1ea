//! Decodes and encodes quoted strings.

use crate::ast::Text;
use crate::{Diagnostic, codes};

use super::origin::Origin;

/// Decodes a quoted token, quotes included. Unknown escapes are reported and kept literally.
pub(super) fn decode(raw: &str, origin: Origin<'_>, report: &mut Vec<Diagnostic>) -> Text {
    let mut decoded = Decoded::default();
    let end = raw.len().saturating_sub(1);
    let mut at = 1;
    while at < end {
        let rest = &raw[at..end];
        let (character, length) = match rest.strip_prefix('\\') {
            None => {
                let character = rest.chars().next().unwrap_or_default();
                (character, character.len_utf8())
            }
            Some(escape) => match unescape(escape) {
                Some((character, length)) => (character, 1 + length),
                None => {
                    report.push(unknown_escape(escape, at, origin));
                    ('\\', 1)
                }
            },
        };
        decoded.push(character, length, origin.offset(at));
        at += length;
    }
    decoded.finish()
}

#[derive(Default)]
struct Decoded {
    value: String,
    map: Vec<(u32, u32)>,
    /// The source offset at which the current run would continue.
    expected: Option<u32>,
    /// Whether some character has no source offset of its own.
    lost: bool,
}

impl Decoded {
    fn push(&mut self, character: char, length: usize, source: Option<u32>) {
        match source {
            None => self.lost = true,
            Some(source) => {
                if self.expected != Some(source) {
                    let value = u32::try_from(self.value.len()).unwrap_or(u32::MAX);
                    self.map.push((value, source));
                }
                // An escape's character has another length than its source: the run ends with it.
                let copied = length == character.len_utf8();
                self.expected = u32::try_from(length)
                    .ok()
                    .filter(|_| copied)
                    .map(|length| source + length);
            }
        }
        self.value.push(character);
    }

    fn finish(self) -> Text {
        Text {
            value: self.value,
            map: if self.lost { Vec::new() } else { self.map },
        }
    }
}

/// The character of an escape, and the escape's length without its backslash.
fn unescape(escape: &str) -> Option<(char, usize)> {
    let first = escape.chars().next()?;
    match first {
        '"' | '\\' => Some((first, 1)),
        'n' => Some(('\n', 1)),
        't' => Some(('\t', 1)),
        'u' => {
            let digits = escape[1..].strip_prefix('{')?;
            let length = digits.find('}')?;
            let plain = (1..=6).contains(&length) && digits[..length].bytes().all(|b| b.is_ascii_hexdigit());
            let code = u32::from_str_radix(&digits[..length], 16)
                .ok()
                .filter(|_| plain)?;
            Some((char::from_u32(code)?, length + 3))
        }
        _ => None,
    }
}

fn unknown_escape(escape: &str, at: usize, origin: Origin<'_>) -> Diagnostic {
    let first = escape.chars().next().unwrap_or_default();
    let backslash = origin.span(at, at + 1);
    let span = origin.span(at, at + 1 + first.len_utf8().min(escape.len()));
    if first == 'u' {
        let help = "write the code point in hexadecimal, such as `\\u{e9}`";
        return Diagnostic::new(&codes::ESCAPE, span, "this `\\u` is not a Unicode character").help(help);
    }
    Diagnostic::new(&codes::ESCAPE, span, format!("unknown escape `\\{first}`"))
        .help("the escapes are `\\\"`, `\\\\`, `\\n`, `\\t` and `\\u{…}`")
        .suggest(backslash, "\\\\", "escape the backslash")
}

/// Quotes a string.
pub(super) fn quote(value: &str) -> String {
    let mut quoted = String::with_capacity(value.len() + 2);
    quoted.push('"');
    for character in value.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                quoted.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Span;

    #[test]
    fn escapes_read_and_map_back() {
        let raw = r#""a\n{{ b }}\u{e9}c""#;
        let mut report = Vec::new();
        let text = decode(raw, Origin::file(Span::default()), &mut report);
        assert_eq!(text.value, "a\n{{ b }}éc");
        assert!(report.is_empty());
        let b = text.value.find('b').expect("there is one");
        let span = text.locate(b..b + 1, Span::default()).expect("it is mapped");
        assert_eq!(&raw[span.range()], "b");
        assert_eq!(
            decode(&quote(&text.value), Origin::file(Span::default()), &mut report).value,
            text.value
        );
    }

    #[test]
    fn unknown_escapes_are_named() {
        for (raw, message) in [
            (r#""\d""#, "unknown escape `\\d`"),
            (r#""\u{110000}""#, "this `\\u` is not a Unicode character"),
            (r#""\u12""#, "this `\\u` is not a Unicode character"),
            (r#""\é""#, "unknown escape `\\é`"),
        ] {
            let mut report = Vec::new();
            decode(raw, Origin::file(Span::default()), &mut report);
            assert_eq!(
                report.iter().map(|d| d.message.as_str()).collect::<Vec<_>>(),
                [message]
            );
        }
    }
}
