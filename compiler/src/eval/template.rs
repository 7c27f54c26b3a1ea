//! Expands the `{{ }}` templates in texts.

use std::collections::BTreeMap;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Value as Jinja, ValueKind};
use minijinja::{Environment, ErrorKind, UndefinedBehavior};
use vidc_dsl::ast::Text;
use vidc_dsl::{Diagnostic, Span};

use super::Evaluator;
use crate::codes;
use crate::value::{Dimension, Value};

/// Instructions a template may execute; enough for a loop of a few hundred iterations.
const FUEL: u64 = 50_000;
/// The longest text a template may produce, in bytes.
const MAX_OUTPUT: usize = 64 * 1024;

/// Functions of minijinja that every template can call.
const GLOBALS: &[&str] = &["range", "dict", "namespace", "debug"];

impl Evaluator<'_> {
    /// The value of a text, with its templates expanded.
    pub(super) fn template(&mut self, text: &Text, span: Span) -> Value {
        if !text.value.contains("{{") && !text.value.contains("{%") && !text.value.contains("{#") {
            return Value::Text(text.value.clone());
        }
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        // Print booleans as the recipe language writes them, not as Python does.
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
        let mut is_complete = true;
        for name in names.into_iter().filter(|name| !GLOBALS.contains(&name.as_str())) {
            // A hyphen is a minus sign in a template, so `lead-in` and fields are written with underscores there.
            let hyphenated = name.replace('_', "-");
            let value = match self.lookup(&name, span) {
                None if hyphenated != name => self.lookup(&hyphenated, span),
                value => value,
            };
            match value {
                Some(value) => {
                    is_complete &= value != Value::Unknown;
                    context.insert(name, self.jinja(&value));
                }
                None => {
                    self.report_unknown_name(text, &name, span);
                    is_complete = false;
                }
            }
        }
        if !is_complete {
            return Value::Unknown;
        }
        match template.render(Jinja::from(context)) {
            Ok(text) if text.len() <= MAX_OUTPUT => Value::Text(text),
            Ok(_) => self.fail(
                &codes::TEMPLATE,
                span,
                "the template produces more than 64 KiB of text",
            ),
            Err(error) => self.template_error(text, span, &error),
        }
    }

    /// Reports a name in a template that nothing declares.
    fn report_unknown_name(&mut self, text: &Text, name: &str, span: Span) {
        let found = text
            .value
            .match_indices(name)
            .find(|(at, _)| is_whole_word(&text.value, *at, name.len()));
        let range = found.map(|(at, name)| at..at + name.len());
        let at = range.and_then(|range| text.locate(range, span)).unwrap_or(span);
        let message = format!("unknown name `{name}` in this template");
        let names: Vec<String> = self
            .declared_names()
            .iter()
            .map(|name| name.replace('-', "_"))
            .collect();
        let names = names.iter().map(String::as_str);
        self.report(Diagnostic::new(&codes::TEMPLATE, at, message).did_you_mean(at, name, names));
    }

    /// Reports an error of minijinja's.
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
            ErrorKind::SyntaxError if is_unclosed(&text.value) => {
                Diagnostic::new(&codes::TEMPLATE, at, "this template is never closed")
                    .help("close `{{` with `}}`; for literal braces, write `{{ \"{{\" }}`")
            }
            ErrorKind::OutOfFuel => Diagnostic::new(&codes::TEMPLATE, at, "the template runs too long"),
            _ => {
                let detail = error
                    .detail()
                    .map_or_else(|| error.kind().to_string(), str::to_owned);
                Diagnostic::new(&codes::TEMPLATE, at, format!("invalid template: {detail}"))
            }
        };
        self.report(diagnostic);
        Value::Unknown
    }

    /// A value as a template sees it.
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

/// Whether the last `{{` of a text has no `}}` after it.
fn is_unclosed(text: &str) -> bool {
    text.rfind("{{")
        .is_some_and(|start| !text[start..].contains("}}"))
}

/// Whether the `length` bytes at `at` are a whole word: no letter, digit or underscore precedes or follows them.
fn is_whole_word(text: &str, at: usize, length: usize) -> bool {
    let continues = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    !continues(text[..at].chars().next_back()) && !continues(text[at + length..].chars().next())
}
