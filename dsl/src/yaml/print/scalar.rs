//! Prints scalars: plain if that parses back as the same string anywhere, otherwise quoted.

/// A literal string; quoted if other YAML parsers would read it as a number or similar.
pub(super) fn text(value: &str) -> String {
    match plain(value) && !typed(value) {
        true => value.to_owned(),
        false => quoted(value),
    }
}

/// Expression source.
pub(super) fn source(source: &str) -> String {
    match plain(source) {
        true => source.to_owned(),
        false => quoted(source),
    }
}

/// Quotes a string: with single quotes if double quotes would need a backslash.
pub(super) fn quoted(value: &str) -> String {
    let awkward = value.contains(['"', '\\']) && !value.contains('\'');
    if awkward && value.chars().all(printable) {
        return format!("'{value}'");
    }
    let mut quoted = String::with_capacity(value.len() + 2);
    quoted.push('"');
    for character in value.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            printable_one if printable(printable_one) => quoted.push(printable_one),
            other => match u32::from(other) {
                code @ ..=0xff => quoted.push_str(&format!("\\x{code:02x}")),
                code @ ..=0xffff => quoted.push_str(&format!("\\u{code:04x}")),
                code => quoted.push_str(&format!("\\U{code:08x}")),
            },
        }
    }
    quoted.push('"');
    quoted
}

/// Whether a plain scalar parses back as this string, in block and in flow style.
fn plain(value: &str) -> bool {
    let mut characters = value.chars();
    let Some(first) = characters.next() else {
        return false;
    };
    let starts = match first {
        '-' => characters
            .next()
            .is_some_and(|second| second.is_alphanumeric() || second == '.' || second == '('),
        _ => !"?:,[]{}#&*!|>'\"%@`=<~".contains(first),
    };
    starts
        && value.chars().all(printable)
        && !value.starts_with(char::is_whitespace)
        && !value.ends_with(char::is_whitespace)
        && !value.contains([',', '[', ']', '{', '}'])
        && colons_inside(value)
        && !value.contains(" #")
        && !value.starts_with("...")
}

/// Whether no colon could end a key.
fn colons_inside(value: &str) -> bool {
    value
        .split(':')
        .skip(1)
        .all(|rest| rest.starts_with(|c: char| !c.is_whitespace() && c != '?'))
}

fn printable(character: char) -> bool {
    !character.is_control()
        && !matches!(
            character,
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        )
}

/// Whether other YAML parsers would resolve the string to another type.
fn typed(value: &str) -> bool {
    let word = value.to_ascii_lowercase();
    let words = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];
    let numeric = value.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c))
        && word
            .chars()
            .all(|c| c.is_ascii_hexdigit() || "+-._:xoinfa".contains(c));
    words.contains(&word.as_str()) || numeric
}

#[cfg(test)]
mod tests {
    use super::{source, text};

    #[test]
    fn quotes_only_what_needs_it() {
        assert_eq!(text("DejaVu Sans"), "DejaVu Sans");
        assert_eq!(text("1080p"), "1080p");
        assert_eq!(text("12"), "\"12\"");
        assert_eq!(text("say \"hi\""), "say \"hi\"");
        assert_eq!(text("\"hi\""), "'\"hi\"'");
        assert_eq!(text("a\nb"), "\"a\\nb\"");
        assert_eq!(text("{{ x }}"), "\"{{ x }}\"");
        assert_eq!(source("0:05..1:23.5"), "0:05..1:23.5");
        assert_eq!(source("-6dB"), "-6dB");
        assert_eq!(source("#ff5500"), "\"#ff5500\"");
        assert_eq!(
            source("if a == #fff then b else c"),
            "\"if a == #fff then b else c\""
        );
        assert_eq!(source("[a, b]"), "\"[a, b]\"");
    }
}
