//! Parses YAML text into a [`Node`] tree. Only this module knows the YAML parser.

mod build;
mod members;
mod recover;
mod words;

use super::node::Document;
use crate::{Diagnostics, SourceFile};

/// Parses a document. YAML features outside the language are reported and dropped; after a syntax error the other
/// sections, and the other members of the broken one, are still parsed.
pub(super) fn read(file: &SourceFile, diagnostics: &mut Diagnostics) -> Document {
    recover::read(file, diagnostics)
}
