//! YAML text to a [`Node`] tree. Nothing outside this module knows which parser does it.

mod build;
mod members;
mod recover;
mod words;

use super::node::Document;
use crate::{Diagnostics, SourceFile};

/// The most mistakes told of one document's YAML, and as many again of what it says.
pub(super) const MAX_MISTAKES: usize = 100;

/// Reads a document. What YAML can say and the language cannot is reported and left out; after a syntax error
/// the other sections, and the other members of the broken one, are still read.
pub(super) fn read(file: &SourceFile, diagnostics: &mut Diagnostics) -> Document {
    recover::read(file, diagnostics)
}
