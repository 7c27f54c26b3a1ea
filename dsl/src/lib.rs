//! The vidc recipe language: two syntaxes, one syntax tree, and diagnostics.
//!
//! ```text
//! SourceFile ─▶ text::parse │ yaml::parse ─▶ Recipe ─▶ text::print │ yaml::print
//!                      └──▶ Diagnostics ─▶ render::human │ render::json
//! ```
//!
//! This crate knows calls and their [`signature`]s, but no operation by name. It does no I/O.

pub mod ast;
mod canonical;
pub mod codes;
mod comments;
pub mod diagnostic;
pub mod limits;
pub mod render;
pub mod signature;
pub mod source;
mod strip;
mod suggest;
mod template;
#[cfg(test)]
mod testing;
pub mod text;
pub mod yaml;

pub use diagnostic::{Code, Diagnostic, Diagnostics, Severity};
pub use signature::{Shape, Signature, Signatures};
pub use source::{FileId, SourceFile, Sources, Span, Syntax};
pub use strip::without_spans;
pub use suggest::nearest;

/// Parses a recipe in the syntax of its file. It always returns a tree: parts that could not be parsed are missing or
/// [`ast::ExprKind::Error`], and `diagnostics` explains why.
pub fn parse(file: &SourceFile, signatures: &Signatures, diagnostics: &mut Diagnostics) -> ast::Recipe {
    match file.syntax {
        Syntax::Text => text::parse(file, signatures, diagnostics),
        Syntax::Yaml => yaml::parse(file, signatures, diagnostics),
    }
}

/// Prints a recipe in a syntax, in canonical layout and with its comments.
pub fn print(recipe: &ast::Recipe, syntax: Syntax, signatures: &Signatures) -> String {
    match syntax {
        Syntax::Text => text::print(recipe, signatures),
        Syntax::Yaml => yaml::print(recipe, signatures),
    }
}
