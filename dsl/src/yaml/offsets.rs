//! Maps the bytes of a scalar's value back to its source.

/// The style of a scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Without quotes.
    Plain,
    /// `'…'`
    Single,
    /// `"…"`
    Double,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

/// Returns the runs of `value` that were copied from `source`: for each, its start in the value and in the file.
/// `source` starts at byte `base` of the file and includes the quotes of a quoted scalar. If the two cannot be
/// aligned, the map is empty: only the span of the whole scalar is known.
pub(super) fn map(value: &str, source: &str, base: usize, style: Style) -> Vec<(u32, u32)> {
    let mut walk = Walk {
        value,
        source,
        base,
        read: 0,
        written: 0,
        runs: Vec::new(),
    };
    let quotes = usize::from(matches!(style, Style::Single | Style::Double));
    walk.read = quotes;
    let end = source.len().saturating_sub(quotes);
    match walk.run(end, style) {
        Some(()) if walk.written == value.len() => walk.runs,
        _ => Vec::new(),
    }
}

struct Walk<'a> {
    value: &'a str,
    source: &'a str,
    base: usize,
    read: usize,
    written: usize,
    runs: Vec<(u32, u32)>,
}

impl Walk<'_> {
    fn run(&mut self, end: usize, style: Style) -> Option<()> {
        while self.read < end && self.written < self.value.len() {
            let rest = self.source.get(self.read..end)?;
            let next = rest.chars().next()?;
            if style == Style::Literal && next == '\n' {
                self.take(1, 1)?;
                let indent = self.source[self.read..end]
                    .find(|c| c != ' ')
                    .unwrap_or(end - self.read);
                self.read += self.literal_indent().min(indent);
            } else if style != Style::Literal
                && let Some(fold) = fold(rest)
            {
                let value_bytes = match fold.breaks {
                    1 if self.value[self.written..].starts_with('\n') => 1,
                    1 => 1,
                    breaks => breaks - 1,
                };
                self.take(fold.bytes, value_bytes)?;
            } else if style == Style::Single && rest.starts_with("''") {
                self.take(2, 1)?;
            } else if style == Style::Double && next == '\\' {
                let bytes = escape(rest)?;
                let value_bytes = if rest[1..].starts_with(['\n', '\r']) {
                    0
                } else {
                    self.value[self.written..].chars().next()?.len_utf8()
                };
                self.take(bytes, value_bytes)?;
            } else {
                self.copy(next)?;
            }
        }
        Some(())
    }

    /// The indentation of a literal block: that of its first line.
    fn literal_indent(&self) -> usize {
        // The source starts after the first line's indentation, so it is computed from the second line.
        let line = self.value[self.written..].split('\n').next().unwrap_or("");
        let source = self.source[self.read..].split('\n').next().unwrap_or("");
        source.len().saturating_sub(line.len())
    }

    /// Copies one character that is the same in value and source.
    fn copy(&mut self, next: char) -> Option<()> {
        if !self.value[self.written..].starts_with(next) {
            return None;
        }
        let place = (
            u32::try_from(self.written).ok()?,
            u32::try_from(self.base + self.read).ok()?,
        );
        let continues = self
            .runs
            .last()
            .is_some_and(|(value, source)| place.0 - value == place.1 - source);
        if !continues {
            self.runs.push(place);
        }
        self.read += next.len_utf8();
        self.written += next.len_utf8();
        Some(())
    }

    /// Skips bytes of the source that represent other bytes of the value.
    fn take(&mut self, bytes: usize, value_bytes: usize) -> Option<()> {
        if value_bytes > 0 {
            self.runs.push((
                u32::try_from(self.written).ok()?,
                u32::try_from(self.base + self.read).ok()?,
            ));
        }
        self.read += bytes;
        self.written += value_bytes;
        (self.value.is_char_boundary(self.written) && self.source.is_char_boundary(self.read)).then_some(())
    }
}

struct Fold {
    bytes: usize,
    breaks: usize,
}

/// Whitespace with line breaks at the start of `rest`.
fn fold(rest: &str) -> Option<Fold> {
    let bytes = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    let breaks = rest[..bytes].matches('\n').count();
    (breaks > 0).then_some(Fold { bytes, breaks })
}

/// The length of the escape at the start of `rest`.
fn escape(rest: &str) -> Option<usize> {
    let kind = rest[1..].chars().next()?;
    Some(match kind {
        'x' => 4,
        'u' => {
            let high = u32::from_str_radix(rest.get(2..6)?, 16).ok()?;
            if (0xd800..0xdc00).contains(&high) { 12 } else { 6 }
        }
        'U' => 10,
        '\n' | '\r' => {
            let blank = rest[1..].trim_start_matches([' ', '\t', '\r', '\n']);
            rest.len() - blank.len()
        }
        other => 1 + other.len_utf8(),
    })
}

#[cfg(test)]
mod tests {
    use super::{Style, map};

    #[test]
    fn follows_every_style() {
        assert_eq!(map("a b", "a b", 7, Style::Plain), [(0, 7)]);
        assert_eq!(map("it's", "'it''s'", 0, Style::Single), [(0, 1), (2, 3), (3, 5)]);
        assert_eq!(
            map("a\né!", "\"a\\n\\u00e9!\"", 10, Style::Double),
            [(0, 11), (1, 12), (2, 14), (4, 20)]
        );
        assert_eq!(map("x y", "x\n   y", 0, Style::Plain), [(0, 0), (1, 1), (2, 5)]);
        assert_eq!(
            map("foo\n bar\n", "foo\n   bar\n", 4, Style::Literal),
            [(0, 4), (3, 7), (4, 10), (8, 14)]
        );
        assert_eq!(map("\u{1f600}", "\"\\ud83d\\ude00\"", 0, Style::Double), [(0, 1)]);
    }

    #[test]
    fn values_that_do_not_match_the_source_have_no_map() {
        assert_eq!(map("abc", "abd", 0, Style::Plain), []);
        assert_eq!(map("\u{e9}", "\"\\u00\"", 0, Style::Double), []);
    }
}
