//! Parameters: their declared types, their defaults, and what a job binds to them.

use vidc_dsl::ast::{self, Expr, ExprKind, Param, TypeExpr, TypeKind};
use vidc_dsl::{Diagnostic, Diagnostics, Severity, Signatures, Span};

use super::Evaluator;
use crate::catalogue::{Bounds, ParamType};
use crate::codes;
use crate::value::Value;

const WIDE: Bounds = Bounds {
    min: -1_000_000_000_000,
    max: 1_000_000_000_000,
};

/// The scalar types by name.
static TYPES: &[(&str, ParamType)] = &[
    ("string", ParamType::Text),
    ("path", ParamType::Path),
    ("int", ParamType::Int(WIDE)),
    ("number", ParamType::Number(WIDE)),
    ("ratio", ParamType::Number(WIDE)),
    ("bool", ParamType::Bool),
    ("time", ParamType::SignedTime),
    ("size", ParamType::Size),
    ("length", ParamType::Length),
    ("color", ParamType::Color),
    ("gain", ParamType::Gain),
    ("loudness", ParamType::Loudness),
    ("bitrate", ParamType::Bitrate),
    ("rate", ParamType::FrameRate),
    ("angle", ParamType::Angle),
    ("clip", ParamType::Clip),
];

impl Evaluator<'_> {
    /// The value of a `param` statement.
    pub(super) fn param(&mut self, param: &Param) -> Value {
        let name = &param.name.name;
        match (self.bindings.params.get(name), &param.default) {
            (Some(bound), _) => {
                let bound = bound.clone();
                self.bound(param, &bound)
            }
            (None, Some(default)) => {
                let value = self.eval(default, kind_of(&param.ty));
                self.typed(&param.ty, value, default.span)
                    .unwrap_or(Value::Unknown)
            }
            (None, None) if param.ty.optional => Value::Null,
            (None, None) => {
                let diagnostic = Diagnostic::new(
                    &codes::UNBOUND_PARAMETER,
                    param.name.span,
                    format!("the parameter `{name}` has no value"),
                )
                .help(format!(
                    "give it one: `--set {name}=…`, or a default: `param {name}: … = …`"
                ));
                self.report(diagnostic);
                Value::Unknown
            }
        }
    }

    fn bound(&mut self, param: &Param, bound: &serde_json::Value) -> Value {
        let mut said = Diagnostics::new();
        let value = bound_value(&param.ty, bound, param.span, &mut said);
        let wrong = |detail: String| {
            Diagnostic::new(
                &codes::UNBOUND_PARAMETER,
                param.name.span,
                format!(
                    "the value bound to `{}`, {bound}, does not fit its type: {detail}",
                    param.name.name
                ),
            )
            .secondary(param.ty.span, "declared so here")
        };
        let Some(value) = value.filter(|_| said.is_empty()) else {
            let detail = said
                .iter()
                .next()
                .map_or_else(|| bound.to_string(), |d| d.message.clone());
            self.report(wrong(detail));
            return Value::Unknown;
        };
        let before = std::mem::take(self.diagnostics);
        let value = match value {
            Bound::Value(value) => value,
            Bound::Expr(expr) => self.eval(&expr, kind_of(&param.ty)),
        };
        let value = self.typed(&param.ty, value, param.name.span);
        let told = std::mem::replace(self.diagnostics, before);
        // Where a recipe's own text would be at fault, it is not: nothing of it is to be changed.
        let (faults, notes): (Vec<_>, Vec<_>) =
            told.iter().partition(|told| told.severity() == Severity::Error);
        notes.into_iter().for_each(|note| self.report(note.clone()));
        match (value, faults.first()) {
            (Some(value), None) => value,
            (_, fault) => {
                self.report(wrong(
                    fault.map_or_else(|| bound.to_string(), |fault| fault.message.clone()),
                ));
                Value::Unknown
            }
        }
    }

    /// What a declared type makes of a value; says why not.
    fn typed(&mut self, ty: &TypeExpr, value: Value, span: Span) -> Option<Value> {
        if value == Value::Unknown || (ty.optional && value == Value::Null) {
            return Some(value);
        }
        match (&ty.kind, value) {
            (TypeKind::Named(name), value) => match kind_of(ty) {
                Some(kind) => self.accept(kind, value, span, None),
                None => {
                    let names = TYPES.iter().map(|(name, _)| *name);
                    let diagnostic =
                        Diagnostic::new(&codes::WRONG_TYPE, ty.span, format!("there is no type `{name}`"))
                            .did_you_mean(ty.span, name, names.clone())
                            .help(format!(
                                "the types are {}, list<T> and records",
                                names.collect::<Vec<_>>().join(", ")
                            ));
                    self.report(diagnostic);
                    None
                }
            },
            (TypeKind::List(item), Value::List(values)) => {
                let mut typed = Vec::new();
                for (value, span) in values {
                    typed.push((self.typed(item, value, span)?, span));
                }
                Some(Value::List(typed))
            }
            (TypeKind::Record(fields), Value::Record(values)) => {
                let mut typed = Vec::new();
                for (name, _, at) in &values {
                    if !fields.iter().any(|field| field.name.name == *name) {
                        let known = fields.iter().map(|field| field.name.name.as_str());
                        let message = format!("the record has no field `{name}`");
                        let diagnostic = Diagnostic::new(&codes::UNKNOWN_FIELD, *at, message)
                            .did_you_mean(*at, name, known);
                        self.report(diagnostic);
                        return None;
                    }
                }
                for field in fields {
                    let written = values.iter().find(|(name, ..)| *name == field.name.name);
                    let (value, at) = match (written, &field.default) {
                        (Some((_, value, at)), _) => (value.clone(), *at),
                        (None, Some(default)) => (self.eval(default, kind_of(&field.ty)), default.span),
                        (None, None) if field.ty.optional => (Value::Null, span),
                        (None, None) => {
                            let message = format!("the field `{}` is missing", field.name.name);
                            self.fail(&codes::MISSING_ARGUMENT, span, message);
                            return None;
                        }
                    };
                    typed.push((field.name.name.clone(), self.typed(&field.ty, value, at)?, at));
                }
                Some(Value::Record(typed))
            }
            (kind, value) => {
                let wanted = if matches!(kind, TypeKind::List(_)) {
                    "a list"
                } else {
                    "a record"
                };
                let message = format!("expected {wanted}, found {}", value.describe());
                self.fail(&codes::WRONG_TYPE, span, message);
                None
            }
        }
    }
}

