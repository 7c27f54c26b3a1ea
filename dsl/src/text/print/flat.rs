//! Prints expressions and types on one line.

use crate::ast::{Arg, BinaryOp, Call, Comments, Expr, ExprKind, LiteralValue, TypeExpr, TypeKind};

use super::super::chain::Power;
use super::super::string::quote;

/// Prints an expression on one line, without its comments.
pub(in crate::text) fn one_line(expr: &Expr) -> String {
    let mut flat = Flat::any_length();
    flat.expr(expr, Power::Pipe);
    flat.finish()
}

/// Prints a type on one line.
pub(in crate::text) fn type_line(ty: &TypeExpr) -> String {
    let mut flat = Flat::any_length();
    flat.type_expr(ty);
    flat.finish()
}

/// A line being printed; fails when it grows too long or would lose a comment.
pub(super) struct Flat {
    out: String,
    /// Maximum number of bytes; `None` for any length, without comments.
    limit: Option<usize>,
}

/// Result of printing on one line; `None` if something does not fit.
type Written = Option<()>;

impl Flat {
    /// A line of any length, without comments.
    pub(super) fn any_length() -> Self {
        Flat {
            out: String::new(),
            limit: None,
        }
    }

    /// The line that `write` prints, if it has at most `width` characters and no comments.
    pub(super) fn fitting(width: usize, write: impl FnOnce(&mut Flat) -> Written) -> Option<String> {
        let mut flat = Flat {
            out: String::new(),
            // A character has at most four bytes.
            limit: Some(width * 4),
        };
        write(&mut flat)?;
        (flat.out.chars().count() <= width).then_some(flat.out)
    }

    /// The line.
    pub(super) fn finish(self) -> String {
        self.out
    }

    fn push(&mut self, text: &str) -> Written {
        self.out.push_str(text);
        self.limit
            .is_none_or(|limit| self.out.len() <= limit)
            .then_some(())
    }

    fn comments(&self, comments: &Comments) -> Written {
        (self.limit.is_none() || comments.is_empty()).then_some(())
    }

    /// Prints an expression, in parentheses if it binds less tightly than `least`.
    pub(super) fn expr(&mut self, expr: &Expr, least: Power) -> Written {
        if power(expr) < least {
            self.push("(")?;
            self.bare(expr)?;
            return self.push(")");
        }
        self.bare(expr)
    }

    fn bare(&mut self, expr: &Expr) -> Written {
        match &expr.kind {
            ExprKind::Literal(literal) => self.push(&literal.raw),
            ExprKind::Text(text) => self.push(&quote(&text.value)),
            ExprKind::Name(name) => self.push(name),
            ExprKind::Error => self.push("null"),
            ExprKind::Member { object, field } => {
                self.expr(object, Power::Operand)?;
                self.push(".")?;
                self.push(&field.name)
            }
            ExprKind::Call(call) => {
                self.push(&call.name.name)?;
                self.args("(", &call.args, ")")
            }
            ExprKind::Pipeline { source, stages } => {
                self.expr(source, Power::Range)?;
                stages.iter().try_for_each(|stage| {
                    self.push(" | ")?;
                    self.stage(stage)
                })
            }
            ExprKind::List(items) => {
                self.push("[")?;
                for (index, item) in items.iter().enumerate() {
                    self.comments(&item.comments)?;
                    self.push(if index > 0 { ", " } else { "" })?;
                    self.expr(item, Power::Pipe)?;
                }
                self.push("]")
            }
            ExprKind::Record(fields) => self.args("{", fields, "}"),
            ExprKind::Range { start, end } => {
                if let Some(start) = start {
                    self.expr(start, Power::Or)?;
                }
                self.push("..")?;
                match end {
                    Some(end) => self.expr(end, Power::Or),
                    None => Some(()),
                }
            }
            ExprKind::Unary { op, operand } => {
                self.push(prefix(*op))?;
                self.expr(operand, Power::of_unary(*op))
            }
            ExprKind::Binary { op, left, right } => {
                let power = Power::of_binary(*op);
                self.expr(left, power)?;
                self.push(&infix(*op, left, right))?;
                self.expr(right, power.above())
            }
        }
    }

    /// One operation of a pipeline; without arguments, just its name.
    pub(super) fn stage(&mut self, stage: &Call) -> Written {
        self.comments(&stage.comments)?;
        self.push(&stage.name.name)?;
        if stage.args.is_empty() {
            return Some(());
        }
        self.args("(", &stage.args, ")")
    }

    /// Arguments or fields in brackets.
    pub(super) fn args(&mut self, open: &str, args: &[Arg], close: &str) -> Written {
        self.push(open)?;
        for (index, arg) in args.iter().enumerate() {
            self.comments(&arg.comments)?;
            self.push(if index > 0 { ", " } else { "" })?;
            if let Some(name) = &arg.name {
                self.push(&name.name)?;
                self.push(": ")?;
            }
            self.expr(&arg.value, Power::Pipe)?;
        }
        self.push(close)
    }

    /// A type.
    pub(super) fn type_expr(&mut self, ty: &TypeExpr) -> Written {
        match &ty.kind {
            TypeKind::Named(name) => self.push(name)?,
            TypeKind::List(item) => {
                self.push("list<")?;
                self.type_expr(item)?;
                self.push(">")?;
            }
            TypeKind::Record(fields) => {
                self.push("{")?;
                for (index, field) in fields.iter().enumerate() {
                    self.push(if index > 0 { ", " } else { "" })?;
                    self.push(&field.name.name)?;
                    self.push(": ")?;
                    self.type_expr(&field.ty)?;
                    if let Some(default) = &field.default {
                        self.push(" = ")?;
                        self.expr(default, Power::Pipe)?;
                    }
                }
                self.push("}")?;
            }
        }
        self.push(if ty.optional { "?" } else { "" })
    }
}

/// The binding power of an expression's outermost operator as printed.
pub(super) fn power(expr: &Expr) -> Power {
    match &expr.kind {
        ExprKind::Pipeline { .. } => Power::Pipe,
        ExprKind::Range { .. } => Power::Range,
        ExprKind::Unary { op, .. } => Power::of_unary(*op),
        ExprKind::Binary { op, .. } => Power::of_binary(*op),
        ExprKind::Literal(literal) if literal.raw.starts_with('-') => Power::Negation,
        _ => Power::Operand,
    }
}

/// A prefix operator as printed.
pub(super) fn prefix(op: crate::ast::UnaryOp) -> &'static str {
    match op {
        crate::ast::UnaryOp::Neg => "-",
        crate::ast::UnaryOp::Not => "not ",
    }
}

/// An infix operator as printed: with spaces around it, except in a ratio of plain numbers such as `16/9`.
pub(super) fn infix(op: BinaryOp, left: &Expr, right: &Expr) -> String {
    let plain = |expr: &Expr| matches!(&expr.kind, ExprKind::Literal(l) if matches!(l.value, LiteralValue::Number(_)));
    if op == BinaryOp::Div && plain(left) && plain(right) {
        return "/".to_string();
    }
    format!(" {} ", op.symbol())
}
