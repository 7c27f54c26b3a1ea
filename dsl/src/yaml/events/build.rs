//! Parses one piece of YAML text into one node.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, StructureStyle, options};

use super::super::node::{Kind, Node, Scalar};
use super::super::offsets::{self, Style};
use super::members::{Members, Open};
use super::words;
use crate::ast::Text;
use crate::comments::SpannedComment;
use crate::diagnostic::Diagnostic;
use crate::limits::{MAX_DEPTH, MAX_TEXT, MAX_YAML_NODES};
use crate::{SourceFile, Span, codes};

/// The result of parsing a piece of text, up to its end or up to `error`.
#[derive(Debug, Default)]
pub(super) struct Piece {
    /// The value, if the piece holds one.
    pub(super) root: Option<Node>,
    /// Comments in order.
    pub(super) comments: Vec<SpannedComment>,
    /// Diagnostics other than syntax errors.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// The anchored values, for aliases in later pieces.
    pub(super) anchors: HashMap<String, Node>,
    /// Number of nodes so far, with aliases expanded.
    pub(super) nodes: usize,
    /// The syntax error that stopped parsing.
    pub(super) error: Option<Diagnostic>,
}

/// Parses `range` of a file. `before` holds the anchors and the node count of the pieces parsed so far.
pub(super) fn piece(file: &SourceFile, range: std::ops::Range<usize>, before: &Piece) -> Piece {
    let mut builder = Builder {
        file,
        base: range.start,
        before,
        by_id: HashMap::new(),
        names: HashMap::new(),
        open: Vec::new(),
        piece: Piece {
            nodes: before.nodes,
            ..Piece::default()
        },
        documents: 0,
    };
    let options = options! {
        emit_anchor_events: true,
        emit_unresolved_aliases: true,
        max_buffered_comment_events: MAX_TEXT,
        simple_key_max_lookahead: MAX_TEXT,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    for event in Parser::new_from_str_with_options(&file.text[range], options) {
        let done = match event {
            Ok((event, span)) => builder.event(event, span),
            Err(error) => Err(builder.syntax(&error)),
        };
        if let Err(error) = done {
            builder.piece.error = error.map(|error| *error);
            builder.close_all();
            break;
        }
    }
    for (name, id) in &builder.names {
        if let Some(node) = builder.by_id.get(id) {
            builder.piece.anchors.insert(name.clone(), node.clone());
        }
    }
    builder.piece
}

/// The reason to stop: an error, or `None` at the end of the first document.
type Stop = Option<Box<Diagnostic>>;

struct Builder<'a> {
    file: &'a SourceFile,
    base: usize,
    before: &'a Piece,
    by_id: HashMap<usize, Node>,
    names: HashMap<String, usize>,
    open: Vec<Open>,
    piece: Piece,
    documents: usize,
}

