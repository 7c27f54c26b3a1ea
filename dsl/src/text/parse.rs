//! Parses a recipe statement by statement, and single values.

use pest::iterators::Pair;

use crate::ast::{
    Comments, Expr, ExprKind, Ident, Input, Let, Output, Param, Recipe, Text, TypeExpr, Version,
};
use crate::limits::{MAX_MISTAKES, MAX_TEXT};
use crate::{Diagnostic, Diagnostics, Signatures, SourceFile, Span, codes, comments};

use super::build::Builder;
use super::chain::node;
use super::cut::{self, Piece};
use super::fragment::Fragment;
use super::grammar::{self, Rule};
use super::mistake;
use super::origin::Origin;
use super::words::{STATEMENTS, is_name, word_length};

/// Parses a recipe.
pub(super) fn recipe(file: &SourceFile, signatures: &Signatures, diagnostics: &mut Diagnostics) -> Recipe {
    let text = file.text.as_str();
    let origin = Origin::file(Span::new(file.id, 0, 0));
    let mut report = Vec::new();
    let mut recipe = Recipe::default();
    if within_limit(text, origin.span(0, 0), &mut report) {
        let cut = cut::statements(text, origin, &mut report);
        for piece in &cut.pieces {
            Statement {
                text: text.get(piece.start..piece.end).unwrap_or(""),
                builder: Builder {
                    origin: origin.shifted(piece.start),
                    signatures,
                    report: &mut report,
                },
                recipe: &mut recipe,
            }
            .read(piece);
        }
        comments::attach(&mut recipe, cut.comments, text);
    }
    hand_over(report, diagnostics);
    recipe
}

/// Parses an expression.
pub(super) fn expression(
    source: &Text,
    whole: Span,
    signatures: &Signatures,
    diagnostics: &mut Diagnostics,
) -> Option<Expr> {
    value(
        source,
        whole,
        signatures,
        diagnostics,
        Rule::expression,
        |builder, pair| (pair.as_rule() == Rule::expr).then(|| builder.expr(pair, 0)),
    )
}

/// Parses a type.
pub(super) fn type_expr(source: &Text, whole: Span, diagnostics: &mut Diagnostics) -> Option<TypeExpr> {
    let signatures = Signatures::default();
    value(
        source,
        whole,
        &signatures,
        diagnostics,
        Rule::type_alone,
        |builder, pair| builder.type_expr(pair, 0),
    )
}

fn value<T>(
    source: &Text,
    whole: Span,
    signatures: &Signatures,
    diagnostics: &mut Diagnostics,
    rule: Rule,
    build: impl FnOnce(&mut Builder<'_>, Pair<'_, Rule>) -> Option<T>,
) -> Option<T> {
    let text = source.value.as_str();
    let origin = Origin::decoded(source, whole);
    let mut report = Vec::new();
    let mut value = None;
    if within_limit(text, whole, &mut report) {
        let cut = cut::value(text, origin, &mut report);
        if let Some(comment) = cut.comments.first() {
            let message = "a value cannot contain a comment";
            report.push(Diagnostic::new(&codes::SYNTAX, comment.span, message));
        } else if cut.pieces.iter().all(|piece| piece.sound) {
            match grammar::parse(rule, text) {
                Err(error) => report.push(mistake::describe(&error, text, origin, Fragment::Value, "")),
                Ok(mut pairs) => {
                    let mut builder = Builder {
                        origin,
                        signatures,
                        report: &mut report,
                    };
                    value = pairs.next().and_then(|pair| build(&mut builder, pair));
                }
            }
        }
    }
    hand_over(report, diagnostics);
    value
}

fn within_limit(text: &str, span: Span, report: &mut Vec<Diagnostic>) -> bool {
    if text.len() > MAX_TEXT {
        let message = format!("the recipe is longer than {} KiB", MAX_TEXT / 1024);
        report.push(Diagnostic::new(&codes::TOO_LARGE, span, message));
    }
    text.len() <= MAX_TEXT
}

fn hand_over(mut report: Vec<Diagnostic>, diagnostics: &mut Diagnostics) {
    if report.len() > MAX_MISTAKES {
        report.truncate(MAX_MISTAKES);
        if let Some(last) = report.last_mut() {
            last.help
                .push(format!("only the first {MAX_MISTAKES} mistakes are shown"));
        }
    }
    diagnostics.extend(report);
}

/// One statement being parsed into a recipe.
struct Statement<'t, 'b> {
    text: &'t str,
    builder: Builder<'b>,
    recipe: &'b mut Recipe,
}

