//! Lays out lines: block style outside, flow style where a value fits on its line.

use super::tree::{Item, Out};

/// Maximum length of a line with a flow collection.
const WIDTH: usize = 100;

/// The sections of a document, and the comments after them.
pub(super) fn document(sections: &[Item], closing: &[String]) -> String {
    let mut layout = Layout { text: String::new() };
    for section in sections {
        layout.member(section, 0);
    }
    for comment in closing {
        layout.comment(comment, 0);
    }
    let mut text = layout.text;
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

struct Layout {
    text: String,
}

impl Layout {
    fn line(&mut self, indent: usize) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.extend(std::iter::repeat_n(' ', indent));
    }

    fn comment(&mut self, comment: &str, indent: usize) {
        for line in comment.split('\n') {
            self.line(indent);
            self.push_comment(line);
        }
    }

    fn push_comment(&mut self, comment: &str) {
        let visible: String = comment
            .chars()
            .map(|c| if c.is_control() || c == '\u{feff}' { ' ' } else { c })
            .collect();
        self.text.push('#');
        if !visible.trim_end().is_empty() {
            self.text.push(' ');
            self.text.push_str(visible.trim_end());
        }
    }

    /// The column of the next character.
    fn column(&self) -> usize {
        let line = self.text.rsplit('\n').next().unwrap_or("");
        line.chars().count()
    }

    fn member(&mut self, item: &Item, indent: usize) {
        for comment in &item.comments.before {
            self.comment(comment, indent);
        }
        self.line(indent);
        self.rest_of_member(item, indent);
    }

    /// A member whose line has begun and whose comments before it are written.
    fn rest_of_member(&mut self, item: &Item, indent: usize) {
        match &item.key {
            Some(key) => {
                self.text.push_str(key);
                self.text.push(':');
            }
            None => self.text.push('-'),
        }
        if fits(item, self.column() + 1, false) {
            self.text.push(' ');
            self.text.push_str(&item.value.flow());
        } else if needs_brackets(item) {
            self.text.push(' ');
            self.brackets(&item.value, indent + 2);
        } else {
            self.members(item, indent + 2);
        }
        self.after(item);
    }

    fn after(&mut self, item: &Item) {
        if let Some(comment) = &item.comments.after {
            self.text.push(' ');
            self.push_comment(comment);
        }
    }

    /// The value of a member, its own members one per line.
    fn members(&mut self, item: &Item, indent: usize) {
        let items = item.value.items();
        for (index, member) in items.iter().enumerate() {
            let on_the_dash = index == 0 && item.key.is_none() && member.comments.before.is_empty();
            if on_the_dash {
                self.text.push(' ');
                self.rest_of_member(member, indent);
            } else {
                self.member(member, indent);
            }
        }
    }

    /// A collection in brackets over several lines.
    fn brackets(&mut self, value: &Out, indent: usize) {
        let (open, close) = match value {
            Out::Map(_) => ('{', '}'),
            _ => ('[', ']'),
        };
        self.text.push(open);
        let items = value.items();
        for (index, item) in items.iter().enumerate() {
            for comment in &item.comments.before {
                self.comment(comment, indent);
            }
            self.line(indent);
            if let Some(key) = &item.key {
                self.text.push_str(key);
                self.text.push_str(": ");
            }
            if fits(item, self.column() + 1, true) {
                self.text.push_str(&item.value.flow());
            } else {
                self.brackets(&item.value, indent + 2);
            }
            if index + 1 < items.len() {
                self.text.push(',');
            }
            self.after(item);
        }
        self.line(indent);
        self.text.push(close);
    }
}

/// Whether a member's value goes on the line of its key, from a column on.
fn fits(item: &Item, column: usize, in_brackets: bool) -> bool {
    match &item.value {
        Out::Scalar(_) => true,
        value if value.items().is_empty() => true,
        // A call stands on its dash: `- trim: 1s..2s`.
        Out::Map(members) if members.len() == 1 && item.key.is_none() && !in_brackets => false,
        value => {
            !item.block
                && !value.commented()
                && (in_brackets || !value.piped())
                && column + value.flow().chars().count() <= WIDTH
        }
    }
}

/// Whether block style would attach a comment inside a collection to the collection's owner.
fn needs_brackets(item: &Item) -> bool {
    let items = item.value.items();
    let at_start = item.begins_with_value
        && items
            .first()
            .is_some_and(|first| !first.comments.before.is_empty());
    let at_end = items.last().is_some_and(|last| last.comments.after.is_some());
    (at_start || at_end) && !is_section(item)
}

/// Whether a member is a section of the document: nothing that has comments of its own.
fn is_section(item: &Item) -> bool {
    item.block && item.key.is_some()
}
