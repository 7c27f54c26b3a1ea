//! Collections being parsed: keys are words, each given once.

use std::collections::HashMap;

use super::super::node::{Entry, Kind, Node};
use crate::ast::Ident;
use crate::diagnostic::Diagnostic;
use crate::{Span, codes};

/// A collection that is still open.
pub(super) struct Open {
    /// Its start, or in block style the span parsed so far.
    pub(super) span: Span,
    /// Whether it is in flow style.
    pub(super) flow: bool,
    /// The number of its anchor; 0 for none.
    pub(super) anchor: usize,
    /// Its members so far.
    pub(super) members: Members,
}

/// The members of a collection so far.
pub(super) enum Members {
    Seq(Vec<Node>),
    Map {
        entries: Vec<Entry>,
        keys: HashMap<String, Span>,
        key: Option<Key>,
    },
}

/// A key that waits for its value.
pub(super) enum Key {
    /// A valid key.
    Word(Ident),
    /// An invalid key, whose value is discarded.
    Refused,
}

impl Open {
    /// The collection, complete.
    pub(super) fn close(self, whole: Span) -> Node {
        let kind = match self.members {
            Members::Seq(items) => Kind::Seq(items),
            Members::Map { entries, .. } => Kind::Map(entries),
        };
        Node::new(whole, kind)
    }
}

impl Members {
    /// A map without members.
    pub(super) fn map() -> Members {
        Members::Map {
            entries: Vec::new(),
            keys: HashMap::new(),
            key: None,
        }
    }

    /// Gives a key that still waits for its value an empty one.
    pub(super) fn complete(&mut self) {
        if let Members::Map { entries, key, .. } = self
            && let Some(Key::Word(key)) = key.take()
        {
            let value = Node::new(key.span, Kind::Poison);
            entries.push(Entry { key, value });
        }
    }

    /// Adds the next node: an item, a key or a key's value.
    pub(super) fn add(&mut self, node: Node) -> Option<Diagnostic> {
        match self {
            Members::Seq(items) => {
                items.push(node);
                None
            }
            Members::Map { entries, keys, key } => match key.take() {
                None => {
                    let (word, complaint) = word(node, keys);
                    *key = Some(word);
                    complaint
                }
                Some(Key::Word(key)) => {
                    entries.push(Entry { key, value: node });
                    None
                }
                Some(Key::Refused) => None,
            },
        }
    }
}

/// Checks that a key is a word and new to its map.
fn word(node: Node, keys: &mut HashMap<String, Span>) -> (Key, Option<Diagnostic>) {
    let span = node.span;
    let Kind::Scalar(scalar) = &*node.kind else {
        let complaint = Diagnostic::new(
            &codes::YAML_KEY,
            span,
            format!("a key must be a word, not {}", node.describe()),
        );
        let silent = matches!(&*node.kind, Kind::Poison);
        return (Key::Refused, (!silent).then_some(complaint));
    };
    let name = scalar.text.value.clone();
    if name == "<<" && scalar.plain {
        let complaint = Diagnostic::new(
            &codes::YAML_MERGE,
            span,
            "merge keys are not part of the recipe language",
        )
        .help("repeat the keys, or name the shared value in `let`");
        return (Key::Refused, Some(complaint));
    }
    match keys.get(&name) {
        Some(first) => (Key::Refused, Some(duplicate(&name, span, *first))),
        None => {
            keys.insert(name.clone(), span);
            (Key::Word(Ident { name, span }), None)
        }
    }
}

/// Reports a duplicate key.
fn duplicate(name: &str, second: Span, first: Span) -> Diagnostic {
    Diagnostic::new(&codes::DUPLICATE_KEY, second, format!("duplicate key `{name}`"))
        .secondary(first, "first here")
}

/// Joins the values of several pieces into one: maps into a map, sequences into a sequence.
pub(super) fn join(nodes: Vec<Node>, diagnostics: &mut Vec<Diagnostic>) -> Option<Node> {
    let span = nodes.iter().map(|node| node.span).reduce(Span::to)?;
    let mut items = Vec::new();
    let mut entries: Vec<Entry> = Vec::new();
    let mut keys: HashMap<String, Span> = HashMap::new();
    for node in nodes {
        match &*node.kind {
            Kind::Seq(more) => items.extend(more.iter().cloned()),
            Kind::Map(more) => {
                for entry in more {
                    match keys.get(&entry.key.name) {
                        Some(first) => {
                            diagnostics.push(duplicate(&entry.key.name, entry.key.span, *first));
                        }
                        None => {
                            keys.insert(entry.key.name.clone(), entry.key.span);
                            entries.push(entry.clone());
                        }
                    }
                }
            }
            _ => {}
        }
    }
    let kind = match entries.is_empty() && !items.is_empty() {
        true => Kind::Seq(items),
        false => Kind::Map(entries),
    };
    Some(Node::new(span, kind))
}
