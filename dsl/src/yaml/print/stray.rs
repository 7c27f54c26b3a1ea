//! Collects the comments inside an expression that is printed in a scalar.

use crate::ast::{Arg, Comments, Expr, ExprKind};

/// Returns every comment inside an expression, in order.
pub(crate) fn comments_within(expr: &Expr) -> Vec<String> {
    let mut found = Vec::new();
    of_expr(expr, &mut found);
    found
}

/// Every comment of an argument and inside it, in order.
pub(super) fn of_arg(arg: &Arg) -> Vec<String> {
    let mut found = Vec::new();
    around(&arg.comments, &mut found, |found| of_expr(&arg.value, found));
    found
}

fn around(comments: &Comments, found: &mut Vec<String>, inside: impl FnOnce(&mut Vec<String>)) {
    found.extend(comments.before.iter().cloned());
    inside(found);
    found.extend(comments.after.iter().cloned());
}

fn of_args(args: &[Arg], found: &mut Vec<String>) {
    for arg in args {
        found.extend(of_arg(arg));
    }
}

fn of_expr(expr: &Expr, found: &mut Vec<String>) {
    match &expr.kind {
        ExprKind::Literal(_) | ExprKind::Text(_) | ExprKind::Name(_) | ExprKind::Error => {}
        ExprKind::Member { object: inner, .. } | ExprKind::Unary { operand: inner, .. } => {
            of_expr(inner, found)
        }
        ExprKind::Call(call) => of_args(&call.args, found),
        ExprKind::Record(fields) => of_args(fields, found),
        ExprKind::Pipeline { source, stages } => {
            of_expr(source, found);
            for stage in stages {
                around(&stage.comments, found, |found| of_args(&stage.args, found));
            }
        }
        ExprKind::List(items) => {
            for item in items {
                around(&item.comments, found, |found| of_expr(item, found));
            }
        }
        ExprKind::Range { start, end } => {
            for edge in [start, end].into_iter().flatten() {
                of_expr(edge, found);
            }
        }
        ExprKind::Binary { left, right, .. } => {
            of_expr(left, found);
            of_expr(right, found);
        }
    }
}