impl<'t> Statement<'t, '_> {
    fn read(mut self, piece: &Piece) {
        let word = &self.text[..word_length(self.text)];
        if !STATEMENTS.contains(&word) {
            if !piece.stray {
                let span = self.builder.origin.span(0, word.len());
                self.builder.report.push(mistake::no_statement(word, span));
            }
            return;
        }
        if !piece.sound {
            return self.salvage(word);
        }
        match grammar::parse(Rule::statement, self.text) {
            Ok(mut pairs) => {
                if let Some(pair) = pairs.next() {
                    self.build(pair);
                }
            }
            Err(error) => {
                let diagnostic =
                    mistake::describe(&error, self.text, self.builder.origin, Fragment::Statement, "");
                self.builder.report.push(diagnostic);
                self.salvage(word);
            }
        }
    }

    /// Keeps the name of a statement that does not parse, so that its uses are not reported as unknown.
    fn salvage(&mut self, keyword: &str) {
        let rest = &self.text[keyword.len()..];
        let start = keyword.len() + rest.len() - rest.trim_start().len();
        let length = word_length(&self.text[start..]);
        let word = &self.text[start..start + length];
        if !matches!(keyword, "param" | "input" | "let") || !is_name(word) {
            return;
        }
        let span = self.builder.origin.span(0, self.text.len());
        let name = Ident {
            name: word.to_string(),
            span: self.builder.origin.span(start, start + length),
        };
        self.bind(name, node(ExprKind::Error, span), span);
    }

    fn bind(&mut self, name: Ident, value: Expr, span: Span) {
        self.recipe.lets.push(Let {
            name,
            value,
            span,
            comments: Comments::default(),
        });
    }

    fn build(&mut self, pair: Pair<'_, Rule>) {
        let start = pair.as_span().start();
        let rule = pair.as_rule();
        let (mut name, mut ty, mut value, mut args, mut number) = (None, None, None, None, None);
        let (mut is_typed, mut quoted) = (true, false);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::name => name = Some(self.builder.ident(&part)),
                Rule::type_ => {
                    ty = self.builder.type_expr(part, 0);
                    is_typed = ty.is_some();
                }
                Rule::expr => {
                    quoted = part.as_str().starts_with('"');
                    value = Some(self.builder.expr(part, 0));
                }
                Rule::call_args => args = Some(self.builder.args("output", part, 0)),
                Rule::integer => number = Some(part.as_str().to_string()),
                _ => {}
            }
        }
        let span = self.builder.origin.span(start, self.text.len());
        let comments = Comments::default();
        match (rule, name) {
            (Rule::version, _) => self.version(&number.unwrap_or_default(), span),
            (Rule::output, _) => {
                let args = args.unwrap_or_default();
                self.recipe.outputs.push(Output { args, span, comments });
            }
            (Rule::param, Some(name)) => match ty {
                Some(ty) if is_typed => self.recipe.params.push(Param {
                    name,
                    ty,
                    default: value,
                    span,
                    comments,
                }),
                _ => self.bind(name, node(ExprKind::Error, span), span),
            },
            (Rule::input, Some(name)) => {
                let source = value.unwrap_or_else(|| node(ExprKind::Error, span));
                let source = self.path(source, quoted);
                self.recipe.inputs.push(Input {
                    name,
                    source,
                    span,
                    comments,
                });
            }
            (_, Some(name)) => {
                let value = value.unwrap_or_else(|| node(ExprKind::Error, span));
                self.bind(name, value, span);
            }
            _ => {}
        }
    }

    fn version(&mut self, digits: &str, span: Span) {
        let Ok(number) = digits.parse() else {
            let message = "this is not a version of the language";
            self.builder
                .report
                .push(Diagnostic::new(&codes::LITERAL, span, message));
            return;
        };
        let recipe = &mut self.recipe;
        let statements = recipe.params.len() + recipe.inputs.len() + recipe.lets.len() + recipe.outputs.len();
        if let Some(first) = &recipe.version {
            let diagnostic = Diagnostic::new(&codes::SYNTAX, span, "the language version is given twice")
                .secondary(first.span, "first given here");
            self.builder.report.push(diagnostic);
            return;
        }
        if statements > 0 {
            let message = "the language version must be the first statement";
            self.builder
                .report
                .push(Diagnostic::new(&codes::SYNTAX, span, message));
        }
        recipe.version = Some(Version {
            number,
            span,
            comments: Comments::default(),
        });
    }

    /// The path of an input: a string, or a quoted name.
    fn path(&mut self, source: Expr, quoted: bool) -> Expr {
        let is_path = matches!(
            source.kind,
            ExprKind::Text(_) | ExprKind::Name(_) | ExprKind::Member { .. }
        );
        if matches!(source.kind, ExprKind::Error) || (is_path && quoted) {
            return source;
        }
        let span = source.span;
        let diagnostic = Diagnostic::new(
            &codes::NOT_A_PATH,
            span,
            "the path of an input is a string in double quotes",
        );
        let start = span.start as usize - self.builder.origin.span(0, 0).start as usize;
        let written = self.text.get(start..start + span.range().len()).unwrap_or("");
        let quotable = !written.contains(['"', '\n']);
        let diagnostic = match source.kind {
            ExprKind::Name(_) | ExprKind::Member { .. } if quotable => {
                diagnostic.suggest(span, super::string::quote(written), "quote the path")
            }
            _ => diagnostic,
        };
        let diagnostic = match source.kind {
            ExprKind::Name(_) => {
                diagnostic.help(format!("if it is a parameter, write `\"{{{{ {written} }}}}\"`"))
            }
            _ => diagnostic,
        };
        self.builder.report.push(diagnostic);
        node(ExprKind::Error, span)
    }
}
