//! Evaluates `param` statements: their types, their defaults, and the values that a job binds to them.

use vidc_dsl::ast::{self, Expr, ExprKind, Param, TypeExpr, TypeKind};
use vidc_dsl::{Diagnostic, Diagnostics, Severity, Signatures, Span};

use super::Evaluator;
use crate::catalogue::{Bounds, ParamType};
use crate::codes;
use crate::value::Value;

/// The range of numbers in parameters that declare none.
const UNBOUNDED: Bounds = Bounds {
    min: -1_000_000_000_000,
    max: 1_000_000_000_000,
};

/// Scalar types by name.
static TYPES: &[(&str, ParamType)] = &[
    ("string", ParamType::Text),
    ("path", ParamType::Path),
    ("int", ParamType::Int(UNBOUNDED)),
    ("number", ParamType::Number(UNBOUNDED)),
    ("ratio", ParamType::Number(UNBOUNDED)),
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
                self.bound_param(param, &bound)
            }
            (None, Some(default)) => {
                let value = self.eval(default, scalar_type(&param.ty));
                self.convert(&param.ty, value, default.span)
                    .unwrap_or(Value::Unknown)
            }
            (None, None) if param.ty.optional => Value::Null,
            (None, None) => {
                let diagnostic = Diagnostic::new(
                    &codes::UNBOUND_PARAMETER,
                    param.name.span,
                    format!("parameter `{name}` has no value"),
                )
                .help(format!(
                    "set it with `--set {name}=…`, or give it a default: `param {name}: … = …`"
                ));
                self.report(diagnostic);
                Value::Unknown
            }
        }
    }

    /// The value that a job binds to a parameter.
    ///
    /// All errors in it are reported at the parameter, as one: no text of the recipe is at fault.
    fn bound_param(&mut self, param: &Param, bound: &serde_json::Value) -> Value {
        let mut parse_errors = Diagnostics::new();
        let value = bound_value(&param.ty, bound, param.span, &mut parse_errors);
        let mismatch = |detail: String| {
            Diagnostic::new(
                &codes::UNBOUND_PARAMETER,
                param.name.span,
                format!(
                    "the value {bound} does not match the type of parameter `{}`: {detail}",
                    param.name.name
                ),
            )
            .secondary(param.ty.span, "declared here")
        };
        let Some(value) = value.filter(|_| parse_errors.is_empty()) else {
            let detail = parse_errors
                .iter()
                .next()
                .map_or_else(|| bound.to_string(), |d| d.message.clone());
            self.report(mismatch(detail));
            return Value::Unknown;
        };
        let recipe_diagnostics = std::mem::take(self.diagnostics);
        let value = match value {
            Bound::Value(value) => value,
            Bound::Expr(expr) => self.eval(&expr, scalar_type(&param.ty)),
        };
        let value = self.convert(&param.ty, value, param.name.span);
        let diagnostics = std::mem::replace(self.diagnostics, recipe_diagnostics);
        let (errors, notes): (Vec<_>, Vec<_>) = diagnostics
            .iter()
            .partition(|diagnostic| diagnostic.severity() == Severity::Error);
        notes.into_iter().for_each(|note| self.report(note.clone()));
        match (value, errors.first()) {
            (Some(value), None) => value,
            (_, error) => {
                self.report(mismatch(
                    error.map_or_else(|| bound.to_string(), |error| error.message.clone()),
                ));
                Value::Unknown
            }
        }
    }

    /// Converts a value to a declared type; reports why if it cannot.
    fn convert(&mut self, ty: &TypeExpr, value: Value, span: Span) -> Option<Value> {
        if value == Value::Unknown || (ty.optional && value == Value::Null) {
            return Some(value);
        }
        match (&ty.kind, value) {
            (TypeKind::Named(name), value) => match scalar_type(ty) {
                Some(kind) => self.accept(kind, value, span, None),
                None => {
                    let names = TYPES.iter().map(|(name, _)| *name);
                    let diagnostic =
                        Diagnostic::new(&codes::WRONG_TYPE, ty.span, format!("unknown type `{name}`"))
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
                let mut converted = Vec::new();
                for (value, span) in values {
                    converted.push((self.convert(item, value, span)?, span));
                }
                Some(Value::List(converted))
            }
            (TypeKind::Record(fields), Value::Record(values)) => {
                let mut converted = Vec::new();
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
                        (None, Some(default)) => (self.eval(default, scalar_type(&field.ty)), default.span),
                        (None, None) if field.ty.optional => (Value::Null, span),
                        (None, None) => {
                            let message = format!("missing field `{}`", field.name.name);
                            self.fail(&codes::MISSING_ARGUMENT, span, message);
                            return None;
                        }
                    };
                    converted.push((field.name.name.clone(), self.convert(&field.ty, value, at)?, at));
                }
                Some(Value::Record(converted))
            }
            (kind, value) => {
                let expected = if matches!(kind, TypeKind::List(_)) {
                    "a list"
                } else {
                    "a record"
                };
                let message = format!("expected {expected}, found {}", value.describe());
                self.fail(&codes::WRONG_TYPE, span, message);
                None
            }
        }
    }
}

/// The scalar type that a type expression names.
fn scalar_type(ty: &TypeExpr) -> Option<&'static ParamType> {
    match &ty.kind {
        TypeKind::Named(name) => TYPES
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, kind)| kind),
        _ => None,
    }
}

/// A bound value: complete, or an expression still to be evaluated.
enum Bound {
    Value(Value),
    Expr(Expr),
}

/// Reads a bound JSON value according to the declared type: a string is literal text for `string` and `path`, and the
/// source of an expression for any other type.
fn bound_value(
    ty: &TypeExpr,
    bound: &serde_json::Value,
    span: Span,
    errors: &mut Diagnostics,
) -> Option<Bound> {
    use serde_json::Value as Json;
    let is_text = matches!(&ty.kind, TypeKind::Named(name) if name == "string" || name == "path");
    Some(match (bound, &ty.kind) {
        (Json::Null, _) => Bound::Value(Value::Null),
        (Json::String(text), _) if is_text => Bound::Value(Value::Text(text.clone())),
        (Json::String(source), _) => Bound::Expr(expression(source, span, errors)?),
        (Json::Bool(value), _) if !is_text => Bound::Value(Value::Bool(*value)),
        (Json::Bool(value), _) => Bound::Value(Value::Text(value.to_string())),
        (Json::Number(number), _) if is_text => Bound::Value(Value::Text(number.to_string())),
        (Json::Number(number), _) => Bound::Expr(expression(&number.to_string(), span, errors)?),
        (Json::Array(items), TypeKind::List(item)) => {
            let exprs = items
                .iter()
                .map(|bound| match bound_value(item, bound, span, errors)? {
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
                    Some(ty) => match bound_value(ty, bound, span, errors)? {
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

/// Parses the source of an expression.
fn expression(source: &str, span: Span, errors: &mut Diagnostics) -> Option<Expr> {
    let text = ast::Text {
        value: source.to_owned(),
        map: Vec::new(),
    };
    vidc_dsl::text::parse_expression(&text, span, &Signatures::default(), errors)
}

/// The value of a literal or a word, the only expressions that bound lists and records may contain.
fn literal(expr: &Expr) -> Option<Value> {
    match &expr.kind {
        ExprKind::Literal(literal) => Value::from_literal(&literal.value),
        ExprKind::Name(name) => Some(Value::Symbol(name.clone())),
        _ => None,
    }
}
