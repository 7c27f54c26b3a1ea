//! `vidc ops`: documents operations, codecs and transitions.

use clap::Args;
use vidc_compiler::catalogue::{
    self, Input, OUTPUT, Operation, ParamDefault, ParamSpec, ParamType, VariantDef,
};
use vidc_dsl::nearest;

use super::failure::Failure;
use super::terminal::Terminal;

/// Arguments of `vidc ops`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Operation, codec or transition to document; omit to list all of them
    name: Option<String>,
}

pub(super) fn run(arguments: Arguments, terminal: &Terminal) -> Result<(), Failure> {
    let Some(name) = &arguments.name else {
        return terminal.print(&list());
    };
    match page(name) {
        Some(page) => terminal.print(&page),
        None => Err(unknown(name)),
    }
}

/// All names with their summaries, grouped.
fn list() -> String {
    let mut operations: Vec<&Operation> = catalogue::operations().collect();
    operations.sort_by_key(|operation| (operation.group, operation.name));
    let width = names().map(str::len).max().unwrap_or(0);
    let mut text = String::new();
    let mut group = None;
    for operation in operations {
        if group != Some(operation.group) {
            group = Some(operation.group);
            text.push_str(&format!("{:?}\n", operation.group));
        }
        text.push_str(&format!("  {:width$}  {}\n", operation.name, operation.summary));
    }
    text.push_str(&format!(
        "Statements\n  {:width$}  {}\n",
        "output", "Write a clip to a file."
    ));
    text.push_str("Codecs and transitions\n");
    for variant in catalogue::variants() {
        text.push_str(&format!("  {:width$}  {}\n", variant.name, variant.summary));
    }
    text
}

/// The documentation of a name. A few names have several meanings.
fn page(name: &str) -> Option<String> {
    let statement = (name == "output").then(output_page);
    let operation = catalogue::operation(name).map(operation_page);
    let variants = catalogue::variants_named(name).map(variant_page);
    let pages: Vec<String> = statement.into_iter().chain(operation).chain(variants).collect();
    (!pages.is_empty()).then(|| pages.join("\n"))
}

fn operation_page(operation: &Operation) -> String {
    let flow = match operation.input {
        Input::Nothing => "",
        Input::Clip => "clip | ",
    };
    let mut text = format!("{flow}{}: {}\n", operation.name, operation.summary);
    text.push_str(&parameters(operation.params));
    if !operation.examples.is_empty() {
        text.push_str("\nExamples:\n");
        for example in operation.examples {
            for line in example.lines() {
                text.push_str(&format!("  {line}\n"));
            }
        }
    }
    text
}

fn variant_page(variant: &VariantDef) -> String {
    format!(
        "{}: {}\n{}",
        variant.name,
        variant.summary,
        parameters(variant.params)
    )
}

fn output_page() -> String {
    format!("output: Write a clip to a file.\n{}", parameters(OUTPUT))
}

/// One paragraph per parameter: name, meaning, accepted values and default.
fn parameters(params: &'static [ParamSpec]) -> String {
    let mut text = String::new();
    let primary = catalogue::primary(params).map(|param| param.name);
    for param in params {
        let position = if primary == Some(param.name) {
            " (may be given by position)"
        } else {
            ""
        };
        text.push_str(&format!(
            "\n  {}{position}\n      {}\n",
            param.name,
            sentence(param.help)
        ));
        text.push_str(&format!("      {}; {}\n", param.ty.describe(), default(param)));
        let fields = match &param.ty {
            ParamType::Record(fields) => Some(fields),
            ParamType::List(ParamType::Record(fields)) => Some(fields),
            _ => None,
        };
        for field in fields.into_iter().flat_map(|fields| fields.iter()) {
            let ty = field.ty.describe();
            text.push_str(&format!(
                "        {}: {}; {ty}; {}\n",
                field.name,
                field.help,
                default(field)
            ));
        }
    }
    text
}

fn default(param: &ParamSpec) -> String {
    match param.default {
        ParamDefault::Required => "required".to_owned(),
        ParamDefault::Absent => "optional".to_owned(),
        ParamDefault::Value(constant) => match constant.value().as_text() {
            Some(text) => format!("default {text}"),
            None => "optional".to_owned(),
        },
    }
}

/// Capitalizes the first letter.
fn sentence(help: &str) -> String {
    let mut letters = help.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// All documented names.
fn names() -> impl Iterator<Item = &'static str> {
    let variants = catalogue::variants().map(|variant| variant.name);
    catalogue::operations()
        .map(|operation| operation.name)
        .chain(variants)
        .chain(["output"])
}

fn unknown(name: &str) -> Failure {
    let hint = match nearest(name, names()) {
        Some(similar) => format!("did you mean `{similar}`?"),
        None => "`vidc ops` lists all operations".to_owned(),
    };
    Failure::usage(format!("unknown operation `{name}`; {hint}"))
}
