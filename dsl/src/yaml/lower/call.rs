//! Lowers maps to calls.

use super::super::node::{Entry, Kind, Node};
use super::Lower;
use crate::ast::{Arg, Call, Comments};
use crate::signature::Shape;
use crate::{Span, canonical};

impl Lower<'_> {
    /// Lowers `name: arguments`.
    pub(super) fn call(&mut self, entry: &Entry, span: Span) -> Option<Call> {
        self.name(&entry.key).then(|| Call {
            name: entry.key.clone(),
            args: self.arguments(&entry.key.name, &entry.value),
            span,
            comments: Comments::default(),
        })
    }

    /// The arguments in a value: a map of named ones, none for an empty value or `null`, otherwise the primary one.
    pub(super) fn arguments(&mut self, callee: &str, value: &Node) -> Vec<Arg> {
        let signatures = self.signatures;
        let signature = signatures.get(callee);
        let args = match &*value.kind {
            Kind::Empty => {
                if self.swallowed_color(value.span).is_some() {
                    self.empty(value.span);
                }
                Vec::new()
            }
            Kind::Scalar(scalar) if scalar.plain && scalar.text.value == "null" => Vec::new(),
            Kind::Map(entries) => {
                let mut args = Vec::new();
                for entry in entries {
                    let shape = signature.and_then(|signature| signature.shape(&entry.key.name));
                    let value = self.expr(&entry.value, shape.unwrap_or(&Shape::Expression));
                    if self.word(&entry.key) {
                        args.push(Arg {
                            name: Some(entry.key.clone()),
                            value,
                            span: entry.span(),
                            comments: Comments::default(),
                        });
                    }
                }
                args
            }
            _ => {
                let primary = signature.and_then(|signature| signature.primary());
                let shape = primary.map_or(&Shape::Expression, |(_, shape)| shape);
                let value = self.expr(value, shape);
                vec![Arg {
                    name: None,
                    span: value.span,
                    value,
                    comments: Comments::default(),
                }]
            }
        };
        let mut reports = Vec::new();
        let args = canonical::arguments(callee, args, signatures, &mut reports);
        self.report_all(reports);
        args
    }
}
