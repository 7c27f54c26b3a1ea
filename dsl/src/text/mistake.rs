//! Explains text that the grammar does not match.

use pest::error::{ErrorVariant, InputLocation};

use crate::ast::Unit;
use crate::{Diagnostic, Span, codes, nearest};

use super::expected::{self, Expected};
use super::fragment::Fragment;
use super::grammar::PestError;
use super::origin::Origin;
use super::word_length;
use super::words::{RESERVED, STATEMENTS, is_name};

/// The diagnostic for a failed parse. `behind` is the text that follows an entry in brackets.
pub(super) fn describe(
    error: &PestError,
    text: &str,
    origin: Origin<'_>,
    fragment: Fragment,
    behind: &str,
) -> Diagnostic {
    let at = match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => skip_blank(text, at),
    };
    let ErrorVariant::ParsingError { positives, .. } = &error.variant else {
        let message = "this takes too many steps to parse";
        return Diagnostic::new(&codes::TOO_LARGE, origin.span(0, text.len()), message);
    };
    let mistake = Mistake {
        text,
        at,
        length: token_length(&text[at..]),
        behind: behind.chars().find(|c| !c.is_whitespace()),
        origin,
        fragment,
        expected: Expected::from_rules(positives, fragment),
    };
    mistake.describe()
}

struct Mistake<'a> {
    text: &'a str,
    at: usize,
    length: usize,
    behind: Option<char>,
    origin: Origin<'a>,
    fragment: Fragment,
    expected: Expected,
}

impl Mistake<'_> {
    fn describe(&self) -> Diagnostic {
        self.reserved()
            .or_else(|| self.indented_statement())
            .or_else(|| self.equals())
            .or_else(|| self.foreign_operator())
            .or_else(|| self.lone_unit())
            .or_else(|| self.missing_comma())
            .unwrap_or_else(|| self.generic())
    }

    fn token(&self) -> &str {
        &self.text[self.at..self.at + self.length]
    }

    fn before(&self) -> &str {
        self.text[..self.at].trim_end()
    }

    fn span(&self) -> Span {
        // At the end of an entry, the next character is what was found.
        let length = match self.behind {
            Some(behind) if self.at == self.text.len() && self.text.is_empty() => behind.len_utf8(),
            _ => self.length,
        };
        self.origin.span(self.at, self.at + length)
    }

    fn syntax(&self, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(&codes::SYNTAX, self.span(), message)
    }

    fn generic(&self) -> Diagnostic {
        let found = match (self.token(), self.behind) {
            ("", Some(behind)) => format!("`{behind}`"),
            ("", None) => self.fragment.end().join(" or "),
            (token, _) if token.starts_with('"') => "a text".to_string(),
            (token, _) => format!("`{}`", token.escape_debug()),
        };
        let diagnostic = self.syntax(format!("expected {}, found {found}", self.expected.words()));
        match self.help() {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }

    fn help(&self) -> Option<&'static str> {
        let token = self.token();
        let rest = self.text[self.at + self.length..].trim_start();
        if self.expected.value && token == "." {
            Some("a number starts with a digit, as in `0.5`")
        } else if token == ";" {
            Some("a statement ends with its line; it needs no `;`")
        } else if token.starts_with('"') && self.expected.only_word && self.fragment == Fragment::Field {
            Some("write names without quotes")
        } else if self.expected.operator && word_length(token) > 0 && rest.starts_with('(') {
            Some("join operations with `|`, as in `a | trim(2s..) | loop`")
        } else if self.fragment == Fragment::Statement
            && self.expected.is_head()
            && !self.before().contains('=')
        {
            usage(self.text)
        } else {
            None
        }
    }

    fn reserved(&self) -> Option<Diagnostic> {
        let word = self.token();
        if RESERVED.contains(&word) {
            return Some(reserved(word, self.span()));
        }
        let before = self.before();
        if let Some(keyword) = ["if", "for"].into_iter().find(|keyword| *keyword == before)
            && self.expected.colon
        {
            return Some(reserved(keyword, self.origin.span(0, keyword.len())));
        }
        let is_taken = word_length(word) == word.len() && !word.is_empty() && !is_name(word);
        (is_taken && self.expected.only_word).then(|| {
            let message = format!("`{word}` is a keyword and cannot be a name");
            Diagnostic::new(&codes::RESERVED, self.span(), message)
        })
    }

    /// A space between a number and its unit.
    fn lone_unit(&self) -> Option<Diagnostic> {
        let before = self.before();
        let in_front = before.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        let in_word = in_front.ends_with(|c: char| c.is_ascii_alphanumeric() || "_-".contains(c));
        let is_number = in_front.len() < before.len() && !in_word;
        if !is_number || Unit::from_symbol(self.token()).is_none() || !self.expected.operator {
            return None;
        }
        let gap = self.origin.span(before.len(), self.at);
        Some(
            self.syntax("a unit follows its number without a space")
                .suggest(gap, "", "remove the space"),
        )
    }

    fn indented_statement(&self) -> Option<Diagnostic> {
        let line = self.text[..self.at].rfind('\n')? + 1;
        let blank = &self.text[line..self.at];
        let is_keyword = STATEMENTS.contains(&self.token());
        if self.fragment != Fragment::Statement || !blank.trim().is_empty() || !is_keyword {
            return None;
        }
        let blank = self.origin.span(line, self.at);
        Some(
            self.syntax("a statement must start in the first column")
                .label("an indented line continues the statement above")
                .suggest(blank, "", "remove the indentation"),
        )
    }

    /// A misplaced `=`.
    fn equals(&self) -> Option<Diagnostic> {
        if self.token() != "=" {
            return None;
        }
        let name = self.before();
        let is_key = word_length(name) == name.len();
        let here = self.origin.span(self.at, self.at + 1);
        Some(match self.fragment {
            Fragment::Argument | Fragment::Field if is_key => {
                let what = if self.fragment == Fragment::Field {
                    "a field"
                } else {
                    "an argument"
                };
                let before = self.origin.span(name.len(), self.at + 1);
                self.syntax(format!("{what} is written `name: value`, with a colon"))
                    .suggest(before, ":", "write a colon")
            }
            _ if self.expected.operator => self
                .syntax("`=` compares nothing")
                .help("`==` compares two values")
                .suggest(here, "==", "to compare, write `==`"),
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
            let advice = format!("write `{ours}`");
            Some(Diagnostic::new(&codes::SYNTAX, span, message).suggest(span, ours, advice))
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
        let bracketed = matches!(
            self.fragment,
            Fragment::Argument | Fragment::Field | Fragment::Item
        );
        let starts_value = self
            .token()
            .starts_with(|c: char| c.is_ascii_alphanumeric() || "_\"#([{".contains(c));
        if !bracketed || !self.expected.operator || !starts_value {
            return None;
        }
        let end = expected::end_of_code(self.before());
        let gap = self.origin.span(end, end);
        Some(
            self.syntax(format!(
                "expected {} before this",
                self.fragment.end().join(" or ")
            ))
            .suggest(gap, ",", "insert a comma"),
        )
    }
}

/// The form of a statement.
fn usage(statement: &str) -> Option<&'static str> {
    Some(match &statement[..word_length(statement)] {
        "vidc" => "write `vidc 1`",
        "param" => "write `param name: type` or `param name: type = default`",
        "input" => "write `input name = \"path\"`",
        "let" => "write `let name = value`",
        "output" => "write `output(\"path\", from: clip)`",
        _ => return None,
    })
}

