//! Drawing diagnostics: for people, and as JSON.

use crate::{Diagnostics, Sources};

/// Draws diagnostics for a terminal, each with the lines it speaks of; ANSI colours if `color`.
pub fn human(_diagnostics: &Diagnostics, _sources: &Sources, _color: bool) -> String {
    String::new()
}

/// The diagnostics as a JSON array.
pub fn json(_diagnostics: &Diagnostics, _sources: &Sources) -> serde_json::Value {
    serde_json::Value::Null
}
