//! Texts and the `{{ }}` templates in them.

use std::collections::BTreeMap;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Value as Jinja, ValueKind};
use minijinja::{Environment, ErrorKind, UndefinedBehavior};
use vidc_dsl::ast::Text;
use vidc_dsl::{Diagnostic, Span};

use super::Evaluator;
use crate::codes;
use crate::value::{Dimension, Value};

/// Steps a template may take; a loop of a few hundred rounds fits.
const FUEL: u64 = 50_000;
/// The longest text a template may make, in bytes.
const MAX_OUTPUT: usize = 64 * 1024;

/// Names that every template has.
const GLOBALS: &[&str] = &["range", "dict", "namespace", "debug"];

impl Evaluator<'_> {
    /// A text with its templates expanded.
    pub(super) fn template(&mut self, text: &Text, span: Span) -> Value {
        if !text.value.contains("{{") && !text.value.contains("{%") && !text.value.contains("{#") {
            return Value::Text(text.value.clone());
        }
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        // Booleans as the language writes them, not as Python does.
        environment.set_formatter(|out, state, value| match value.kind() {
            ValueKind::Bool if value.is_true() => Ok(out.write_str("true")?),
            ValueKind::Bool => Ok(out.write_str("false")?),
            _ => minijinja::escape_formatter(out, state, value),
        });
        if let Ok(syntax) = SyntaxConfig::builder().keep_trailing_newline(true).build() {
            environment.set_syntax(syntax);
        }
        let template = match environment.template_from_str(&text.value) {
            Ok(template) => template,
            Err(error) => return self.template_error(text, span, &error),
        };
        let mut context = BTreeMap::new();
        let mut names: Vec<_> = template.undeclared_variables(false).into_iter().collect();
        names.sort();
        let mut known = true;
        for name in names.into_iter().filter(|name| !GLOBALS.contains(&name.as_str())) {
            // A hyphen is a minus in a template, so `lead-in` is `lead_in` there, as fields are.
            let hyphened = name.replace('_', "-");
            let found = match self.lookup(&name, span) {
                None if hyphened != name => self.lookup(&hyphened, span),
                found => found,
            };
            match found {
                Some(value) => {
                    known &= value != Value::Unknown;
                    context.insert(name, self.jinja(&value));
                }
                None => {
                    self.unknown_in_template(text, &name, span);
                    known = false;
                }
            }
        }
        if !known {
            return Value::Unknown;
        }
        match template.render(Jinja::from(context)) {
            Ok(text) if text.len() <= MAX_OUTPUT => Value::Text(text),
            Ok(_) => self.fail(
                &codes::TEMPLATE,
                span,
                "the template makes more than 64 KiB of text",
            ),
            Err(error) => self.template_error(text, span, &error),
        }
    }

    fn unknown_in_template(&mut self, text: &Text, name: &str, span: Span) {
        let found = text
            .value
            .match_indices(name)
            .find(|(at, _)| is_word(&text.value, *at, name.len()));
        let range = found.map(|(at, name)| at..at + name.len());
        let at = range.and_then(|range| text.locate(range, span)).unwrap_or(span);
        let message = format!("there is no `{name}` for this template to use");
        let names: Vec<String> = self.names().iter().map(|name| name.replace('-', "_")).collect();
        let names = names.iter().map(String::as_str);
        self.report(Diagnostic::new(&codes::TEMPLATE, at, message).did_you_mean(at, name, names));
    }

    fn template_error(&mut self, text: &Text, span: Span, error: &minijinja::Error) -> Value {
        let range = error.range();
        let at = range
            .clone()
            .and_then(|range| text.locate(range, span))
            .unwrap_or(span);
        let name = range
            .and_then(|range| text.value.get(range))
            .unwrap_or("")
            .trim()
            .to_owned();
        let diagnostic = match error.kind() {
            ErrorKind::UndefinedError if !name.is_empty() => {
                Diagnostic::new(&codes::TEMPLATE, at, format!("`{name}` is undefined here"))
            }
            ErrorKind::SyntaxError if is_open(&text.value) => {
                Diagnostic::new(&codes::TEMPLATE, at, "this template is never closed")
                    .help("close `{{` by `}}`; to show braces as they are, write `{{ \"{{\" }}`")
            }
            ErrorKind::OutOfFuel => Diagnostic::new(&codes::TEMPLATE, at, "the template runs for too long"),
            _ => {
                let detail = error
                    .detail()
                    .map_or_else(|| error.kind().to_string(), str::to_owned);
                Diagnostic::new(
                    &codes::TEMPLATE,
                    at,
                    format!("the template is not well formed: {detail}"),
                )
            }
        };
        self.report(diagnostic);
        Value::Unknown
    }

    fn jinja(&self, value: &Value) -> Jinja {
        match value {
            Value::Null | Value::Unknown => Jinja::from(()),
            Value::Bool(value) => Jinja::from(*value),
            Value::Number(number) | Value::Quantity(number, Dimension::Pixels) if number.is_integer() => {
                Jinja::from(number.to_integer())
            }
            Value::List(items) => items.iter().map(|(item, _)| self.jinja(item)).collect(),
            Value::Record(_) | Value::Clip(_) | Value::Size(_) => {
                let fields = self.fields(value);
                let fields = fields
                    .iter()
                    .map(|(name, field)| (name.replace('-', "_"), self.jinja(field)));
                Jinja::from(fields.collect::<BTreeMap<_, _>>())
            }
            value => Jinja::from(value.as_text().unwrap_or_default()),
        }
    }
}

/// Whether the last template of a text goes on to its end.
fn is_open(text: &str) -> bool {
    text.rfind("{{")
        .is_some_and(|start| !text[start..].contains("}}"))
}

/// Whether no letter, digit or underscore goes on before or after a part of a text.
fn is_word(text: &str, at: usize, length: usize) -> bool {
    let goes_on = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    !goes_on(text[..at].chars().next_back()) && !goes_on(text[at + length..].chars().next())
}
