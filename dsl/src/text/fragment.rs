//! The parts of a recipe that the grammar parses separately.

/// The part of a recipe that a text is parsed as.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fragment {
    /// A whole statement.
    Statement,
    /// A single value or type.
    Value,
    /// An argument of a call.
    Argument,
    /// A field of a record.
    Field,
    /// An element of a list.
    Item,
}

impl Fragment {
    /// What may follow the text.
    pub(super) fn end(self) -> &'static [&'static str] {
        match self {
            Fragment::Statement => &["the end of the statement"],
            Fragment::Value => &["the end of the value"],
            Fragment::Argument => &["`,`", "`)`"],
            Fragment::Field => &["`,`", "`}`"],
            Fragment::Item => &["`,`", "`]`"],
        }
    }
}
