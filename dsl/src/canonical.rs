//! Puts calls and records into canonical form, the same from both syntaxes.

use std::collections::HashMap;

use crate::ast::{Arg, ExprKind, Ident};
use crate::{Diagnostic, Signatures, Span, codes};

/// Returns the arguments of a call in canonical form: each name once, the primary argument first and unnamed. Others
/// are reported and dropped. The arguments of an unknown callable stay as written.
pub(crate) fn arguments(
    callee: &str,
    args: Vec<Arg>,
    signatures: &Signatures,
    report: &mut Vec<Diagnostic>,
) -> Vec<Arg> {
    let primary = signatures
        .get(callee)
        .and_then(|signature| signature.primary())
        .map(|(name, _)| name.as_str());
    let mut args = positional_first(callee, args, report);
    if let Some(primary) = primary {
        unname_primary(primary, &mut args, report);
    }
    unique(args, "argument", report)
}

/// Returns the fields of a record in canonical form: each name once.
pub(crate) fn fields(fields: Vec<Arg>, report: &mut Vec<Diagnostic>) -> Vec<Arg> {
    unique(fields, "field", report)
}

/// Reports positional arguments other than the first.
fn positional_first(callee: &str, args: Vec<Arg>, report: &mut Vec<Diagnostic>) -> Vec<Arg> {
    let mut kept: Vec<Arg> = Vec::with_capacity(args.len());
    for arg in args {
        if arg.name.is_some() || kept.is_empty() {
            kept.push(arg);
            continue;
        }
        if matches!(arg.value.kind, ExprKind::Error) {
            continue;
        }
        let span = arg.span;
        let wrong = |message: String| Diagnostic::new(&codes::POSITIONAL, span, message);
        if kept[0].name.is_none() {
            let message = format!("only the first argument of `{callee}` can be positional");
            let diagnostic = wrong(message)
                .label("name this argument, as in `name: value`")
                .secondary(kept[0].span, "the positional argument");
            report.push(match callee {
                "concat" => diagnostic.help("pass several clips as one list: `concat([a, b])`"),
                _ => diagnostic,
            });
        } else {
            let message = format!("the positional argument of `{callee}` must come first");
            report.push(
                wrong(message)
                    .label("move this to the front, or name it")
                    .secondary(kept[0].span, "this argument comes before it"),
            );
            kept.insert(0, arg);
        }
    }
    kept
}

/// Moves the argument with the primary name to the front and drops the name.
fn unname_primary(primary: &str, args: &mut Vec<Arg>, report: &mut Vec<Diagnostic>) {
    let named = |arg: &Arg| arg.name.as_ref().is_some_and(|name| name.name == primary);
    let Some(index) = args.iter().position(named) else {
        return;
    };
    let mut arg = args.remove(index);
    let first = args.first().filter(|first| first.name.is_none());
    match (first, arg.name.take()) {
        (Some(first), Some(name)) => report.push(duplicate(&name, first.span, "argument")),
        _ => args.insert(0, arg),
    }
}

fn unique(args: Vec<Arg>, what: &str, report: &mut Vec<Diagnostic>) -> Vec<Arg> {
    let mut seen: HashMap<String, Span> = HashMap::new();
    let mut kept = Vec::with_capacity(args.len());
    for arg in args {
        if let Some(name) = &arg.name {
            if let Some(first) = seen.get(&name.name) {
                report.push(duplicate(name, *first, what));
                continue;
            }
            seen.insert(name.name.clone(), name.span);
        }
        kept.push(arg);
    }
    kept
}

fn duplicate(name: &Ident, first: Span, what: &str) -> Diagnostic {
    let message = format!("{what} `{}` is given twice", name.name);
    Diagnostic::new(&codes::DUPLICATE_ARGUMENT, name.span, message)
        .label("given again here")
        .secondary(first, "first given here")
}
