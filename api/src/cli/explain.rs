//! `vidc explain`: what a diagnostic's code means.

use clap::Args;
use vidc_dsl::{Code, nearest};

use super::exit::Failure;
use super::output::Output;

/// Arguments of `vidc explain`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The code, as diagnostics show it; without one, all codes are listed
    code: Option<String>,
}

pub(super) fn run(arguments: Arguments, output: &Output) -> Result<(), Failure> {
    match &arguments.code {
        None => output.print(&list()),
        Some(id) => match codes().find(|code| code.id == id) {
            Some(code) => output.print(&explanation(code)),
            None => Err(unknown(id)),
        },
    }
}

/// Every code of the language and of the compiler.
fn codes() -> impl Iterator<Item = &'static Code> {
    [vidc_dsl::codes::ALL, vidc_compiler::codes::ALL]
        .into_iter()
        .flatten()
        .copied()
}

/// One line a code.
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

/// What it means, with a wrong and a right recipe.
fn explanation(code: &Code) -> String {
    let indented = |text: &str| -> String { text.lines().map(|line| format!("    {line}\n")).collect() };
    format!(
        "{} ({})\n\n{}\n\nWrong:\n\n{}\nRight:\n\n{}",
        code.id,
        code.severity.name(),
        code.explanation,
        indented(code.wrong),
        indented(code.right),
    )
}

fn unknown(id: &str) -> Failure {
    let hint = match nearest(id, codes().map(|code| code.id)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`vidc explain` lists them".to_owned(),
    };
    Failure::usage(format!("there is no diagnostic `{id}`; {hint}"))
}
