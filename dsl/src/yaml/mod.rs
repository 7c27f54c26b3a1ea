//! The YAML syntax.

use crate::ast::Recipe;
use crate::{Diagnostics, Signatures, SourceFile};

/// Reads a recipe in the YAML syntax.
pub fn parse(_file: &SourceFile, _signatures: &Signatures, _diagnostics: &mut Diagnostics) -> Recipe {
    Recipe::default()
}

/// Writes a recipe in the YAML syntax.
pub fn print(_recipe: &Recipe, _signatures: &Signatures) -> String {
    String::new()
}
