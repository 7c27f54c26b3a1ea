//! Messages for YAML syntax errors.

use granit_parser::ErrorKind as K;

use super::super::swallowed;
use crate::diagnostic::Diagnostic;
use crate::limits::MAX_DEPTH;
use crate::{Code, SourceFile, Span, codes};

/// The diagnostic for a syntax error at a byte offset.
pub(super) fn diagnostic(file: &SourceFile, kind: &K, at: usize) -> Diagnostic {
    let words = words(kind);
    let mut diagnostic = Diagnostic::new(words.code, place(file, at), words.message);
    if !words.help.is_empty() {
        diagnostic = diagnostic.help(words.help);
    }
    match kind {
        // The closing bracket may be in a comment that was meant as a color.
        K::UnclosedFlowCollection { .. } | K::MismatchedFlowCollectionEnd { .. } => {
            match swallowed::color(file, at) {
                Some(color) => swallowed::suggest(diagnostic, file, color),
                None => diagnostic,
            }
        }
        _ => diagnostic,
    }
}

/// The character at a byte; at the end of the file or of a line, the last visible one before it.
fn place(file: &SourceFile, at: usize) -> Span {
    let text = &file.text;
    let at = text.floor_char_boundary(at.min(text.len()));
    match text[at..].chars().next() {
        Some(character) if !character.is_whitespace() => Span::new(file.id, at, at + character.len_utf8()),
        _ => {
            let end = text[..at].trim_end().len();
            let width = text[..end].chars().next_back().map_or(0, char::len_utf8);
            Span::new(file.id, end - width, end)
        }
    }
}

struct Words {
    code: &'static Code,
    message: String,
    help: &'static str,
}

fn words(kind: &K) -> Words {
    let say = |code, message: &str, help| Words {
        code,
        message: message.to_owned(),
        help,
    };
    let syntax = &codes::SYNTAX;
    let unclosed = &codes::UNCLOSED;
    match kind {
        K::MappingValueNotAllowed | K::InvalidColonPlacement => say(
            syntax,
            "unexpected `:`",
            "quote a value that contains `: `; start a new key on its own line",
        ),
        K::MappingKeyNotAllowed => say(syntax, "unexpected key", "start it on its own line"),
        K::ExpectedBlockMappingKey | K::InvalidIndentation | K::InvalidSimpleKey | K::SimpleKeyExpected => {
            say(
                syntax,
                "expected `key: value` here",
                "check the indentation: all keys of a map start in the same column",
            )
        }
        K::ExpectedBlockSequenceEntry | K::BlockSequenceEntryNotAllowed | K::BlockEntryInFlowCollection => {
            say(
                syntax,
                "unexpected list item",
                "check the indentation: all `- ` of a list start in the same column",
            )
        }
        K::InvalidBlockEntryWhitespace => say(syntax, "`-` must be followed by a space", ""),
        K::ExpectedFlowMappingSeparator => say(syntax, "expected `,` or `}` here", ""),
        K::ExpectedFlowSequenceSeparator => say(syntax, "expected `,` or `]` here", ""),
        K::ExpectedNodeContent => say(syntax, "expected a value here", ""),
        K::UnclosedQuotedScalar => say(unclosed, "this quote is never closed", ""),
        K::UnclosedFlowCollection { open } => Words {
            code: unclosed,
            message: format!("this `{open}` is never closed"),
            help: "",
        },
        K::MismatchedFlowCollectionEnd { open, close } => Words {
            code: unclosed,
            message: format!("this `{open}` is closed by `{close}`"),
            help: "",
        },
        K::MisplacedFlowCollectionEnd => say(unclosed, "this bracket has no opening bracket", ""),
        K::UnexpectedEofFlowMapping | K::UnexpectedEofImplicitFlowMapping | K::UnexpectedEofFlowSequence => {
            say(unclosed, "the text ends inside brackets", "")
        }
        K::UnexpectedEof | K::UnexpectedEofBlockMapping | K::UnexpectedEofBlockSequence => {
            say(syntax, "the text ends too early", "")
        }
        K::TabNotAllowed | K::TabInBlockIndentation | K::TabInIndentation | K::TabAtBlockScalarStart => say(
            syntax,
            "a tab cannot be used for indentation",
            "indent YAML with spaces",
        ),
        K::TabInPlainScalar => say(syntax, "an unquoted value cannot contain a tab", ""),
        K::InvalidTrailingSingleQuotedScalar | K::InvalidTrailingDoubleQuotedScalar => say(
            syntax,
            "unexpected text after the closing quote",
            "inside single quotes, double the quote; inside double quotes, escape it with a backslash",
        ),
        K::UnknownQuotedScalarEscape => say(
            syntax,
            "unknown escape",
            "in double quotes write `\\\\` for a backslash; in single quotes a backslash is literal",
        ),
        K::InvalidQuotedScalarHexEscape
        | K::InvalidLowSurrogateHexEscape
        | K::InvalidLowSurrogate
        | K::MissingLowSurrogate
        | K::UnpairedLowSurrogate
        | K::InvalidUnicodeEscape => say(syntax, "this escape is not a Unicode character", ""),
        K::UnexpectedCharacter { character } => Words {
            code: syntax,
            message: format!("a value cannot start with `{}`", character.escape_debug()),
            help: "quote the value",
        },
        K::PlainScalarStartsWithDashFlowIndicator => {
            say(syntax, "a value cannot start like this", "quote the value")
        }
        K::CommentNotSeparated => say(syntax, "a comment needs a space before `#`", ""),
        K::CommentInterceptedScalar => say(syntax, "a value cannot contain a comment", "quote the value"),
        K::RecursionLimitExceeded => Words {
            code: &codes::TOO_LARGE,
            message: format!("nested deeper than {MAX_DEPTH} levels"),
            help: "",
        },
        other => Words {
            code: syntax,
            message: format!("invalid YAML: {other}"),
            help: "",
        },
    }
}