fn kind_of(ty: &TypeExpr) -> Option<&'static ParamType> {
    match &ty.kind {
        TypeKind::Named(name) => TYPES
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, kind)| kind),
        _ => None,
    }
}

/// A bound value: known, or an expression to evaluate.
enum Bound {
    Value(Value),
    Expr(Expr),
}

/// Reads what a job binds, as the declared type says: literal text for text, expression source for the rest.
fn bound_value(
    ty: &TypeExpr,
    bound: &serde_json::Value,
    span: Span,
    said: &mut Diagnostics,
) -> Option<Bound> {
    use serde_json::Value as Json;
    let is_text = matches!(&ty.kind, TypeKind::Named(name) if name == "string" || name == "path");
    Some(match (bound, &ty.kind) {
        (Json::Null, _) => Bound::Value(Value::Null),
        (Json::String(text), _) if is_text => Bound::Value(Value::Text(text.clone())),
        (Json::String(source), _) => Bound::Expr(expression(source, span, said)?),
        (Json::Bool(value), _) if !is_text => Bound::Value(Value::Bool(*value)),
        (Json::Bool(value), _) => Bound::Value(Value::Text(value.to_string())),
        (Json::Number(number), _) if is_text => Bound::Value(Value::Text(number.to_string())),
        (Json::Number(number), _) => Bound::Expr(expression(&number.to_string(), span, said)?),
        (Json::Array(items), TypeKind::List(item)) => {
            let exprs = items
                .iter()
                .map(|bound| match bound_value(item, bound, span, said)? {
                    Bound::Value(value) => Some((value, span)),
                    Bound::Expr(expr) => Some((literal(&expr)?, span)),
                });
            Bound::Value(Value::List(exprs.collect::<Option<_>>()?))
        }
        (Json::Object(entries), TypeKind::Record(fields)) => {
            let mut values = Vec::new();
            for (name, bound) in entries {
                let ty = fields
                    .iter()
                    .find(|field| field.name.name == *name)
                    .map(|field| &field.ty);
                let value = match ty {
                    None => Value::Null,
                    Some(ty) => match bound_value(ty, bound, span, said)? {
                        Bound::Value(value) => value,
                        Bound::Expr(expr) => literal(&expr)?,
                    },
                };
                values.push((name.clone(), value, span));
            }
            Bound::Value(Value::Record(values))
        }
        _ => return None,
    })
}

fn expression(source: &str, span: Span, said: &mut Diagnostics) -> Option<Expr> {
    let text = ast::Text {
        value: source.to_owned(),
        map: Vec::new(),
    };
    vidc_dsl::text::parse_expression(&text, span, &Signatures::default(), said)
}

/// The value of an expression that names nothing; bound lists and records hold only such.
fn literal(expr: &Expr) -> Option<Value> {
    match &expr.kind {
        ExprKind::Literal(literal) => Value::from_literal(&literal.value),
        ExprKind::Name(name) => Some(Value::Symbol(name.clone())),
        _ => None,
    }
}
