//! Evaluates expressions.

use vidc_dsl::ast::{Expr, ExprKind, Ident};
use vidc_dsl::{Diagnostic, Span};

use super::Evaluator;
use crate::catalogue::ParamType;
use crate::codes;
use crate::time::Rational;
use crate::value::{Dimension, Size, Value};

impl Evaluator<'_> {
    /// Evaluates an expression. `expected` is the type of the parameter it is for: a bare word that is not a name in
    /// scope is taken as a member of the expected enumeration.
    pub(crate) fn eval(&mut self, expr: &Expr, expected: Option<&'static ParamType>) -> Value {
        match &expr.kind {
            ExprKind::Error => Value::Unknown,
            ExprKind::Literal(literal) => {
                self.literals.insert(expr.span);
                Value::from_literal(&literal.value).unwrap_or_else(|| {
                    self.fail(
                        &codes::OUT_OF_RANGE,
                        expr.span,
                        format!("`{}` is too large", literal.raw),
                    )
                })
            }
            ExprKind::Text(text) => self.template(text, expr.span),
            ExprKind::Name(name) => self.name(name, expr.span, expected),
            ExprKind::Member { object, field } => self.member(object, field),
            ExprKind::Call(call) => self.call(call, None, expected),
            ExprKind::Pipeline { source, stages } => {
                let mut value = self.eval(source, None);
                let mut span = source.span;
                for stage in stages {
                    value = self.call(stage, Some((value, span)), None);
                    span = span.to(stage.span);
                }
                value
            }
            ExprKind::List(items) => {
                let item_kind = match expected {
                    Some(ParamType::List(item)) => Some(*item),
                    _ => None,
                };
                Value::List(
                    items
                        .iter()
                        .map(|item| (self.eval(item, item_kind), item.span))
                        .collect(),
                )
            }
            ExprKind::Record(fields) => {
                let mut values = Vec::new();
                for field in fields {
                    if let Some(name) = &field.name {
                        values.push((name.name.clone(), self.eval(&field.value, None), field.value.span));
                    }
                }
                Value::Record(values)
            }
            ExprKind::Range { start, end } => {
                let mut side = |expr: &Option<Box<Expr>>| {
                    expr.as_ref().map_or(Value::Null, |expr| self.eval(expr, None))
                };
                let start = side(start);
                let end = side(end);
                Value::Range(Box::new(start), Box::new(end))
            }
            ExprKind::Unary { op, operand } => {
                let value = self.eval(operand, None);
                self.unary(*op, value, operand.span)
            }
            ExprKind::Binary { op, left, right } => {
                let left_value = self.eval(left, None);
                let right_value = self.eval(right, None);
                self.binary(*op, (left_value, left.span), (right_value, right.span))
            }
        }
    }

    /// Evaluates a bare word: a declared name, a member of the expected enumeration, or an operation.
    fn name(&mut self, name: &str, span: Span, expected: Option<&'static ParamType>) -> Value {
        let words = expected.map(ParamType::words).unwrap_or_default();
        let is_word = words.contains(&name);
        match self.lookup(name, span) {
            Some(Value::Clip(_)) if is_word => Value::Symbol(name.to_owned()),
            Some(value) => value,
            // The parameter checks the word: it knows which ones are valid and can suggest one.
            None if is_word
                || matches!(
                    expected,
                    Some(ParamType::Enum(_) | ParamType::Variant(_) | ParamType::Color)
                ) =>
            {
                Value::Symbol(name.to_owned())
            }
            None if crate::catalogue::operation(name).is_some() => self.call_without_arguments(name, span),
            None => {
                let diagnostic =
                    Diagnostic::new(&codes::UNKNOWN_NAME, span, format!("unknown name `{name}`"))
                        .label("not declared in this recipe");
                let boolean = boolean_spelling(name).filter(|_| matches!(expected, Some(ParamType::Bool)));
                self.report(match boolean {
                    Some(boolean) => diagnostic.suggest(span, boolean, format!("did you mean `{boolean}`?")),
                    None => diagnostic.did_you_mean(span, name, self.declared_names()),
                });
                Value::Unknown
            }
        }
    }

    /// Evaluates a field access.
    fn member(&mut self, object: &Expr, field: &Ident) -> Value {
        let value = self.eval(object, None);
        let fields = match &value {
            Value::Unknown => return Value::Unknown,
            Value::Clip(_) | Value::Record(_) | Value::Size(_) => self.fields(&value),
            other => {
                let message = format!("{} has no fields", other.describe());
                return self.fail(&codes::WRONG_TYPE, object.span, message);
            }
        };
        match fields.iter().find(|(name, _)| *name == field.name) {
            Some((_, value)) => value.clone(),
            None => {
                let known: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
                let diagnostic = Diagnostic::new(
                    &codes::UNKNOWN_FIELD,
                    field.span,
                    format!("{} has no field `{}`", value.describe(), field.name),
                )
                .label(format!("its fields are: {}", known.join(", ")))
                .did_you_mean(field.span, &field.name, known.iter().copied());
                self.report(diagnostic);
                Value::Unknown
            }
        }
    }

    /// The fields of a record, a size or a clip; those of a clip come from its media type.
    pub(crate) fn fields(&self, value: &Value) -> Vec<(String, Value)> {
        match value {
            Value::Record(fields) => fields.iter().map(|(n, v, _)| (n.clone(), v.clone())).collect(),
            Value::Size(Size { width, height }) => [("width", width), ("height", height)]
                .map(|(name, pixels)| {
                    (
                        name.to_owned(),
                        Value::Quantity(Rational::from_integer((*pixels).into()), Dimension::Pixels),
                    )
                })
                .to_vec(),
            Value::Clip(clip) => {
                let mut fields = Vec::new();
                let mut field = |name: &str, value: Value| fields.push((name.to_owned(), value));
                if let Some(duration) = self.graph.duration(clip) {
                    field("duration", Value::time(duration));
                }
                if let Some(video) = clip.video.and_then(|id| self.graph.video(id)) {
                    let pixels =
                        |n: u32| Value::Quantity(Rational::from_integer(n.into()), Dimension::Pixels);
                    field("width", pixels(video.width));
                    field("height", pixels(video.height));
                    field("size", Value::Size(video.size()));
                    field("fps", Value::Quantity(video.frame_rate, Dimension::FrameRate));
                }
                if let Some(audio) = clip.audio.and_then(|id| self.graph.audio(id)) {
                    field("sample-rate", Value::Quantity(audio.rate(), Dimension::Frequency));
                    field(
                        "channels",
                        Value::Number(Rational::from_integer(audio.channels.into())),
                    );
                }
                fields
            }
            _ => Vec::new(),
        }
    }
}

/// The boolean that a word means in YAML 1.1 and other languages.
fn boolean_spelling(word: &str) -> Option<&'static str> {
    match word.to_ascii_lowercase().as_str() {
        "yes" | "on" | "true" => Some("true"),
        "no" | "off" | "false" => Some("false"),
        _ => None,
    }
}
