//! Matches arguments to parameters, checks their types and fills in defaults.

use vidc_dsl::ast::Arg;
use vidc_dsl::{Diagnostic, Span};

use super::Evaluator;
use crate::catalogue::{self, ParamDefault, ParamSpec, ParamType};
use crate::codes;
use crate::param::Refusal;
use crate::time::Rational;
use crate::value::{Args, Value, Variant};

impl Evaluator<'_> {
    /// Checks arguments against `params` and fills in defaults; `None` if any is invalid or unknown.
    ///
    /// `frame_rate` is that of the input clip, which converts frame counts to times.
    pub(super) fn arguments(
        &mut self,
        callee: &str,
        params: &'static [ParamSpec],
        args: &[Arg],
        span: Span,
        frame_rate: Option<Rational>,
    ) -> Option<Args> {
        let mut checked = Args::default();
        let (mut valid, mut has_unknown_name) = (true, false);
        for arg in args {
            let param = match &arg.name {
                None => catalogue::primary(params),
                Some(name) => params.iter().find(|param| param.name == name.name),
            };
            let Some(param) = param else {
                self.report_unknown_parameter(callee, params, arg);
                (valid, has_unknown_name) = (false, true);
                continue;
            };
            let value = self.eval(&arg.value, Some(&param.ty));
            let accepted = self.accept(&param.ty, value, arg.value.span, frame_rate);
            valid &= accepted.is_some();
            checked.insert(param.name, accepted.unwrap_or(Value::Unknown), arg.value.span);
        }
        for param in params {
            if checked.span(param.name).is_some() && checked.value(param.name).is_some() {
                continue;
            }
            match param.default {
                ParamDefault::Absent => {}
                ParamDefault::Value(constant) => {
                    let value = self.accept(&param.ty, constant.value(), span, frame_rate)?;
                    checked.replace(param.name, value, span);
                }
                // The argument with the unknown name may be a misspelling of this one.
                ParamDefault::Required if has_unknown_name => {}
                ParamDefault::Required => {
                    valid = false;
                    let message = format!("`{callee}` requires `{}`", param.name);
                    let diagnostic = Diagnostic::new(&codes::MISSING_ARGUMENT, span, message)
                        .label(format!("missing `{}`", param.name))
                        .help(format!(
                            "`{}`: {}; {}",
                            param.name,
                            param.help,
                            param.ty.describe()
                        ));
                    self.report(diagnostic);
                }
            }
        }
        (valid && !checked.any_unknown()).then_some(checked)
    }

    /// Reports an argument that matches no parameter.
    fn report_unknown_parameter(&mut self, callee: &str, params: &'static [ParamSpec], arg: &Arg) {
        let known: Vec<&str> = params.iter().map(|param| param.name).collect();
        let Some(name) = &arg.name else {
            let placeholders: Vec<String> = known.iter().map(|name| format!("{name}: …")).collect();
            let diagnostic = match params {
                [] => Diagnostic::new(
                    &codes::UNKNOWN_PARAMETER,
                    arg.span,
                    format!("`{callee}` takes no arguments"),
                ),
                _ => Diagnostic::new(
                    &codes::UNKNOWN_PARAMETER,
                    arg.span,
                    format!("arguments of `{callee}` must be named"),
                )
                .help(format!("write `{callee}({})`", placeholders.join(", "))),
            };
            return self.report(diagnostic);
        };
        let message = format!("`{callee}` has no parameter `{}`", name.name);
        let mut diagnostic = Diagnostic::new(&codes::UNKNOWN_PARAMETER, name.span, message).did_you_mean(
            name.span,
            &name.name,
            known.iter().copied(),
        );
        let intended = diagnostic
            .suggestions
            .first()
            .map(|suggestion| &suggestion.replacement);
        let intended = params
            .iter()
            .find(|param| Some(param.name) == intended.map(String::as_str));
        if intended.is_none() && !known.is_empty() {
            diagnostic = diagnostic.help(format!("its parameters are: {}", known.join(", ")));
        }
        self.report(diagnostic);
        // Evaluate the argument so that errors in it are reported in the same run.
        if let Some(param) = intended {
            self.eval(&arg.value, Some(&param.ty));
        }
    }

    /// Converts a value to a parameter's type; reports why if it cannot.
    pub(super) fn accept(
        &mut self,
        kind: &'static ParamType,
        value: Value,
        span: Span,
        frame_rate: Option<Rational>,
    ) -> Option<Value> {
        let is_incomplete_range = matches!(value, Value::Range(..)) && value.holds_unknown();
        if is_incomplete_range || matches!(value, Value::Unknown | Value::Null) {
            return Some(value);
        }
        match (kind, value) {
            (ParamType::List(item), Value::List(values)) => {
                let mut accepted = Vec::new();
                let mut valid = true;
                for (value, span) in values {
                    match self.accept(item, value, span, frame_rate) {
                        Some(value) => accepted.push((value, span)),
                        None => valid = false,
                    }
                }
                valid.then_some(Value::List(accepted))
            }
            (ParamType::Record(params), Value::Record(fields)) => {
                self.accept_record(params, fields, span, frame_rate)
            }
            (ParamType::Variant(variants), Value::Symbol(name)) => {
                let Some(variant) = variants.iter().find(|variant| variant.name == name) else {
                    return self.refuse(
                        kind,
                        &Value::Symbol(name.clone()),
                        span,
                        Refusal::UnknownWord(name),
                    );
                };
                let args = self.arguments(variant.name, variant.params, &[], span, frame_rate)?;
                Some(Value::Variant(Variant {
                    name: variant.name,
                    args,
                    span,
                }))
            }
            (ParamType::Variant(variants), Value::Variant(variant))
                if variants.iter().any(|known| known.name == variant.name) =>
            {
                Some(Value::Variant(variant))
            }
            (kind, value) => match kind.accept(value.clone(), frame_rate) {
                Ok(value) => Some(value),
                Err(refusal) => self.refuse(kind, &value, span, refusal),
            },
        }
    }

    /// Checks a record's fields against `params`.
    fn accept_record(
        &mut self,
        params: &'static [ParamSpec],
        fields: Vec<(String, Value, Span)>,
        span: Span,
        frame_rate: Option<Rational>,
    ) -> Option<Value> {
        let mut accepted = Vec::new();
        let mut valid = true;
        for (name, value, at) in fields {
            let Some(param) = params.iter().find(|param| param.name == name) else {
                let known = params.iter().map(|param| param.name);
                let diagnostic = Diagnostic::new(
                    &codes::UNKNOWN_PARAMETER,
                    at,
                    format!("the record has no field `{name}`"),
                )
                .help(format!(
                    "its fields are: {}",
                    known.collect::<Vec<_>>().join(", ")
                ));
                self.report(diagnostic);
                valid = false;
                continue;
            };
            match self.accept(&param.ty, value, at, frame_rate) {
                Some(value) => accepted.push((name, value, at)),
                None => valid = false,
            }
        }
        for param in params
            .iter()
            .filter(|param| param.default == ParamDefault::Required)
        {
            let is_given = accepted
                .iter()
                .any(|(name, value, _)| name == param.name && *value != Value::Null);
            if !is_given && valid {
                let message = format!("missing field `{}`", param.name);
                self.fail(&codes::MISSING_ARGUMENT, span, message);
                valid = false;
            }
        }
        valid.then_some(Value::Record(accepted))
    }

    /// Reports why a parameter's type does not accept a value.
    fn refuse(&mut self, kind: &ParamType, value: &Value, span: Span, refusal: Refusal) -> Option<Value> {
        let expected = kind.describe();
        let diagnostic = match refusal {
            Refusal::Mismatch => {
                let message = format!("expected {expected}, found {}", value.describe());
                let diagnostic = Diagnostic::new(&codes::WRONG_TYPE, span, message);
                match (kind, value) {
                    (ParamType::Clip, Value::Text(path)) => {
                        let open = if is_image_name(path) { "image" } else { "input" };
                        diagnostic.help(format!("open it as a clip: `{open}({path:?})`"))
                    }
                    (ParamType::Clip, Value::List(_)) => {
                        diagnostic.help("join the clips with `concat([…])`")
                    }
                    _ => diagnostic,
                }
            }
            Refusal::NeedsUnit(unit) => {
                let message = format!("expected {expected}, found {}", value.describe());
                let diagnostic = Diagnostic::new(&codes::MISSING_UNIT, span, message);
                let after = Span {
                    start: span.end,
                    ..span
                };
                if let Value::Range(..) = value {
                    let help = format!("add the unit at both ends, such as `1{unit}..5{unit}`");
                    self.report(diagnostic.help(help));
                    return None;
                }
                match self.literals.contains(&span) {
                    true => diagnostic.suggest(after, unit, format!("add the unit: `{unit}`")),
                    false => diagnostic.help(format!("multiply it by a unit, such as `* 1{unit}`")),
                }
            }
            Refusal::OutOfRange(range) => {
                let message = format!("expected {range}, found {}", value.describe());
                let diagnostic = Diagnostic::new(&codes::OUT_OF_RANGE, span, message);
                let after = Span {
                    start: span.end,
                    ..span
                };
                match (kind, value) {
                    (ParamType::Bitrate, Value::Number(number))
                        if *number > Rational::ZERO && self.literals.contains(&span) =>
                    {
                        diagnostic.suggest(after, "k", "for kilobits per second, add `k`")
                    }
                    (ParamType::Fraction, Value::Number(number))
                        if (Rational::from_integer(10)..=Rational::from_integer(100)).contains(number)
                            && self.literals.contains(&span) =>
                    {
                        diagnostic.suggest(after, "%", "for a percentage, add `%`")
                    }
                    _ => diagnostic,
                }
            }
            Refusal::UnknownWord(word) => {
                let words = kind.words();
                Diagnostic::new(
                    &codes::UNKNOWN_WORD,
                    span,
                    format!("expected {expected}, found `{word}`"),
                )
                .did_you_mean(span, &word, words.iter().copied())
            }
            Refusal::FramesWithoutClip => Diagnostic::new(
                &codes::WRONG_TYPE,
                span,
                "a number of frames cannot be converted to a time here, because there is no clip with a frame rate",
            )
            .help("use a time instead, such as `500ms`"),
            Refusal::EmptyRange => {
                let message = format!("{} is empty", value.describe());
                Diagnostic::new(&codes::OUT_OF_RANGE, span, message)
                    .help("a range must end after it starts")
            }
        };
        self.report(diagnostic);
        None
    }
}

/// Whether a file name has the extension of a still image format.
fn is_image_name(path: &str) -> bool {
    let extensions = ["png", "jpg", "jpeg", "webp", "bmp", "tif", "tiff", "gif"];
    let extension = path
        .rsplit_once('.')
        .map(|(_, extension)| extension.to_ascii_lowercase());
    extension.is_some_and(|extension| extensions.contains(&extension.as_str()))
}
