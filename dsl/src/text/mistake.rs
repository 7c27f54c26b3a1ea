//! What to say of text the grammar does not match.

use pest::error::{ErrorVariant, InputLocation};

use crate::{Diagnostic, codes};

use super::expected::{self, Expected};
use super::grammar::PestError;
use super::origin::Origin;
use super::word_length;
use super::words::{RESERVED, STATEMENTS};

/// What kind of text it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A whole statement.
    Statement,
    /// A value or a type by itself.
    Value,
    /// An argument of a call.
    Argument,
    /// A field of a record.
    Field,
    /// An element of a list.
    Item,
}

impl Place {
    /// What stands behind the text.
    pub(super) fn end(self) -> &'static str {
        match self {
            Place::Statement => "the end of the statement",
            Place::Value => "the end of the value",
            Place::Argument => "`,` or `)`",
            Place::Field => "`,` or `}`",
            Place::Item => "`,` or `]`",
        }
    }
}

/// The diagnostic of a failed parse.
pub(super) fn describe(error: &PestError, text: &str, origin: Origin<'_>, place: Place) -> Diagnostic {
    let at = match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => skip_blank(text, at),
    };
    let ErrorVariant::ParsingError { positives, .. } = &error.variant else {
        let message = "this takes too many steps to read";
        return Diagnostic::new(&codes::TOO_LARGE, origin.span(0, text.len()), message);
    };
    let mistake = Mistake {
        text,
        at,
        length: token_length(&text[at..]),
        origin,
        place,
        expected: Expected::of(positives, place),
    };
    mistake.describe()
}

struct Mistake<'a> {
    text: &'a str,
    at: usize,
    length: usize,
    origin: Origin<'a>,
    place: Place,
    expected: Expected,
}

