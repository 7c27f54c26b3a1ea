//! YAML values to lay out, with their scalars already printed.

use crate::ast::Comments;

/// A value.
#[derive(Debug)]
pub(super) enum Out {
    /// A scalar, quoted if needed.
    Scalar(String),
    /// A sequence.
    Seq(Vec<Item>),
    /// A sequence that is a pipeline: one stage per line.
    Pipeline(Vec<Item>),
    /// A map.
    Map(Vec<Item>),
}

/// A member of a collection.
#[derive(Debug)]
pub(super) struct Item {
    /// The key, in a map.
    pub(super) key: Option<String>,
    /// The value.
    pub(super) value: Out,
    /// Its comments.
    pub(super) comments: Comments,
    /// Whether the value is never put on the line of its key.
    pub(super) block: bool,
    /// Whether what the comments belong to begins with the value rather than with the key.
    pub(super) begins_with_value: bool,
}

impl Item {
    /// A member of a map.
    pub(super) fn keyed(key: &str, value: Out) -> Item {
        Item {
            key: Some(key.to_owned()),
            value,
            comments: Comments::default(),
            block: false,
            begins_with_value: false,
        }
    }

    /// A member of a sequence.
    pub(super) fn dash(value: Out) -> Item {
        Item {
            key: None,
            value,
            comments: Comments::default(),
            block: false,
            begins_with_value: true,
        }
    }

    /// Never put on one line.
    pub(super) fn block(mut self) -> Item {
        self.block = true;
        self
    }

    /// Adds comments after the existing ones and returns it.
    pub(super) fn with(mut self, comments: &Comments) -> Item {
        self.add(comments);
        self
    }

    /// Adds comments after the existing ones.
    pub(super) fn add(&mut self, comments: &Comments) {
        // What it has came out of the value, so the member's own comments stand before.
        let within = std::mem::take(&mut self.comments.before);
        self.comments.before = comments.before.iter().cloned().chain(within).collect();
        if comments.after.is_some() {
            self.comments.after.clone_from(&comments.after);
        }
    }
}

impl Out {
    /// The members of a collection.
    pub(super) fn items(&self) -> &[Item] {
        match self {
            Out::Scalar(_) => &[],
            Out::Seq(items) | Out::Pipeline(items) | Out::Map(items) => items,
        }
    }

    /// Whether there is a comment anywhere inside.
    pub(super) fn commented(&self) -> bool {
        self.items()
            .iter()
            .any(|item| !item.comments.is_empty() || item.value.commented())
    }

    /// Whether there is a pipeline anywhere in it.
    pub(super) fn piped(&self) -> bool {
        matches!(self, Out::Pipeline(_)) || self.items().iter().any(|item| item.value.piped())
    }

    /// The value on one line.
    pub(super) fn flow(&self) -> String {
        let members = |items: &[Item]| items.iter().map(Item::flow).collect::<Vec<_>>().join(", ");
        match self {
            Out::Scalar(scalar) => scalar.clone(),
            Out::Seq(items) | Out::Pipeline(items) => format!("[{}]", members(items)),
            Out::Map(items) if items.is_empty() => "{}".to_owned(),
            Out::Map(items) => format!("{{ {} }}", members(items)),
        }
    }
}

impl Item {
    fn flow(&self) -> String {
        match &self.key {
            Some(key) => format!("{key}: {}", self.value.flow()),
            None => self.value.flow(),
        }
    }
}
