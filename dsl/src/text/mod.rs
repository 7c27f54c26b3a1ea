//! The text syntax, `*.vidc`.
//!
//! ```text
//! text ─▶ cut: statements, balanced ─▶ grammar (pest) ─▶ build, chain, types ─▶ tree
//!              └▶ comments ──────────────────────────────────────▶ crate::comments
//! ```

mod build;
mod chain;
mod cut;
mod expected;
mod grammar;
mod literal;
mod mistake;
mod origin;
mod parse;
mod print;
mod string;
#[cfg(test)]
mod tests;
mod types;
mod words;

use crate::ast::{Expr, Recipe, Text, TypeExpr};
use crate::{Diagnostics, Signatures, SourceFile, Span};

pub(crate) use words::{is_name, word_length};

/// Reads a recipe in the text syntax.
pub fn parse(file: &SourceFile, signatures: &Signatures, diagnostics: &mut Diagnostics) -> Recipe {
    parse::recipe(file, signatures, diagnostics)
}

/// Writes a recipe in the text syntax.
pub fn print(recipe: &Recipe, _signatures: &Signatures) -> String {
    print::recipe(recipe)
}

/// Reads one expression that stands inside another source: a YAML scalar, a command-line binding.
/// `source.map` leads from its bytes back to the file; where it cannot, spans are `whole`.
pub fn parse_expression(
    source: &Text,
    whole: Span,
    signatures: &Signatures,
    diagnostics: &mut Diagnostics,
) -> Option<Expr> {
    parse::expression(source, whole, signatures, diagnostics)
}

/// Reads one type that stands inside another source.
pub fn parse_type(source: &Text, whole: Span, diagnostics: &mut Diagnostics) -> Option<TypeExpr> {
    parse::type_expr(source, whole, diagnostics)
}

/// Writes one expression on one line; its comments are left out.
pub fn print_expression(expr: &Expr, _signatures: &Signatures) -> String {
    print::one_line(expr)
}

/// Writes a type.
pub fn print_type(ty: &TypeExpr) -> String {
    print::type_line(ty)
}
