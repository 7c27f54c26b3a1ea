//! The YAML syntax.
//!
//! ```text
//! text ─▶ events ─▶ Node ─▶ lower ─▶ Recipe ─▶ print ─▶ text
//! ```
//!
//! A recipe is a map of five sections: `vidc`, `params`, `inputs`, `let`, `outputs`. In it
//! * a scalar where a string is expected is a literal string; a scalar anywhere else is an expression in the text syntax;
//! * a sequence where a list is expected is a list; anywhere else it is a pipeline, its first item the source;
//! * a map with one key is a call, a map with more (or where a record is expected) a record.

mod events;
mod lower;
mod node;
mod offsets;
mod print;
mod swallowed;

use crate::ast::Recipe;
use crate::{Diagnostics, Signatures, SourceFile, comments};

pub use print::print;
#[cfg(test)]
pub(crate) use print::{comments_within, strays};

/// Parses a recipe in the YAML syntax.
pub fn parse(file: &SourceFile, signatures: &Signatures, diagnostics: &mut Diagnostics) -> Recipe {
    let document = events::read(file, diagnostics);
    let mut recipe = match &document.root {
        Some(root) => lower::recipe(root, file, signatures, diagnostics),
        None => Recipe::default(),
    };
    comments::attach(&mut recipe, document.comments, &file.text);
    recipe
}

#[cfg(test)]
mod tests;
