//! The canonical form of calls and records, the same from both syntaxes.

use std::collections::HashMap;

use crate::ast::{Arg, ExprKind, Ident};
use crate::{Diagnostic, Signatures, Span, codes};

/// The arguments of a call as the tree keeps them: each name once, the primary argument first and unnamed. Whatever
/// cannot stand so is reported and left out. The arguments of an unknown callable stay as they are written.
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
        name_away(primary, &mut args, report);
    }
    unique(args, "argument", report)
}

/// The fields of a record as the tree keeps them: each name once.
pub(crate) fn fields(fields: Vec<Arg>, report: &mut Vec<Diagnostic>) -> Vec<Arg> {
    unique(fields, "field", report)
}

/// Lets only the first argument stand without a name.
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
            let message = format!("only the first argument of `{callee}` may stand without a name");
            let diagnostic = wrong(message)
                .label("give this one its name, as in `name: value`")
                .secondary(kept[0].span, "the first one");
            report.push(match callee {
                "concat" => diagnostic.help("several clips are one argument, a list: `concat([a, b])`"),
                _ => diagnostic,
            });
        } else {
            let message = format!("the argument of `{callee}` without a name comes first");
            report.push(
                wrong(message)
                    .label("move this one to the front, or give it its name")
                    .secondary(kept[0].span, "what stands before it"),
            );
            kept.insert(0, arg);
        }
    }
    kept
}

/// Moves the argument of the primary name to the front, unnamed.
fn name_away(primary: &str, args: &mut Vec<Arg>, report: &mut Vec<Diagnostic>) {
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
        .label("the second time")
        .secondary(first, "the first time")
}
