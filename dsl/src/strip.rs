//! Removes spans from trees, to compare what two recipes mean.

use crate::Span;
use crate::ast::{Arg, Call, Expr, ExprKind, Ident, Recipe, TypeExpr, TypeKind};

/// Returns the recipe with all spans zeroed and no source maps; names, values and comments stay.
pub fn without_spans(recipe: &Recipe) -> Recipe {
    let mut recipe = recipe.clone();
    if let Some(version) = &mut recipe.version {
        version.span = Span::default();
    }
    for param in &mut recipe.params {
        param.span = Span::default();
        ident(&mut param.name);
        type_expr(&mut param.ty);
        param.default.iter_mut().for_each(expr);
    }
    for input in &mut recipe.inputs {
        input.span = Span::default();
        ident(&mut input.name);
        expr(&mut input.source);
    }
    for binding in &mut recipe.lets {
        binding.span = Span::default();
        ident(&mut binding.name);
        expr(&mut binding.value);
    }
    for output in &mut recipe.outputs {
        output.span = Span::default();
        output.args.iter_mut().for_each(arg);
    }
    recipe
}

fn ident(ident: &mut Ident) {
    ident.span = Span::default();
}

fn type_expr(ty: &mut TypeExpr) {
    ty.span = Span::default();
    match &mut ty.kind {
        TypeKind::Named(_) => {}
        TypeKind::List(item) => type_expr(item),
        TypeKind::Record(fields) => {
            for field in fields {
                ident(&mut field.name);
                type_expr(&mut field.ty);
                field.default.iter_mut().for_each(expr);
            }
        }
    }
}

fn expr(node: &mut Expr) {
    node.span = Span::default();
    match &mut node.kind {
        ExprKind::Literal(_) | ExprKind::Name(_) | ExprKind::Error => {}
        ExprKind::Text(text) => text.map.clear(),
        ExprKind::Member { object, field } => {
            expr(object);
            ident(field);
        }
        ExprKind::Call(inner) => call(inner),
        ExprKind::Pipeline { source, stages } => {
            expr(source);
            stages.iter_mut().for_each(call);
        }
        ExprKind::List(items) => items.iter_mut().for_each(expr),
        ExprKind::Record(fields) => fields.iter_mut().for_each(arg),
        ExprKind::Range { start, end } => {
            for edge in [start, end].into_iter().flatten() {
                expr(edge);
            }
        }
        ExprKind::Unary { operand, .. } => expr(operand),
        ExprKind::Binary { left, right, .. } => {
            expr(left);
            expr(right);
        }
    }
}

fn call(call: &mut Call) {
    call.span = Span::default();
    ident(&mut call.name);
    call.args.iter_mut().for_each(arg);
}

fn arg(arg: &mut Arg) {
    arg.span = Span::default();
    arg.name.iter_mut().for_each(ident);
    expr(&mut arg.value);
}
