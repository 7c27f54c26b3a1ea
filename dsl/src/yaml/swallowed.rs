//! Unquoted colors, which YAML parses as comments.

use crate::diagnostic::Diagnostic;
use crate::{SourceFile, Span};

/// The first comment on the rest of a line, if it begins with a color.
pub(super) fn color(file: &SourceFile, from: usize) -> Option<Span> {
    let line = file.text.get(from..)?.lines().next()?;
    let start = line
        .match_indices('#')
        .map(|(at, _)| at)
        .find(|at| line[..*at].ends_with([' ', '\t']))?;
    let word = line[start..].split([' ', '\t', ',', '}', ']']).next()?;
    let start = from + start;
    is_color(word).then(|| Span::new(file.id, start, start + word.len()))
}

/// Suggests quoting the color.
pub(super) fn suggest(diagnostic: Diagnostic, file: &SourceFile, color: Span) -> Diagnostic {
    let quoted = format!("\"{}\"", file.slice(color));
    let message = format!("quote the color: {quoted}");
    diagnostic.suggest(color, quoted, message)
}

/// `#rgb` to `#rrggbbaa`, optionally with `@opacity`.
fn is_color(word: &str) -> bool {
    let Some(digits) = word.strip_prefix('#') else {
        return false;
    };
    let digits = digits.split('@').next().unwrap_or(digits);
    (3..=8).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit())
}
