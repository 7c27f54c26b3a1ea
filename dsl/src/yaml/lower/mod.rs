//! Lowers the node tree to a recipe.

mod call;
mod expr;
mod sections;

use super::node::{Kind, Node};
use super::swallowed;
use crate::ast::{Comments, Expr, ExprKind, Ident, Recipe};
use crate::diagnostic::Diagnostic;
use crate::limits::MAX_MISTAKES;
use crate::{Diagnostics, Signatures, SourceFile, Span, codes, text};

/// Lowers a document to a recipe.
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
        reported: 0,
    };
    lower.recipe(root)
}

struct Lower<'a> {
    file: &'a SourceFile,
    signatures: &'a Signatures,
    diagnostics: &'a mut Diagnostics,
    reported: usize,
}

impl Lower<'_> {
    fn report(&mut self, diagnostic: Diagnostic) {
        if self.reported < MAX_MISTAKES {
            self.reported += 1;
            self.diagnostics.push(diagnostic);
        }
    }

    fn report_all(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        for diagnostic in diagnostics {
            self.report(diagnostic);
        }
    }

    /// Reports that a value has the wrong form, unless it was reported already.
    fn wrong_form(&mut self, node: &Node, expected: &str, help: &str) {
        if matches!(&*node.kind, Kind::Poison) {
            return;
        }
        let message = format!("expected {expected}, found {}", node.describe());
        self.report(Diagnostic::new(&codes::YAML_FORM, node.span, message).help(help));
    }

    /// Whether a key can be a name; reports it if not.
    fn name(&mut self, key: &Ident) -> bool {
        let usable = text::is_name(&key.name);
        if !usable {
            let message = format!("`{}` cannot be a name", key.name);
            let help = match is_word(&key.name) {
                true => "this word is reserved by the language",
                false => "a name consists of letters, digits, `_` and `-`, and starts with a letter",
            };
            self.report(Diagnostic::new(&codes::YAML_NAME, key.span, message).help(help));
        }
        usable
    }

    /// Whether a key can name an argument or a field; reports it if not.
    fn word(&mut self, key: &Ident) -> bool {
        let usable = is_word(&key.name);
        if !usable {
            let message = format!("`{}` is not a word", key.name);
            self.report(
                Diagnostic::new(&codes::YAML_NAME, key.span, message)
                    .help("a key consists of letters, digits, `_` and `-`, and starts with a letter"),
            );
        }
        usable
    }

    /// Reports a missing value, and suggests quotes if a color was parsed as a comment.
    fn empty(&mut self, span: Span) {
        let diagnostic = match self.swallowed_color(span) {
            Some(color) => {
                let quoted = format!("\"{}\"", self.file.slice(color));
                Diagnostic::new(
                    &codes::EMPTY_VALUE,
                    color,
                    "YAML parses this as a comment, so the value is empty",
                )
                .suggest(color, quoted.clone(), format!("quote the color: {quoted}"))
            }
            None => Diagnostic::new(&codes::EMPTY_VALUE, span, "missing value"),
        };
        self.report(diagnostic);
    }

    /// The color that was parsed as a comment after an empty value.
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