/// The diagnostic for a word that does not begin a statement.
pub(super) fn no_statement(word: &str, span: Span) -> Diagnostic {
    if RESERVED.contains(&word) {
        return reserved(word, span);
    }
    let message = format!("`{}` does not begin a statement", word.escape_debug());
    let diagnostic = Diagnostic::new(&codes::SYNTAX, span, message);
    match nearest(word, STATEMENTS) {
        Some(nearest) => diagnostic.suggest(span, nearest, format!("did you mean `{nearest}`?")),
        None => diagnostic.help(
            "a statement begins with `param`, `input`, `let` or `output`; indent its continuation lines",
        ),
    }
}

/// The diagnostic for a word reserved for a later version.
pub(super) fn reserved(word: &str, span: Span) -> Diagnostic {
    let message = format!("`{word}` is reserved for a later version of the language");
    Diagnostic::new(&codes::RESERVED, span, message)
}

/// The length of the token at the start of a text.
fn token_length(text: &str) -> usize {
    let Some(first) = text.chars().next() else {
        return 0;
    };
    let operator = ["==", "!=", "<=", ">=", "..", "&&", "||"];
    if let Some(operator) = operator.into_iter().find(|operator| text.starts_with(operator)) {
        return operator.len();
    }
    match first {
        '"' => text[1..].find('"').map_or(text.len(), |length| length + 2),
        _ if first.is_ascii_digit() => text
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '.')
            .unwrap_or(text.len()),
        _ => word_length(text).max(first.len_utf8()),
    }
}

/// Skips whitespace and comments.
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
