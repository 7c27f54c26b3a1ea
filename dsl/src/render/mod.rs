//! Renders diagnostics for terminals and as JSON.

mod human;
mod json;

pub use human::human;
pub use json::{JsonDiagnostic, JsonLabel, JsonPlace, JsonPosition, JsonSuggestion, json};

use std::ops::Range;

/// Clamps a byte range to `text`, widened to character boundaries.
fn clamp(text: &str, range: Range<usize>) -> Range<usize> {
    let start = text.floor_char_boundary(range.start.min(text.len()));
    let end = text.ceil_char_boundary(range.end.min(text.len()));
    start..end.max(start)
}

#[cfg(test)]
mod tests;
