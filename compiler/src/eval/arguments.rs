//! Arguments against parameters: which is which, what each may be, and what is left out.

use vidc_dsl::ast::Arg;
use vidc_dsl::{Diagnostic, Span};

use super::Evaluator;
use crate::catalogue::{self, Args, Default, Param, ParamType, Refusal};
use crate::codes;
use crate::time::Rational;
use crate::value::{Value, Variant};

impl Evaluator<'_> {
    /// Checks arguments against parameters, and fills in defaults. None if any is wrong or unknown.
    pub(super) fn arguments(
        &mut self,
        callee: &str,
        params: &'static [Param],
        args: &[Arg],
        span: Span,
        frame_rate: Option<Rational>,
    ) -> Option<Args> {
        let mut checked = Args::default();
        let (mut sound, mut misnamed) = (true, false);
        for arg in args {
            let param = match &arg.name {
                None => catalogue::primary(params),
                Some(name) => params.iter().find(|param| param.name == name.name),
            };
            let Some(param) = param else {
                self.unknown_parameter(callee, params, arg);
                (sound, misnamed) = (false, true);
                continue;
            };
            let value = self.eval(&arg.value, Some(&param.kind));
            let accepted = self.accept(&param.kind, value, arg.value.span, frame_rate);
            sound &= accepted.is_some();
            checked.insert(param.name, accepted.unwrap_or(Value::Unknown), arg.value.span);
        }
        for param in params {
            if checked.span(param.name).is_some() && checked.get(param.name).is_some() {
                continue;
            }
            match param.default {
                Default::Absent => {}
                Default::Value(constant) => {
                    let value = self.accept(&param.kind, constant.value(), span, frame_rate)?;
                    checked.replace(param.name, value, span);
                }
                // It may be the one that was called something else.
                Default::Required if misnamed => {}
                Default::Required => {
                    sound = false;
                    let message = format!("`{callee}` needs `{}`", param.name);
                    let diagnostic = Diagnostic::new(&codes::MISSING_ARGUMENT, span, message)
                        .label(format!("`{}` is missing", param.name))
                        .help(format!(
                            "`{}`: {}; {}",
                            param.name,
                            param.help,
                            param.kind.describe()
                        ));
                    self.report(diagnostic);
                }
            }
        }
        (sound && !checked.any_unknown()).then_some(checked)
    }

    fn unknown_parameter(&mut self, callee: &str, params: &'static [Param], arg: &Arg) {
        let known: Vec<&str> = params.iter().map(|param| param.name).collect();
        let Some(name) = &arg.name else {
            let fields: Vec<String> = known.iter().map(|name| format!("{name}: …")).collect();
            let diagnostic = match params {
                [] => Diagnostic::new(
                    &codes::UNKNOWN_PARAMETER,
                    arg.span,
                    format!("`{callee}` takes nothing"),
                ),
                _ => Diagnostic::new(
                    &codes::UNKNOWN_PARAMETER,
                    arg.span,
                    format!("`{callee}` takes its settings by name"),
                )
                .help(format!("write `{callee}({})`", fields.join(", "))),
            };
            return self.report(diagnostic);
        };
        let message = format!("`{callee}` has no parameter `{}`", name.name);
        let mut diagnostic = Diagnostic::new(&codes::UNKNOWN_PARAMETER, name.span, message).did_you_mean(
            name.span,
            &name.name,
            known.iter().copied(),
        );
        let meant = diagnostic
            .suggestions
            .first()
            .map(|suggestion| &suggestion.replacement);
        let meant = params
            .iter()
            .find(|param| Some(param.name) == meant.map(String::as_str));
        if meant.is_none() && !known.is_empty() {
            diagnostic = diagnostic.help(format!("it has: {}", known.join(", ")));
        }
        self.report(diagnostic);
        // What it holds may be wrong as well, and is worth saying in the same run.
        if let Some(param) = meant {
            self.eval(&arg.value, Some(&param.kind));
        }
    }

    /// What a parameter makes of a value; says why not.
    pub(super) fn accept(
        &mut self,
        kind: &'static ParamType,
        value: Value,
        span: Span,
        frame_rate: Option<Rational>,
    ) -> Option<Value> {
        let half_known = matches!(value, Value::Range(..)) && value.holds_unknown();
        if half_known || matches!(value, Value::Unknown | Value::Null) {
            return Some(value);
        }
        match (kind, value) {
            (ParamType::List(item), Value::List(values)) => {
                let mut accepted = Vec::new();
                let mut sound = true;
                for (value, span) in values {
                    match self.accept(item, value, span, frame_rate) {
                        Some(value) => accepted.push((value, span)),
                        None => sound = false,
                    }
                }
                sound.then_some(Value::List(accepted))
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

    fn accept_record(
        &mut self,
        params: &'static [Param],
        fields: Vec<(String, Value, Span)>,
        span: Span,
        frame_rate: Option<Rational>,
    ) -> Option<Value> {
        let mut accepted = Vec::new();
        let mut sound = true;
        for (name, value, at) in fields {
            let Some(param) = params.iter().find(|param| param.name == name) else {
                let known = params.iter().map(|param| param.name);
                let diagnostic = Diagnostic::new(
                    &codes::UNKNOWN_PARAMETER,
                    at,
                    format!("there is no field `{name}` here"),
                )
                .help(format!("it has: {}", known.collect::<Vec<_>>().join(", ")));
                self.report(diagnostic);
                sound = false;
                continue;
            };
            match self.accept(&param.kind, value, at, frame_rate) {
                Some(value) => accepted.push((name, value, at)),
                None => sound = false,
            }
        }
        for param in params.iter().filter(|param| param.default == Default::Required) {
            if !accepted.iter().any(|(name, ..)| name == param.name) && sound {
                let message = format!("the field `{}` is missing", param.name);
                self.fail(&codes::MISSING_ARGUMENT, span, message);
                sound = false;
            }
        }
        sound.then_some(Value::Record(accepted))
    }

    fn refuse(&mut self, kind: &ParamType, value: &Value, span: Span, refusal: Refusal) -> Option<Value> {
        let wanted = kind.describe();
        let diagnostic = match refusal {
            Refusal::Mismatch => {
                let message = format!("expected {wanted}, found {}", value.describe());
                let diagnostic = Diagnostic::new(&codes::WRONG_TYPE, span, message);
                match (kind, value) {
                    (ParamType::Clip, Value::Text(path)) => {
                        let open = if is_picture(path) { "image" } else { "input" };
                        diagnostic.help(format!("open it as a clip: `{open}({path:?})`"))
                    }
                    (ParamType::Clip, Value::List(_)) => {
                        diagnostic.help("put clips one after the other by `concat([…])`")
                    }
                    _ => diagnostic,
                }
            }
            Refusal::NeedsUnit(unit) => {
                let message = format!("expected {wanted}, found {}", value.describe());
                let diagnostic = Diagnostic::new(&codes::MISSING_UNIT, span, message);
                let behind = Span {
                    start: span.end,
                    ..span
                };
                if let Value::Range(..) = value {
                    let example = format!("write the unit at both ends, such as `1{unit}..5{unit}`");
                    self.report(diagnostic.help(example));
                    return None;
                }
                match self.literals.contains(&span) {
                    true => diagnostic.suggest(behind, unit, format!("write the unit: `{unit}`")),
                    false => diagnostic.help(format!("multiply it by one, such as `* 1{unit}`")),
                }
            }
            Refusal::OutOfRange(range) => {
                let message = format!("expected {range}, found {}", value.describe());
                let diagnostic = Diagnostic::new(&codes::OUT_OF_RANGE, span, message);
                let behind = Span {
                    start: span.end,
                    ..span
                };
                match (kind, value) {
                    (ParamType::Bitrate, Value::Number(number))
                        if *number > Rational::ZERO && self.literals.contains(&span) =>
                    {
                        diagnostic.suggest(behind, "k", "in kilobits a second, write `k`")
                    }
                    (ParamType::Fraction, Value::Number(number))
                        if (Rational::from_integer(10)..=Rational::from_integer(100)).contains(number)
                            && self.literals.contains(&span) =>
                    {
                        diagnostic.suggest(behind, "%", "as a percentage, write `%`")
                    }
                    _ => diagnostic,
                }
            }
            Refusal::UnknownWord(word) => {
                let words = kind.words();
                Diagnostic::new(
                    &codes::UNKNOWN_WORD,
                    span,
                    format!("expected {wanted}, found `{word}`"),
                )
                .did_you_mean(span, &word, words.iter().copied())
            }
            Refusal::FramesWithoutClip => Diagnostic::new(
                &codes::WRONG_TYPE,
                span,
                "there is no clip here whose rate would say how long a frame is",
            )
            .help("write a time instead, such as `500ms`"),
            Refusal::EmptyRange => Diagnostic::new(
                &codes::OUT_OF_RANGE,
                span,
                "the range ends before it starts, or at once",
            ),
        };
        self.report(diagnostic);
        None
    }
}

/// Whether a file's name is that of a still image.
fn is_picture(path: &str) -> bool {
    let pictures = ["png", "jpg", "jpeg", "webp", "bmp", "tif", "tiff", "gif"];
    let ending = path
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_ascii_lowercase());
    ending.is_some_and(|ending| pictures.contains(&ending.as_str()))
}
