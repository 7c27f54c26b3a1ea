//! The text syntax, `*.vidc`.

use crate::ast::{Expr, Recipe, Text, TypeExpr};
use crate::{Diagnostics, Signatures, SourceFile, Span};

/// Reads a recipe in the text syntax.
pub fn parse(_file: &SourceFile, _signatures: &Signatures, _diagnostics: &mut Diagnostics) -> Recipe {
    Recipe::default()
}

/// Writes a recipe in the text syntax.
pub fn print(_recipe: &Recipe, _signatures: &Signatures) -> String {
    String::new()
}

/// Reads one expression that stands inside another source: a YAML scalar, a command-line binding.
/// `source.map` leads from its bytes back to the file; where it cannot, spans are `whole`.
pub fn parse_expression(
    _source: &Text,
    _whole: Span,
    _signatures: &Signatures,
    _diagnostics: &mut Diagnostics,
) -> Option<Expr> {
    None
}

/// Reads one type that stands inside another source.
pub fn parse_type(_source: &Text, _whole: Span, _diagnostics: &mut Diagnostics) -> Option<TypeExpr> {
    None
}

/// Writes one expression on one line; its comments are left out.
pub fn print_expression(_expr: &Expr, _signatures: &Signatures) -> String {
    String::new()
}

/// Writes a type.
pub fn print_type(_ty: &TypeExpr) -> String {
    String::new()
}