impl Mistake<'_> {
    fn describe(&self) -> Diagnostic {
        self.reserved()
            .or_else(|| self.indented_statement())
            .or_else(|| self.equals())
            .or_else(|| self.foreign_operator())
            .or_else(|| self.missing_comma())
            .unwrap_or_else(|| self.generic())
    }

    fn token(&self) -> &str {
        &self.text[self.at..self.at + self.length]
    }

    fn before(&self) -> &str {
        self.text[..self.at].trim_end()
    }

    fn span(&self) -> crate::Span {
        self.origin.span(self.at, self.at + self.length)
    }

    fn syntax(&self, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(&codes::SYNTAX, self.span(), message)
    }

    fn generic(&self) -> Diagnostic {
        let found = match self.token() {
            "" if matches!(self.place, Place::Statement | Place::Value) => self.place.end().to_string(),
            "" => "nothing".to_string(),
            token if token.starts_with('"') => "a text".to_string(),
            token => format!("`{}`", token.escape_debug()),
        };
        let expected = self.expected.words();
        let diagnostic = self.syntax(format!("expected {expected}, found {found}"));
        match self.token() {
            "." => diagnostic.help("a number starts with a digit, as in `0.5`"),
            ";" => diagnostic.help("a statement ends with its line; it needs no `;`"),
            token if token.starts_with('"') && self.expected.only_word => {
                diagnostic.help("names are written without quotes")
            }
            _ => diagnostic,
        }
    }

    fn reserved(&self) -> Option<Diagnostic> {
        let word = self.token();
        let is_name_wanted = self.expected.value || self.expected.only_word;
        if !is_name_wanted || word_length(word) == 0 {
            return None;
        }
        Some(if RESERVED.contains(&word) {
            reserved(word, self.span())
        } else if matches!(word, "and" | "or" | "not" | "true" | "false" | "null" | "let" | "param")
            && self.expected.only_word
        {
            let message = format!("`{word}` cannot be a name: it means something else");
            Diagnostic::new(&codes::RESERVED, self.span(), message)
        } else {
            return None;
        })
    }

    fn indented_statement(&self) -> Option<Diagnostic> {
        let line = self.text[..self.at].rfind('\n')? + 1;
        let blank = &self.text[line..self.at];
        let is_keyword = STATEMENTS.contains(&self.token());
        if self.place != Place::Statement || !blank.trim().is_empty() || !is_keyword {
            return None;
        }
        let blank = self.origin.span(line, self.at);
        Some(
            self.syntax("a statement starts in the first column")
                .label("indented, it belongs to the statement above")
                .suggest(blank, "", "remove the blanks in front of it"),
        )
    }

    /// `=` where it means nothing.
    fn equals(&self) -> Option<Diagnostic> {
        if self.token() != "=" {
            return None;
        }
        let name = self.before();
        let is_key = word_length(name) == name.len();
        let here = self.origin.span(self.at, self.at + 1);
        Some(match self.place {
            Place::Argument | Place::Field if is_key => {
                let what = if self.place == Place::Field { "a field" } else { "an argument" };
                let before = self.origin.span(name.len(), self.at + 1);
                self.syntax(format!("{what} is written `name: value`, with a colon"))
                    .suggest(before, ":", "write a colon")
            }
            _ if self.expected.operator => self
                .syntax("`=` compares nothing")
                .help("`==` compares two values")
                .suggest(here, "==", "to compare, write"),
            _ if self.text.starts_with("param") && self.expected.colon => self
                .syntax("a parameter needs a type")
                .help("write `param name: type = default`"),
            _ => return None,
        })
    }

    fn foreign_operator(&self) -> Option<Diagnostic> {
        let rest = &self.text[self.at..];
        let foreign = |length: usize, start: usize, ours: &'static str| {
            let span = self.origin.span(start, start + length);
            let theirs = &self.text[start..start + length];
            let message = format!("vidc writes `{ours}`, not `{theirs}`");
            Some(Diagnostic::new(&codes::SYNTAX, span, message).suggest(span, ours, "write"))
        };
        if rest.starts_with("&&") {
            foreign(2, self.at, "and")
        } else if rest.starts_with('|') && self.text[..self.at].ends_with('|') {
            foreign(2, self.at - 1, "or")
        } else if rest.starts_with('!') {
            foreign(1, self.at, "not")
        } else {
            None
        }
    }

    fn missing_comma(&self) -> Option<Diagnostic> {
        let bracketed = matches!(self.place, Place::Argument | Place::Field | Place::Item);
        let starts_value = self.token().starts_with(|c: char| c.is_ascii_alphanumeric() || "_\"#([{".contains(c));
        if !bracketed || !self.expected.operator || !starts_value {
            return None;
        }
        let end = expected::end_of_code(self.before());
        let gap = self.origin.span(end, end);
        Some(
            self.syntax(format!("expected {} before this", self.place.end()))
                .suggest(gap, ",", "put a comma in between"),
        )
    }
}

/// The diagnostic of a word kept for the next version.
pub(super) fn reserved(word: &str, span: crate::Span) -> Diagnostic {
    let message = format!("`{word}` is reserved; this version of vidc does not have it yet");
    Diagnostic::new(&codes::RESERVED, span, message)
}

/// The length of the token at the start of a text.
fn token_length(text: &str) -> usize {
    let Some(first) = text.chars().next() else { return 0 };
    match first {
        '"' => text[1..].find('"').map_or(text.len(), |length| length + 2),
        _ if first.is_ascii_digit() => text
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '.')
            .unwrap_or(text.len()),
        _ => word_length(text).max(first.len_utf8()),
    }
}

/// Skips blanks and comments.
fn skip_blank(text: &str, mut at: usize) -> usize {
    loop {
        let rest = text.get(at..).unwrap_or("");
        at += rest.len() - rest.trim_start().len();
        match text.get(at..) {
            Some(rest) if rest.starts_with("//") => at += rest.find('\n').unwrap_or(rest.len()),
            _ => return at.min(text.len()),
        }
    }
}
