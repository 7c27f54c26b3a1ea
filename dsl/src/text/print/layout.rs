//! Prints expressions and types over several lines where they do not fit on one, or have comments.

use crate::ast::{Arg, Call, Comments, Expr, ExprKind, TypeExpr, TypeField, TypeKind};

use super::super::chain::Power;
use super::flat::{Flat, infix, one_line, power, prefix};

/// Maximum line length, in characters.
const WIDTH: usize = 100;
/// Indentation inside brackets.
const INSIDE: usize = 4;
/// Indentation of pipeline stages.
const STAGE: usize = 2;

/// A text being laid out.
#[derive(Default)]
pub(super) struct Layout {
    out: String,
    /// The start of the current line.
    line: usize,
    indent: usize,
    /// A comment to put at the end of the current line.
    pending: Option<String>,
}

impl Layout {
    /// The text.
    pub(super) fn finish(mut self) -> String {
        self.flush();
        self.out
    }

    /// Appends to the line; after the comment of its last node is known, only a comma may follow.
    pub(super) fn write(&mut self, text: &str) {
        if self.pending.is_some() && text != "," {
            self.newline();
        }
        self.out.push_str(text);
    }

    /// Ends the line and indents the next.
    pub(super) fn newline(&mut self) {
        self.flush();
        self.out.push('\n');
        self.line = self.out.len();
        self.out.extend(std::iter::repeat_n(' ', self.indent));
    }

    /// Ends the line and adds an empty one.
    pub(super) fn blank_line(&mut self) {
        self.flush();
        self.out.push('\n');
        self.newline();
    }

    /// Prints the comments before a node, each on its own line.
    pub(super) fn before(&mut self, comments: &Comments) {
        for comment in &comments.before {
            self.comment(comment);
            self.newline();
        }
    }

    /// Prints the comment after a node.
    pub(super) fn after(&mut self, comments: &Comments) {
        if let Some(comment) = &comments.after {
            if self.pending.is_some() {
                self.newline();
            }
            self.pending = Some(comment.clone());
        }
    }

    /// One comment.
    pub(super) fn comment(&mut self, comment: &str) {
        self.write("//");
        if !comment.is_empty() {
            self.out.push(' ');
            self.out.push_str(comment);
        }
    }

    fn flush(&mut self) {
        if let Some(comment) = self.pending.take() {
            self.out.push(' ');
            self.comment(&comment);
        }
    }

    /// The room left on the line, minus one character for a comma.
    fn room(&self) -> Option<usize> {
        let line = &self.out[self.line..];
        // A character has at most four bytes: a line this long need not be counted.
        if self.pending.is_some() || line.len() > 4 * WIDTH {
            return None;
        }
        WIDTH.checked_sub(line.chars().count() + 1)
    }

    fn indented(&mut self, by: usize, write: impl FnOnce(&mut Self)) {
        self.indent += by;
        write(self);
        self.indent -= by;
    }

    /// Prints on the current line if it fits.
    fn fits(&mut self, write: impl FnOnce(&mut Flat) -> Option<()>) -> bool {
        match self.room().and_then(|room| Flat::fitting(room, write)) {
            Some(line) => {
                self.write(&line);
                true
            }
            None => false,
        }
    }

