//! Splits a text into statements and checks brackets and quotes, in one pass, so that the grammar only sees balanced
//! text of bounded depth.

use crate::comments::SpannedComment;
use crate::limits::MAX_DEPTH;
use crate::{Diagnostic, codes};

use super::mistake;
use super::origin::Origin;
use super::words::STATEMENTS;

/// The text of one statement.
pub(super) struct Piece {
    /// Its start.
    pub(super) start: usize,
    /// Its end, without trailing whitespace and comments.
    pub(super) end: usize,
    /// Whether it is at a place where no statement can be; already reported.
    pub(super) stray: bool,
    /// Whether the grammar can parse it; if not, a diagnostic has been reported.
    pub(super) sound: bool,
}

/// A text split into statements and comments.
pub(super) struct Cut {
    /// The statements in order.
    pub(super) pieces: Vec<Piece>,
    /// The comments in order.
    pub(super) comments: Vec<SpannedComment>,
}

/// Splits a file at lines that start with a letter in column 0.
pub(super) fn statements(text: &str, origin: Origin<'_>, report: &mut Vec<Diagnostic>) -> Cut {
    let mut scanner = Scanner::new(text, origin, report);
    let mut line_start = true;
    // Skips a byte order mark.
    scanner.at = if text.starts_with('\u{feff}') { 3 } else { 0 };
    while let Some(byte) = scanner.peek() {
        if line_start && byte.is_ascii_alphabetic() {
            scanner.begin();
        }
        line_start = byte == b'\n';
        scanner.step(byte);
    }
    scanner.finish()
}

/// Checks a text that holds a single value instead of a file.
pub(super) fn value(text: &str, origin: Origin<'_>, report: &mut Vec<Diagnostic>) -> Cut {
    let mut scanner = Scanner::new(text, origin, report);
    scanner.begin();
    while let Some(byte) = scanner.peek() {
        scanner.step(byte);
    }
    scanner.finish()
}

struct Scanner<'a, 'r> {
    text: &'a str,
    at: usize,
    origin: Origin<'a>,
    report: &'r mut Vec<Diagnostic>,
    cut: Cut,
    current: Option<Piece>,
    /// The open brackets of the current piece.
    open: Vec<(u8, usize)>,
}

