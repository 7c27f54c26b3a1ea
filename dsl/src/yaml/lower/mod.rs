//! From the node tree to the recipe.

mod call;
mod expr;
mod sections;

use super::events::MAX_MISTAKES;
use super::node::{Kind, Node};
use super::swallowed;
use crate::ast::{Comments, Expr, ExprKind, Ident, Recipe};
use crate::diagnostic::Diagnostic;
use crate::{Diagnostics, Signatures, SourceFile, Span, codes, text};

/// The recipe of a document.
pub(super) fn recipe(
    root: &Node,
    file: &SourceFile,
    signatures: &Signatures,
    diagnostics: &mut Diagnostics,
) -> Recipe {
    let mut lower = Lower {
        file,
        signatures,
        diagnostics,
        told: 0,
    };
    lower.recipe(root)
}

struct Lower<'a> {
    file: &'a SourceFile,
    signatures: &'a Signatures,
    diagnostics: &'a mut Diagnostics,
    told: usize,
}

impl Lower<'_> {
    fn report(&mut self, diagnostic: Diagnostic) {
        if self.told < MAX_MISTAKES {
            self.told += 1;
            self.diagnostics.push(diagnostic);
        }
    }

    fn report_all(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        for diagnostic in diagnostics {
            self.report(diagnostic);
        }
    }

    /// Says that a value has the wrong form, unless something has been said of it already.
    fn wrong_form(&mut self, node: &Node, expected: &str, help: &str) {
        if matches!(&*node.kind, Kind::Poison) {
            return;
        }
        let message = format!("expected {expected}, found {}", node.describe());
        self.report(Diagnostic::new(&codes::YAML_FORM, node.span, message).help(help));
    }

    /// Whether a key can be the name of something; says so if not.
    fn name(&mut self, key: &Ident) -> bool {
        let usable = text::is_name(&key.name);
        if !usable {
            let message = format!("`{}` cannot be a name", key.name);
            let help = match is_word(&key.name) {
                true => "this word is kept by the language",
                false => "a name is letters, digits, `_` and `-`, and starts with a letter",
            };
            self.report(Diagnostic::new(&codes::YAML_NAME, key.span, message).help(help));
        }
        usable
    }

    /// Whether a key can be the name of an argument or a field; says so if not.
    fn word(&mut self, key: &Ident) -> bool {
        let usable = is_word(&key.name);
        if !usable {
            let message = format!("`{}` is not a word", key.name);
            self.report(
                Diagnostic::new(&codes::YAML_NAME, key.span, message)
                    .help("a key is letters, digits, `_` and `-`, and starts with a letter"),
            );
        }
        usable
    }

    /// Says that nothing stands where a value is needed; where a comment took its place, how to mend that.
    fn empty(&mut self, span: Span) {
        let diagnostic = match self.swallowed_color(span) {
            Some(color) => {
                let quoted = format!("\"{}\"", self.file.slice(color));
                Diagnostic::new(
                    &codes::EMPTY_VALUE,
                    color,
                    "this is a YAML comment, so the value is empty",
                )
                .suggest(color, quoted.clone(), format!("quote the color: {quoted}"))
            }
            None => Diagnostic::new(&codes::EMPTY_VALUE, span, "a value is missing here"),
        };
        self.report(diagnostic);
    }

    /// The color that stands behind an empty value as a YAML comment.
    fn swallowed_color(&self, span: Span) -> Option<Span> {
        let line = self.file.text.get(span.end as usize..)?.lines().next()?;
        let between = line.split('#').next()?;
        let nothing = between.chars().all(|c| matches!(c, ':' | ' ' | '\t'));
        nothing
            .then(|| swallowed::color(self.file, span.end as usize))
            .flatten()
    }
}

fn is_word(key: &str) -> bool {
    !key.is_empty() && text::word_length(key) == key.len()
}

fn bare(kind: ExprKind, span: Span) -> Expr {
    Expr {
        kind,
        span,
        comments: Comments::default(),
    }
}
