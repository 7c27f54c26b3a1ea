//! Converts expressions to YAML values by the shape expected at their place.

use super::scalar;
use super::stray;
use super::tree::{Item, Out};
use crate::ast::{Arg, Call, Comments, Expr, ExprKind, Text};
use crate::signature::Shape;
use crate::{Signatures, Span, template, text};

/// Builds values, and keeps comments that have no place in them for the enclosing member.
pub(super) struct Shaper<'a> {
    signatures: &'a Signatures,
    stray: Vec<String>,
    /// Whether a comment had to leave its place.
    #[cfg(test)]
    pub(super) strayed: bool,
}

impl<'a> Shaper<'a> {
    pub(super) fn new(signatures: &'a Signatures) -> Self {
        Shaper {
            signatures,
            stray: Vec::new(),
            #[cfg(test)]
            strayed: false,
        }
    }

    /// `key: expr`
    pub(super) fn member(&mut self, key: &str, expr: &Expr, shape: &Shape) -> Item {
        let (value, stray) = self.collecting(|shaper| shaper.expr(expr, shape));
        Item::keyed(key, value).with(&before(stray))
    }

    /// `- expr`
    fn element(&mut self, expr: &Expr, shape: &Shape) -> Item {
        let (value, stray) = self.collecting(|shaper| shaper.expr(expr, shape));
        Item::dash(value).with(&before(stray))
    }

    /// Builds a value, and returns the comments it cannot hold.
    fn collecting(&mut self, make: impl FnOnce(&mut Self) -> Out) -> (Out, Vec<String>) {
        let outside = std::mem::take(&mut self.stray);
        let value = make(self);
        #[cfg(test)]
        {
            self.strayed |= !self.stray.is_empty();
        }
        (value, std::mem::replace(&mut self.stray, outside))
    }

    /// An output: the arguments as a map.
    pub(super) fn output(&mut self, args: &[Arg]) -> Item {
        let (value, stray) = self.collecting(|shaper| match args {
            // The primary parameter of an unknown callable has no known name.
            [first, ..] if first.name.is_none() && shaper.primary("output").is_none() => {
                shaper.expr(&first.value, &Shape::Expression)
            }
            args => Out::Map(shaper.named("output", args)),
        });
        Item::dash(value).block().with(&before(stray))
    }

    fn expr(&mut self, expr: &Expr, shape: &Shape) -> Out {
        match (&expr.kind, shape) {
            (ExprKind::Text(text), Shape::Text) => Out::Scalar(scalar::text(&text.value)),
            (ExprKind::Pipeline { source, stages }, Shape::Text | Shape::Expression | Shape::Record(_))
                if !stages.is_empty() =>
            {
                // The source has no comments of its own, so what strays out of it strays on.
                let mut items = vec![Item::dash(self.expr(source, &Shape::Expression))];
                items.extend(stages.iter().map(|stage| self.stage(stage)));
                Out::Pipeline(items)
            }
            (ExprKind::Call(call), Shape::Text | Shape::Expression | Shape::List(_)) => match self.call(call)
            {
                Some(map) => map,
                None => self.source(expr, shape),
            },
            (ExprKind::List(items), Shape::List(item)) => {
                let element = |expr: &Expr| self.element(expr, item).with(&expr.comments);
                Out::Seq(items.iter().map(element).collect())
            }
            (ExprKind::Record(fields), Shape::Record(shapes)) => self.record(fields, shapes),
            (ExprKind::Record(fields), _) if fields.len() != 1 => self.record(fields, &[]),
            _ => self.source(expr, shape),
        }
    }

