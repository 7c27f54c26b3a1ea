//! Drawing diagnostics: for people, and as JSON.

mod human;
mod json;

pub use human::human;
pub use json::{JsonDiagnostic, JsonLabel, JsonPlace, JsonPosition, JsonSuggestion, json};

use std::ops::Range;

/// A range of bytes that certainly lies in `text` and on its character boundaries: cut to the end, and widened
/// where it would split a character.
fn clamp(text: &str, range: Range<usize>) -> Range<usize> {
    let start = text.floor_char_boundary(range.start.min(text.len()));
    let end = text.ceil_char_boundary(range.end.min(text.len()));
    start..end.max(start)
}

#[cfg(test)]
mod tests;