    /// The value of a statement: a pipeline of several stages has a line for each.
    pub(super) fn value(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Pipeline { source, stages } if stages.len() > 1 => self.pipeline(source, stages),
            _ => self.expr(expr, Power::Pipe),
        }
    }

    /// An expression, in parentheses if it binds less tightly than `least`.
    fn expr(&mut self, expr: &Expr, least: Power) {
        if self.fits(|flat| flat.expr(expr, least)) {
            return;
        }
        if power(expr) < least {
            self.write("(");
            self.broken(expr);
            self.write(")");
        } else {
            self.broken(expr);
        }
    }

    fn broken(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Literal(_) | ExprKind::Text(_) | ExprKind::Name(_) | ExprKind::Error => {
                self.write(&one_line(expr));
            }
            ExprKind::Member { object, field } => {
                self.expr(object, Power::Operand);
                self.write(".");
                self.write(&field.name);
            }
            ExprKind::Call(call) => {
                self.write(&call.name.name);
                self.args("(", &call.args, ")");
            }
            ExprKind::Pipeline { source, stages } => self.pipeline(source, stages),
            ExprKind::List(items) => self.entries("[", items, "]", |layout, item| {
                layout.before(&item.comments);
                layout.expr(item, Power::Pipe);
                &item.comments
            }),
            ExprKind::Record(fields) => self.args("{", fields, "}"),
            ExprKind::Range { start, end } => {
                if let Some(start) = start {
                    self.expr(start, Power::Or);
                }
                self.write("..");
                if let Some(end) = end {
                    self.expr(end, Power::Or);
                }
            }
            ExprKind::Unary { op, operand } => {
                self.write(prefix(*op));
                self.expr(operand, Power::of_unary(*op));
            }
            ExprKind::Binary { op, left, right } => {
                let power = Power::of_binary(*op);
                self.expr(left, power);
                self.write(&infix(*op, left, right));
                self.expr(right, power.above());
            }
        }
    }

    fn pipeline(&mut self, source: &Expr, stages: &[Call]) {
        self.expr(source, Power::Range);
        self.indented(STAGE, |layout| {
            for stage in stages {
                layout.newline();
                layout.before(&stage.comments);
                layout.write("| ");
                layout.write(&stage.name.name);
                if !stage.args.is_empty() {
                    // The arguments are indented from the name, not from the bar.
                    layout.indented(STAGE, |layout| layout.bracketed("(", &stage.args, ")"));
                }
                layout.after(&stage.comments);
            }
        });
    }

    /// Arguments or fields, on one line if they fit.
    pub(super) fn bracketed(&mut self, open: &str, args: &[Arg], close: &str) {
        if !self.fits(|flat| flat.args(open, args, close)) {
            self.args(open, args, close);
        }
    }

    fn args(&mut self, open: &str, args: &[Arg], close: &str) {
        self.entries(open, args, close, |layout, arg| {
            layout.before(&arg.comments);
            if let Some(name) = &arg.name {
                layout.write(&name.name);
                layout.write(": ");
            }
            layout.expr(&arg.value, Power::Pipe);
            &arg.comments
        });
    }

    /// Prints entries in brackets, each on its own line and followed by a comma; `write` returns an entry's comments.
    fn entries<'e, T>(
        &mut self,
        open: &str,
        entries: &'e [T],
        close: &str,
        write: impl Fn(&mut Self, &'e T) -> &'e Comments,
    ) {
        self.write(open);
        if !entries.is_empty() {
            self.indented(INSIDE, |layout| {
                for entry in entries {
                    layout.newline();
                    let comments = write(layout, entry);
                    layout.write(",");
                    layout.after(comments);
                }
            });
            self.newline();
        }
        self.write(close);
    }

    /// A type.
    pub(super) fn type_expr(&mut self, ty: &TypeExpr) {
        if self.fits(|flat| flat.type_expr(ty)) {
            return;
        }
        match &ty.kind {
            TypeKind::Named(name) => self.write(name),
            TypeKind::List(item) => {
                self.write("list<");
                self.type_expr(item);
                self.write(">");
            }
            TypeKind::Record(fields) => self.type_fields(fields),
        }
        self.write(if ty.optional { "?" } else { "" });
    }

    fn type_fields(&mut self, fields: &[TypeField]) {
        self.write("{");
        if !fields.is_empty() {
            self.indented(INSIDE, |layout| {
                for field in fields {
                    layout.newline();
                    layout.write(&field.name.name);
                    layout.write(": ");
                    layout.type_expr(&field.ty);
                    if let Some(default) = &field.default {
                        layout.write(" = ");
                        layout.expr(default, Power::Pipe);
                    }
                    layout.write(",");
                }
            });
            self.newline();
        }
        self.write("}");
    }
}
