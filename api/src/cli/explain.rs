//! `vidc explain`: explains diagnostic codes.

use clap::Args;
use vidc_dsl::{Code, nearest};

use super::failure::Failure;
use super::terminal::Terminal;

/// Arguments of `vidc explain`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Code as diagnostics show it; omit to list all codes
    code: Option<String>,
}

pub(super) fn run(arguments: Arguments, terminal: &Terminal) -> Result<(), Failure> {
    match &arguments.code {
        None => terminal.print(&list()),
        Some(id) => match codes().find(|code| code.id == id) {
            Some(code) => terminal.print(&explain(code)),
            None => Err(unknown(id)),
        },
    }
}

/// All codes of the language and of the compiler.
fn codes() -> impl Iterator<Item = &'static Code> {
    [vidc_dsl::codes::ALL, vidc_compiler::codes::ALL]
        .into_iter()
        .flatten()
        .copied()
}

/// One line per code: its severity and the first sentence of its explanation.
fn list() -> String {
    let mut codes: Vec<_> = codes().collect();
    codes.sort_by_key(|code| code.id);
    let width = codes.iter().map(|code| code.id.len()).max().unwrap_or(0);
    codes
        .iter()
        .map(|code| {
            let first = code
                .explanation
                .split_inclusive(". ")
                .next()
                .unwrap_or("")
                .trim_end();
            format!("{:width$}  {:7}  {first}\n", code.id, code.severity.name())
        })
        .collect()
}

/// The explanation, with a wrong and a right recipe.
fn explain(code: &Code) -> String {
    let indent = |text: &str| -> String { text.lines().map(|line| format!("    {line}\n")).collect() };
    format!(
        "{} ({})\n\n{}\n\nWrong:\n\n{}\nRight:\n\n{}",
        code.id,
        code.severity.name(),
        code.explanation,
        indent(code.wrong),
        indent(code.right),
    )
}

fn unknown(id: &str) -> Failure {
    let hint = match nearest(id, codes().map(|code| code.id)) {
        Some(similar) => format!("did you mean `{similar}`?"),
        None => "`vidc explain` lists all codes".to_owned(),
    };
    Failure::usage(format!("unknown diagnostic code `{id}`; {hint}"))
}
