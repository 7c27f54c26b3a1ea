//! Recovers from syntax errors: splits the text where its indentation shows a new member, and parses each piece
//! separately.

use std::ops::Range;

use super::super::node::{Document, Entry, Kind, Node};
use super::build::{self, Piece};
use super::members;
use crate::diagnostic::Diagnostic;
use crate::limits::MAX_TEXT;
use crate::{Diagnostics, SourceFile, Span, codes};

pub(super) fn read(file: &SourceFile, diagnostics: &mut Diagnostics) -> Document {
    if file.text.len() > MAX_TEXT {
        diagnostics.push(Diagnostic::new(
            &codes::TOO_LARGE,
            Span::new(file.id, 0, 0),
            format!("the recipe is longer than {MAX_TEXT} bytes"),
        ));
        return Document::default();
    }
    let mut whole = Piece::default();
    let root = read_piece(file, 0..file.text.len(), Level::Document, &mut whole);
    diagnostics.extend(whole.diagnostics.into_iter().take(crate::limits::MAX_MISTAKES));
    Document {
        root,
        comments: whole.comments,
    }
}

/// The kind of a piece of text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Document,
    Section,
    Member,
}

/// Parses a piece, or if that fails the pieces inside it, and adds the result to `whole`.
fn read_piece(file: &SourceFile, range: Range<usize>, level: Level, whole: &mut Piece) -> Option<Node> {
    let mut piece = build::piece(file, range.clone(), whole);
    let Some(error) = piece.error.take() else {
        return Some(keep(piece, whole)).flatten();
    };
    let before = whole.diagnostics.len();
    let parts = match level {
        Level::Document => sections(file, range, whole),
        Level::Section => section(file, range, whole),
        Level::Member => None,
    };
    match parts {
        Some(node) => {
            if whole.diagnostics.len() == before {
                whole.diagnostics.push(error);
            }
            node
        }
        None => {
            whole.diagnostics.push(error);
            keep(piece, whole)
        }
    }
}

fn keep(piece: Piece, whole: &mut Piece) -> Option<Node> {
    whole.comments.extend(piece.comments);
    whole.diagnostics.extend(piece.diagnostics);
    whole.anchors.extend(piece.anchors);
    whole.nodes = piece.nodes;
    piece.root
}

/// The sections of a document: each begins at the start of a line. `None` in flow style.
fn sections(file: &SourceFile, range: Range<usize>, whole: &mut Piece) -> Option<Option<Node>> {
    let starts = |line: &str| line.starts_with(|c: char| c.is_alphanumeric() || "\"'_<?!&*".contains(c));
    let pieces = cut(&file.text, range, starts)?;
    let nodes = pieces
        .into_iter()
        .filter_map(|piece| read_piece(file, piece, Level::Section, whole))
        .collect();
    Some(members::join(nodes, &mut whole.diagnostics))
}

/// The members of a section, all indented like the first. `None` if they are on the line of its key.
fn section(file: &SourceFile, range: Range<usize>, whole: &mut Piece) -> Option<Option<Node>> {
    let text = &file.text[range.clone()];
    let header = text.find('\n')?;
    let key = text[..header].split('#').next()?.trim_end();
    if !key.ends_with(':') || key.starts_with(['{', '[']) {
        return None;
    }
    let first = text[header..].lines().find(|line| visible(line))?;
    let indent = first.len() - first.trim_start_matches(' ').len();
    let dashes = first.trim_start().starts_with('-');
    if indent == 0 && !dashes {
        return None;
    }
    let starts = |line: &str| {
        let content = line.trim_start_matches(' ');
        line.len() - content.len() == indent && visible(line) && content.starts_with('-') == dashes
    };
    let pieces = cut(&file.text, range.start + header + 1..range.end, starts)?;
    let header = build::piece(file, range.start..range.start + header, whole);
    let root = keep(header, whole)?;
    let nodes: Vec<Node> = pieces
        .into_iter()
        .filter_map(|piece| read_piece(file, piece, Level::Member, whole))
        .collect();
    let Kind::Map(entries) = &*root.kind else {
        return None;
    };
    let key = entries.first()?.key.clone();
    let Some(value) = members::join(nodes, &mut whole.diagnostics) else {
        return Some(None);
    };
    let span = key.span.to(value.span);
    Some(Some(Node::new(span, Kind::Map(vec![Entry { key, value }]))))
}

fn visible(line: &str) -> bool {
    let content = line.trim();
    !content.is_empty() && !content.starts_with('#')
}

/// Splits a range before each line for which `starts` is true. `None` if there is none, or if it is in flow style.
fn cut(text: &str, range: Range<usize>, starts: impl Fn(&str) -> bool) -> Option<Vec<Range<usize>>> {
    let mut cuts = Vec::new();
    let mut at = range.start;
    for line in text[range.clone()].split_inclusive('\n') {
        if starts(line) {
            cuts.push(at);
        } else if cuts.is_empty() && line.trim_start().starts_with(['{', '[']) {
            return None;
        }
        at += line.len();
    }
    // Before the first split are only comments, markers and directives.
    *cuts.first_mut()? = range.start;
    let ends = cuts.iter().skip(1).copied().chain([range.end]);
    Some(
        cuts.iter()
            .copied()
            .zip(ends)
            .map(|(from, to)| from..to)
            .collect(),
    )
}