impl<'a, 'r> Scanner<'a, 'r> {
    fn new(text: &'a str, origin: Origin<'a>, report: &'r mut Vec<Diagnostic>) -> Self {
        Scanner {
            text,
            at: 0,
            origin,
            report,
            cut: Cut {
                pieces: Vec::new(),
                comments: Vec::new(),
            },
            current: None,
            open: Vec::new(),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    /// Ends the current piece and begins one here.
    fn begin(&mut self) {
        self.end_piece();
        self.current = Some(Piece {
            start: self.at,
            end: self.at,
            stray: false,
            sound: true,
        });
    }

    fn finish(mut self) -> Cut {
        self.end_piece();
        self.cut
    }

    fn end_piece(&mut self) {
        let Some(mut piece) = self.current.take() else {
            return;
        };
        if let (Some((bracket, at)), true) = (self.open.last(), piece.sound) {
            let message = format!("`{}` is never closed", *bracket as char);
            let mut diagnostic = Diagnostic::new(&codes::UNCLOSED, self.origin.span(*at, at + 1), message);
            if self.at < self.text.len() {
                let next = self.origin.span(self.at, self.at + 1);
                diagnostic = diagnostic
                    .secondary(next, "a letter in the first column starts a new statement")
                    .help("indent continuation lines");
            }
            self.report.push(diagnostic);
            piece.sound = false;
        }
        self.open.clear();
        self.cut.pieces.push(piece);
    }

    /// Scans one token, or part of one.
    fn step(&mut self, byte: u8) {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
            b'/' if self.rest().starts_with("//") => self.comment(),
            _ => {
                self.token(byte);
                if let Some(piece) = &mut self.current {
                    piece.end = self.at;
                }
            }
        }
    }

    fn comment(&mut self) {
        let start = self.at;
        self.at = self.line_end();
        let (text, span) = (&self.text[start + 2..self.at], self.origin.span(start, self.at));
        self.cut.comments.push(SpannedComment::new(text, span));
    }

    fn line_end(&self) -> usize {
        self.rest()
            .find('\n')
            .map_or(self.text.len(), |length| self.at + length)
    }

    fn token(&mut self, byte: u8) {
        let is_hash = byte == b'#' && !self.rest()[1..].starts_with(|c: char| c.is_ascii_alphanumeric());
        if self.current.is_none() && !is_hash {
            self.stray();
        }
        match byte {
            b'"' => self.quoted(),
            b'(' | b'[' | b'{' => self.opened(byte),
            b')' | b']' | b'}' => self.closed(byte),
            b'\'' | b'`' => self.wrong_quote(byte as char, byte as char),
            b'/' if self.rest().starts_with("/*") => self.block_comment(),
            b'#' if is_hash => self.hash(),
            _ if byte.is_ascii() => self.at += 1,
            _ => {
                let character = self.rest().chars().next().unwrap_or_default();
                match character {
                    '“' | '”' | '„' => self.wrong_quote(character, '”'),
                    '‘' | '’' => self.wrong_quote(character, '’'),
                    _ => self.at += character.len_utf8(),
                }
            }
        }
    }

    /// Reports a diagnostic unless the piece already has one.
    fn spoil(&mut self, diagnostic: Diagnostic) {
        match &mut self.current {
            Some(piece) if !piece.sound => {}
            Some(piece) => {
                piece.sound = false;
                self.report.push(diagnostic);
            }
            None => self.report.push(diagnostic),
        }
    }

    /// Text before the first statement.
    fn stray(&mut self) {
        self.begin();
        if let Some(piece) = &mut self.current {
            piece.stray = true;
        }
        let rest = self.rest();
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let end = self.at + super::word_length(rest).max(first);
        let word = &self.text[self.at..end];
        let line = self.text[..self.at].rfind('\n').map_or(0, |newline| newline + 1);
        let span = self.origin.span(self.at, end);
        self.spoil(if STATEMENTS.contains(&word) {
            let blank = self.origin.span(line, self.at);
            Diagnostic::new(&codes::SYNTAX, span, "a statement must start in the first column").suggest(
                blank,
                "",
                "remove the indentation",
            )
        } else {
            mistake::no_statement(word, span)
        });
    }

    fn quoted(&mut self) {
        let start = self.at;
        self.at += 1;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.at += 1;
                    return;
                }
                b'\n' => break,
                b'\\'
                    if self
                        .text
                        .as_bytes()
                        .get(self.at + 1)
                        .is_some_and(|next| *next != b'\n') =>
                {
                    self.at += 2
                }
                _ => self.at += 1,
            }
        }
        let span = self.origin.span(start, self.at);
        let diagnostic = Diagnostic::new(&codes::UNCLOSED, span, "this string has no closing quote")
            .help("a string ends on its line; write a line break as `\\n`");
        self.spoil(diagnostic);
    }

    fn opened(&mut self, bracket: u8) {
        self.open.push((bracket, self.at));
        if self.open.len() > MAX_DEPTH {
            let message = format!("brackets are nested deeper than {MAX_DEPTH} levels");
            let span = self.origin.span(self.at, self.at + 1);
            self.spoil(Diagnostic::new(&codes::TOO_LARGE, span, message));
        }
        self.at += 1;
    }

    fn closed(&mut self, bracket: u8) {
        let span = self.origin.span(self.at, self.at + 1);
        let closer = bracket as char;
        match self.open.pop() {
            Some((opener, _)) if closer_of(opener) == bracket => {}
            Some((opener, at)) => {
                let opener_span = self.origin.span(at, at + 1);
                let (opener, meant) = (opener as char, closer_of(opener) as char);
                let message = format!("`{opener}` is closed by `{closer}`");
                let diagnostic = Diagnostic::new(&codes::UNCLOSED, span, message)
                    .label(format!("expected `{meant}`"))
                    .secondary(opener_span, "opened here");
                self.spoil(diagnostic);
            }
            None => {
                let message = format!("`{closer}` closes nothing");
                self.spoil(Diagnostic::new(&codes::UNCLOSED, span, message));
            }
        }
        self.at += 1;
    }

    fn wrong_quote(&mut self, open: char, close: char) {
        let start = self.at;
        let inside = start + open.len_utf8();
        let line = &self.text[inside..self.line_end()];
        let message = "strings use double quotes";
        let mut diagnostic = Diagnostic::new(&codes::SYNTAX, self.origin.span(start, inside), message);
        self.at = inside;
        if let Some(length) = line.find(close) {
            self.at = inside + length + close.len_utf8();
            diagnostic.primary.span = self.origin.span(start, self.at);
            let replacement = super::string::quote(&line[..length]);
            diagnostic =
                diagnostic.suggest(self.origin.span(start, self.at), replacement, "use double quotes");
        }
        self.spoil(diagnostic);
    }

    fn block_comment(&mut self) {
        let span = self.origin.span(self.at, self.at + 2);
        self.at = self
            .rest()
            .find("*/")
            .map_or(self.text.len(), |length| self.at + length + 2);
        let message = "a comment starts with `//` and ends with its line";
        self.spoil(Diagnostic::new(&codes::SYNTAX, span, message));
    }

    fn hash(&mut self) {
        let span = self.origin.span(self.at, self.at + 1);
        self.at = self.line_end();
        let diagnostic = Diagnostic::new(&codes::SYNTAX, span, "a comment starts with `//`")
            .help("`#` starts a color, such as `#ff5500`")
            .suggest(span, "//", "use `//`");
        self.spoil(diagnostic);
    }
}

fn closer_of(bracket: u8) -> u8 {
    match bracket {
        b'(' => b')',
        b'[' => b']',
        _ => b'}',
    }
}
