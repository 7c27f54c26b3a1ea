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
mod fragment;
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

/// Parses a recipe in the text syntax.
pub fn parse(file: &SourceFile, signatures: &Signatures, diagnostics: &mut Diagnostics) -> Recipe {
    parse::recipe(file, signatures, diagnostics)
}

/// Prints a recipe in the text syntax.
pub fn print(recipe: &Recipe, _signatures: &Signatures) -> String {
    print::recipe(recipe)
}

/// Parses an expression inside another source, such as a YAML scalar or a command-line binding. `source.map` maps its
/// bytes back to the file; spans are `whole` where it does not cover them.
pub fn parse_expression(
    source: &Text,
    whole: Span,
    signatures: &Signatures,
    diagnostics: &mut Diagnostics,
) -> Option<Expr> {
    parse::expression(source, whole, signatures, diagnostics)
}

/// Parses a type inside another source.
pub fn parse_type(source: &Text, whole: Span, diagnostics: &mut Diagnostics) -> Option<TypeExpr> {
    parse::type_expr(source, whole, diagnostics)
}

/// Prints an expression on one line, without comments.
pub fn print_expression(expr: &Expr, _signatures: &Signatures) -> String {
    print::one_line(expr)
}

/// Prints a type.
pub fn print_type(ty: &TypeExpr) -> String {
    print::type_line(ty)
}
