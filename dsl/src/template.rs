//! Strings that consist of a single template expression.

use std::ops::Range;

use crate::Span;
use crate::ast::{Comments, Expr, ExprKind, Ident, Text};
use crate::text::{is_name, word_length};

/// Returns the name or field that a string stands for if it consists of a single `{{ name }}` or `{{ name.field }}`.
/// Spans lie inside the string; `whole` where its source map does not cover them.
pub(crate) fn lone_path(text: &Text, whole: Span) -> Option<Expr> {
    let segments = path(&text.value)?;
    let span = |range: Range<usize>| text.locate(range, whole).unwrap_or(whole);
    let word = |range: &Range<usize>| text.value[range.clone()].to_string();
    let (first, fields) = segments.split_first()?;
    let mut expr = Expr {
        kind: ExprKind::Name(word(first)),
        span: span(first.clone()),
        comments: Comments::default(),
    };
    for field in fields {
        expr = Expr {
            span: span(first.start..field.end),
            kind: ExprKind::Member {
                object: Box::new(expr),
                field: Ident {
                    name: word(field),
                    span: span(field.clone()),
                },
            },
            comments: Comments::default(),
        };
    }
    Some(expr)
}

/// Maximum number of fields in a path; a longer one stays a string.
const MAX_FIELDS: usize = 16;

fn path(value: &str) -> Option<Vec<Range<usize>>> {
    let inner = value.strip_prefix("{{")?.strip_suffix("}}")?;
    let start = 2 + inner.len() - inner.trim_start().len();
    let inner = inner.trim();
    let mut segments = Vec::new();
    let mut at = 0;
    loop {
        let length = word_length(&inner[at..]);
        if length == 0 || segments.len() > MAX_FIELDS {
            return None;
        }
        segments.push(start + at..start + at + length);
        at += length;
        match inner[at..].strip_prefix('.') {
            Some(_) => at += 1,
            None if at == inner.len() => break,
            None => return None,
        }
    }
    let first = segments.first()?.clone();
    is_name(&value[first]).then_some(segments)
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn only_a_lone_path_is_one() {
        assert_eq!(path("{{ a.b }}"), Some(vec![3..4, 5..6]));
        assert_eq!(path("{{a.in}}"), Some(vec![2..3, 4..6]));
        for other in [
            "{{}}",
            "{{ a }} ",
            "{{ true }}",
            "{{ a | upper }}",
            "{{- a }}",
            "{{ a }}{{ b }}",
            "{{ a.}}",
            "{{ é }}",
        ] {
            assert_eq!(path(other), None, "{other}");
        }
    }
}
