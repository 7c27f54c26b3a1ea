//! A YAML document as a tree with spans.

use std::rc::Rc;

use crate::ast::{Ident, Text};
use crate::comments::SpannedComment;
use crate::source::Span;

/// One value of the document. Cloning is cheap: what an alias repeats is shared, not copied.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// Its span; for a block collection from its first to its last member.
    pub(super) span: Span,
    /// The form.
    pub(super) kind: Rc<Kind>,
    /// The number of nodes in it, itself included, with aliases expanded.
    pub(super) size: usize,
    /// Nesting depth of its collections; 0 for a scalar.
    pub(super) depth: usize,
}

/// The forms of a value.
#[derive(Debug)]
pub(super) enum Kind {
    /// Nothing was written.
    Empty,
    /// A scalar.
    Scalar(Scalar),
    /// A sequence.
    Seq(Vec<Node>),
    /// A map.
    Map(Vec<Entry>),
    /// A value that has already been reported.
    Poison,
}

/// A scalar after escapes and folding.
#[derive(Debug)]
pub(super) struct Scalar {
    /// The string with its source map.
    pub(super) text: Text,
    /// Whether it was written without quotes, on the line of its key.
    pub(super) plain: bool,
}

/// One member of a map.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The key; the language allows only words as keys.
    pub(super) key: Ident,
    /// The value.
    pub(super) value: Node,
}

impl Entry {
    /// The span of key and value.
    pub(super) fn span(&self) -> Span {
        self.key.span.to(self.value.span)
    }
}

impl Node {
    /// A value with its size and depth computed.
    pub(super) fn new(span: Span, kind: Kind) -> Node {
        let members: (usize, Option<usize>) = match &kind {
            Kind::Empty | Kind::Scalar(_) | Kind::Poison => (0, None),
            Kind::Seq(items) => measure(items.iter()),
            Kind::Map(entries) => measure(entries.iter().map(|entry| &entry.value)),
        };
        Node {
            span,
            size: members.0.saturating_add(1),
            depth: members.1.map_or(0, |deepest| deepest + 1),
            kind: Rc::new(kind),
        }
    }

    /// `an empty value`, `a scalar`, … for messages.
    pub(super) fn describe(&self) -> &'static str {
        match &*self.kind {
            Kind::Empty => "nothing",
            Kind::Scalar(_) => "a single value",
            Kind::Seq(_) => "a list",
            Kind::Map(_) => "a map",
            Kind::Poison => "something unreadable",
        }
    }
}

fn measure<'a>(members: impl Iterator<Item = &'a Node>) -> (usize, Option<usize>) {
    let (size, depth) = members.fold((0usize, 0), |(size, depth), node| {
        (size.saturating_add(node.size), depth.max(node.depth))
    });
    (size, Some(depth))
}

/// The result of parsing a file.
#[derive(Debug, Default)]
pub(super) struct Document {
    /// The outermost value, unless the document is empty.
    pub(super) root: Option<Node>,
    /// Its comments in order.
    pub(super) comments: Vec<SpannedComment>,
}
