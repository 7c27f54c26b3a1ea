//! The vidc recipe language: two syntaxes, one tree, and the diagnostics that speak of it.
//!
//! ```text
//! SourceFile ─▶ text::parse │ yaml::parse ─▶ Recipe ─▶ text::print │ yaml::print
//!                      └──▶ Diagnostics ─▶ render::human │ render::json
//! ```
//!
//! This crate knows calls and their [`signature`]s, never an operation's name; it reads no file and no clock.

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

/// Reads a recipe in whichever syntax its file is in. There is always a tree: what could not be read is left out
/// or an [`ast::ExprKind::Error`], and `diagnostics` says why.
pub fn parse(file: &SourceFile, signatures: &Signatures, diagnostics: &mut Diagnostics) -> ast::Recipe {
    match file.syntax {
        Syntax::Text => text::parse(file, signatures, diagnostics),
        Syntax::Yaml => yaml::parse(file, signatures, diagnostics),
    }
}

/// Writes a recipe in a syntax, canonically laid out, comments kept.
pub fn print(recipe: &ast::Recipe, syntax: Syntax, signatures: &Signatures) -> String {
    match syntax {
        Syntax::Text => text::print(recipe, signatures),
        Syntax::Yaml => yaml::print(recipe, signatures),
    }
}
