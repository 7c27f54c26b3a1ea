//! Lowers values to expressions.

use super::super::node::{Kind, Node, Scalar};
use super::{Lower, bare};
use crate::ast::{Arg, Call, Comments, Expr, ExprKind};
use crate::diagnostic::Diagnostic;
use crate::signature::Shape;
use crate::{Diagnostics, canonical, codes, template, text};

impl Lower<'_> {
    /// Lowers a node to an expression where a value of a shape is expected.
    pub(super) fn expr(&mut self, node: &Node, shape: &Shape) -> Expr {
        let kind = match (&*node.kind, shape) {
            (Kind::Poison, _) => ExprKind::Error,
            (Kind::Empty, _) => {
                self.empty(node.span);
                ExprKind::Error
            }
            (Kind::Scalar(scalar), Shape::Text) => return text_value(node, scalar),
            (Kind::Scalar(scalar), _) => return self.source(node, scalar),
            (Kind::Seq(items), Shape::List(item)) => {
                ExprKind::List(items.iter().map(|node| self.expr(node, item)).collect())
            }
            (Kind::Seq(items), _) => return self.pipeline(node, items),
            (Kind::Map(entries), Shape::Record(fields)) => self.record(entries, fields),
            (Kind::Map(entries), _) => match entries.as_slice() {
                [entry] => match self.call(entry, node.span) {
                    Some(call) => ExprKind::Call(call),
                    None => ExprKind::Error,
                },
                entries => self.record(entries, &[]),
            },
        };
        bare(kind, node.span)
    }

    /// Parses a scalar as an expression.
    fn source(&mut self, node: &Node, scalar: &Scalar) -> Expr {
        let mut reports = Diagnostics::new();
        let expr = text::parse_expression(&scalar.text, node.span, self.signatures, &mut reports);
        self.report_all(reports);
        expr.unwrap_or_else(|| bare(ExprKind::Error, node.span))
    }

    fn record(&mut self, entries: &[super::super::node::Entry], shapes: &[(String, Shape)]) -> ExprKind {
        let mut fields = Vec::new();
        for entry in entries {
            let shape = shapes.iter().find(|(name, _)| *name == entry.key.name);
            let shape = shape.map_or(&Shape::Expression, |(_, shape)| shape);
            let value = self.expr(&entry.value, shape);
            if self.word(&entry.key) {
                fields.push(Arg {
                    name: Some(entry.key.clone()),
                    value,
                    span: entry.span(),
                    comments: Comments::default(),
                });
            }
        }
        let mut reports = Vec::new();
        let fields = canonical::fields(fields, &mut reports);
        self.report_all(reports);
        ExprKind::Record(fields)
    }

    /// Lowers a sequence to a pipeline: a source and its operations.
    fn pipeline(&mut self, node: &Node, items: &[Node]) -> Expr {
        let Some((first, rest)) = items.split_first() else {
            let message = "a pipeline needs a source as its first item";
            self.report(
                Diagnostic::new(&codes::YAML_FORM, node.span, message)
                    .help("write an empty list as \"[]\" here"),
            );
            return bare(ExprKind::Error, node.span);
        };
        let source = self.expr(first, &Shape::Expression);
        let stages: Vec<Call> = rest.iter().filter_map(|item| self.stage(item)).collect();
        if stages.is_empty() {
            return source;
        }
        // Flattens a pipeline whose source is a pipeline.
        let (source, stages) = match source.kind {
            ExprKind::Pipeline {
                source,
                stages: mut first,
            } => {
                first.extend(stages);
                (source, first)
            }
            _ => (Box::new(source), stages),
        };
        let kind = ExprKind::Pipeline { source, stages };
        bare(kind, node.span)
    }

    fn stage(&mut self, node: &Node) -> Option<Call> {
        match &*node.kind {
            Kind::Map(entries) if entries.len() == 1 => self.call(&entries[0], node.span),
            Kind::Scalar(scalar) => match self.source(node, scalar) {
                Expr {
                    kind: ExprKind::Call(call),
                    ..
                } => Some(call),
                Expr {
                    kind: ExprKind::Name(name),
                    span,
                    ..
                } => Some(Call {
                    name: crate::ast::Ident { name, span },
                    args: Vec::new(),
                    span,
                    comments: Comments::default(),
                }),
                Expr {
                    kind: ExprKind::Error,
                    ..
                } => None,
                _ => {
                    self.not_a_stage(node);
                    None
                }
            },
            Kind::Empty => {
                self.empty(node.span);
                None
            }
            Kind::Poison => None,
            _ => {
                self.not_a_stage(node);
                None
            }
        }
    }

    fn not_a_stage(&mut self, node: &Node) {
        self.report(
            Diagnostic::new(&codes::NOT_A_STAGE, node.span, "this is not an operation")
                .help("after the first item of a pipeline, each item is `- name` or `- name: arguments`")
                .help("quote a list of values here: \"[a, b]\""),
        );
    }
}

fn text_value(node: &Node, scalar: &Scalar) -> Expr {
    template::lone_path(&scalar.text, node.span)
        .unwrap_or_else(|| bare(ExprKind::Text(scalar.text.clone()), node.span))
}
