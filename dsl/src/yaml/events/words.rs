//! What a YAML syntax error says to people.

use granit_parser::ErrorKind as K;

use super::super::swallowed;
use crate::diagnostic::Diagnostic;
use crate::limits::MAX_DEPTH;
use crate::{Code, SourceFile, Span, codes};

/// The diagnostic of a syntax error at a byte of the file.
pub(super) fn diagnostic(file: &SourceFile, kind: &K, at: usize) -> Diagnostic {
    let words = words(kind);
    let mut diagnostic = Diagnostic::new(words.code, place(file, at), words.message);
    if !words.help.is_empty() {
        diagnostic = diagnostic.help(words.help);
    }
    match kind {
        // What closes the bracket may stand in a comment that was meant as a color.
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
            "`:` cannot stand here",
            "a value with `: ` in it must stand in quotes; a key of its own must start a line",
        ),
        K::MappingKeyNotAllowed => say(syntax, "a key cannot stand here", "start it on a line of its own"),
        K::ExpectedBlockMappingKey | K::InvalidIndentation | K::InvalidSimpleKey | K::SimpleKeyExpected => {
            say(
                syntax,
                "expected `key: value` here",
                "check the indentation: the keys of one map start in the same column",
            )
        }
        K::ExpectedBlockSequenceEntry | K::BlockSequenceEntryNotAllowed | K::BlockEntryInFlowCollection => {
            say(
                syntax,
                "a list item cannot stand here",
                "check the indentation: the `- ` of one list start in the same column",
            )
        }
        K::InvalidBlockEntryWhitespace => say(syntax, "`-` needs a blank behind it", ""),
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
        K::MisplacedFlowCollectionEnd => say(unclosed, "this bracket closes nothing", ""),
        K::UnexpectedEofFlowMapping | K::UnexpectedEofImplicitFlowMapping | K::UnexpectedEofFlowSequence => {
            say(unclosed, "a bracket is open where the text ends", "")
        }
        K::UnexpectedEof | K::UnexpectedEofBlockMapping | K::UnexpectedEofBlockSequence => {
            say(syntax, "the text ends too early", "")
        }
        K::TabNotAllowed | K::TabInBlockIndentation | K::TabInIndentation | K::TabAtBlockScalarStart => {
            say(syntax, "a tab cannot indent", "YAML is indented with blanks")
        }
        K::TabInPlainScalar => say(syntax, "a tab cannot stand in a value without quotes", ""),
        K::InvalidTrailingSingleQuotedScalar | K::InvalidTrailingDoubleQuotedScalar => say(
            syntax,
            "nothing can follow the closing quote",
            "a quote inside single quotes is written twice, inside double quotes with a backslash",
        ),
        K::UnknownQuotedScalarEscape => say(
            syntax,
            "this escape means nothing",
            "a backslash in double quotes is written `\\\\`; in single quotes it is plain text",
        ),
        K::InvalidQuotedScalarHexEscape
        | K::InvalidLowSurrogateHexEscape
        | K::InvalidLowSurrogate
        | K::MissingLowSurrogate
        | K::UnpairedLowSurrogate
        | K::InvalidUnicodeEscape => say(syntax, "this escape is no character", ""),
        K::UnexpectedCharacter { character } => Words {
            code: syntax,
            message: format!("a value cannot start with `{}`", character.escape_debug()),
            help: "put the value in quotes",
        },
        K::PlainScalarStartsWithDashFlowIndicator => say(
            syntax,
            "a value cannot start like this",
            "put the value in quotes",
        ),
        K::CommentNotSeparated => say(syntax, "a comment needs a blank before its `#`", ""),
        K::CommentInterceptedScalar => say(
            syntax,
            "a comment cannot stand inside a value",
            "put the value in quotes",
        ),
        K::RecursionLimitExceeded => Words {
            code: &codes::TOO_LARGE,
            message: format!("nested deeper than {MAX_DEPTH} levels"),
            help: "",
        },
        other => Words {
            code: syntax,
            message: format!("this is not YAML: {other}"),
            help: "",
        },
    }
}