impl Builder<'_> {
    fn span(&self, span: granit_parser::Span) -> Span {
        let at = |marker: granit_parser::Marker| self.base + marker.byte_offset().unwrap_or(0);
        Span::new(self.file.id, at(span.start), at(span.end))
    }

    fn syntax(&self, error: &ScanError) -> Stop {
        let at = self.base + error.marker().byte_offset().unwrap_or(0);
        Some(Box::new(words::diagnostic(self.file, error.kind(), at)))
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.piece.diagnostics.push(diagnostic);
    }

    fn event(&mut self, event: Event<'_>, raw: granit_parser::Span) -> Result<(), Stop> {
        let span = self.span(raw);
        if let Some(tag) = raw.tag_span() {
            let tag = self.span(tag);
            self.report(
                Diagnostic::new(&codes::YAML_TAG, tag, "YAML tags have no meaning in a recipe")
                    .help("remove the tag: the parameter's type determines how the value is parsed"),
            );
        }
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    self.report(
                        Diagnostic::new(&codes::YAML_DOCUMENTS, span, "a second YAML document starts here")
                            .help("a recipe is one document; move the second recipe to its own file"),
                    );
                    return Err(None);
                }
            }
            Event::Comment(text, _) => self.piece.comments.push(SpannedComment::new(&text, span)),
            Event::Scalar(value, style, anchor, _) => {
                let kind = self.scalar(&value, style, span);
                let end = span.start as usize + self.file.slice(span).trim_end().len();
                let span = Span::new(span.file, span.start as usize, end);
                self.value(Node::new(span, kind), anchor)?;
            }
            Event::SequenceStart(style, anchor, _) => {
                self.start(span, style, anchor, Members::Seq(Vec::new()))
            }
            Event::MappingStart(style, anchor, _) => {
                self.start(span, style, anchor, Members::map());
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span)?,
            Event::Anchor(id, name) => {
                self.names.insert(name.into_owned(), id);
            }
            Event::Alias(id) => {
                let known = self.by_id.get(&id).cloned();
                self.alias(known, span, "this alias is inside the value it refers to")?;
            }
            Event::UnresolvedAlias(name) => {
                let known = self.before.anchors.get(&*name).cloned();
                self.alias(known, span, "no anchor with this name precedes the alias")?;
            }
            _ => {}
        }
        Ok(())
    }

    fn scalar(&self, value: &str, style: ScalarStyle, span: Span) -> Kind {
        let source = self.file.slice(span);
        let style = match style {
            ScalarStyle::Plain if source.is_empty() => return Kind::Empty,
            ScalarStyle::SingleQuoted => Style::Single,
            ScalarStyle::DoubleQuoted => Style::Double,
            ScalarStyle::Literal => Style::Literal,
            ScalarStyle::Folded => Style::Folded,
            _ => Style::Plain,
        };
        let map = offsets::map(value, source, span.start as usize, style);
        Kind::Scalar(Scalar {
            text: Text {
                value: value.to_owned(),
                map,
            },
            plain: style == Style::Plain,
        })
    }

    fn alias(&mut self, known: Option<Node>, span: Span, unknown: &str) -> Result<(), Stop> {
        let Some(node) = known else {
            self.report(Diagnostic::new(&codes::YAML_ALIAS, span, unknown));
            return self.value(Node::new(span, Kind::Poison), 0);
        };
        self.piece.nodes = self.piece.nodes.saturating_add(node.size);
        if self.open.len() + node.depth > MAX_DEPTH {
            return Err(Some(Box::new(too_deep(span))));
        }
        self.value(node, 0)
    }

    fn start(&mut self, span: Span, style: StructureStyle, anchor: usize, members: Members) {
        self.open.push(Open {
            span,
            flow: style == StructureStyle::Flow && !self.file.slice(span).is_empty(),
            anchor,
            members,
        });
    }

    fn end(&mut self, span: Span) -> Result<(), Stop> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let whole = match open.flow {
            true => open.span.to(span),
            false => open.span,
        };
        let anchor = open.anchor;
        self.value(open.close(whole), anchor)
    }

    /// Closes what an error left open, to keep what was parsed before it.
    fn close_all(&mut self) {
        while let Some(mut open) = self.open.pop() {
            let whole = open.span;
            open.members.complete();
            // Truncated values do not deserve a second message.
            let node = match self.open.is_empty() {
                true => open.close(whole),
                false => Node::new(whole, Kind::Poison),
            };
            self.place(node);
        }
    }

    fn value(&mut self, node: Node, anchor: usize) -> Result<(), Stop> {
        self.piece.nodes = self.piece.nodes.saturating_add(1);
        if self.piece.nodes > MAX_YAML_NODES {
            return Err(Some(Box::new(too_many(node.span))));
        }
        if self.open.len() + node.depth > MAX_DEPTH {
            return Err(Some(Box::new(too_deep(node.span))));
        }
        if anchor != 0 {
            self.by_id.insert(anchor, node.clone());
        }
        self.place(node);
        Ok(())
    }

    fn place(&mut self, node: Node) {
        let Some(open) = self.open.last_mut() else {
            self.piece.root = Some(node);
            return;
        };
        if !open.flow {
            open.span = open.span.to(node.span);
        }
        let complaint = open.members.add(node);
        self.piece.diagnostics.extend(complaint);
    }
}

fn too_many(span: Span) -> Diagnostic {
    let message = format!("the document has more than {MAX_YAML_NODES} values");
    Diagnostic::new(&codes::TOO_LARGE, span, message).help("an alias counts as all the values it repeats")
}

fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::new(
        &codes::TOO_LARGE,
        span,
        format!("nested deeper than {MAX_DEPTH} levels"),
    )
}