    /// An expression in a scalar; where a string is expected, in a form that a string cannot have.
    fn source(&mut self, expr: &Expr, shape: &Shape) -> Out {
        self.stray.extend(stray::comments_within(expr));
        let written = text::print_expression(expr, self.signatures);
        if *shape != Shape::Text {
            return Out::Scalar(scalar::source(&written));
        }
        let path = Text {
            value: format!("{{{{ {written} }}}}"),
            map: Vec::new(),
        };
        match template::lone_path(&path, Span::default()) {
            Some(_) => Out::Scalar(scalar::quoted(&path.value)),
            None => Out::Seq(vec![Item::dash(Out::Scalar(scalar::source(&written)))]),
        }
    }

    fn record(&mut self, fields: &[Arg], shapes: &[(String, Shape)]) -> Out {
        let items = fields.iter().map(|field| {
            let name = field.name.as_ref().map_or("", |name| name.name.as_str());
            let shape = shapes.iter().find(|(known, _)| known == name);
            let shape = shape.map_or(&Shape::Expression, |(_, shape)| shape);
            self.member(name, &field.value, shape).with(&field.comments)
        });
        Out::Map(items.collect())
    }

    fn stage(&mut self, stage: &Call) -> Item {
        let (value, stray) = self.collecting(|shaper| match stage.args.is_empty() {
            true => Out::Scalar(stage.name.name.clone()),
            false => shaper.call(stage).unwrap_or_else(|| {
                let call = Expr {
                    kind: ExprKind::Call(stage.clone()),
                    span: stage.span,
                    comments: Comments::default(),
                };
                shaper.source(&call, &Shape::Expression)
            }),
        });
        Item::dash(value).with(&before(stray)).with(&stage.comments)
    }

    /// `name: arguments`; `None` if only an expression can represent it.
    fn call(&mut self, call: &Call) -> Option<Out> {
        let name = call.name.name.as_str();
        let argument = match call.args.as_slice() {
            [] => return None,
            [only] if only.name.is_none() => self.positional(name, only),
            [first, ..] if first.name.is_none() && self.primary(name).is_none() => return None,
            args => Item::keyed(name, Out::Map(self.named(name, args))),
        };
        Some(Out::Map(vec![argument]))
    }

    fn primary(&self, callee: &str) -> Option<&'a (String, Shape)> {
        self.signatures.get(callee)?.primary()
    }

    /// Arguments by name, the primary one too.
    fn named(&mut self, callee: &str, args: &[Arg]) -> Vec<Item> {
        let signature = self.signatures.get(callee);
        let primary = self.primary(callee);
        let items = args.iter().map(|arg| {
            let (name, shape) = match (&arg.name, primary) {
                (Some(name), _) => {
                    let shape = signature.and_then(|signature| signature.shape(&name.name));
                    (name.name.as_str(), shape)
                }
                (None, Some((name, shape))) => (name.as_str(), Some(shape)),
                (None, None) => ("", None),
            };
            self.member(name, &arg.value, shape.unwrap_or(&Shape::Expression))
                .with(&arg.comments)
        });
        items.collect()
    }

    /// The only argument, without a name where it can be told from the map of named ones.
    fn positional(&mut self, callee: &str, arg: &Arg) -> Item {
        let primary = self.primary(callee);
        let shape = primary.map_or(&Shape::Expression, |(_, shape)| shape);
        let (value, stray) = self.collecting(|shaper| shaper.expr(&arg.value, shape));
        let ambiguous = matches!(value, Out::Map(_));
        if primary.is_some() && (ambiguous || !arg.comments.is_empty()) {
            return Item::keyed(callee, Out::Map(self.named(callee, std::slice::from_ref(arg))));
        }
        let value = match value {
            Out::Map(_) => Out::Seq(vec![Item::dash(value)]),
            Out::Scalar(null) if null == "null" => Out::Scalar(scalar::quoted("null")),
            value => value,
        };
        self.stray.extend(arg.comments.before.iter().cloned());
        self.stray.extend(stray);
        self.stray.extend(arg.comments.after.iter().cloned());
        let mut item = Item::keyed(callee, value);
        item.begins_with_value = true;
        item
    }
}

fn before(before: Vec<String>) -> Comments {
    Comments { before, after: None }
}
