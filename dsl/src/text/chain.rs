//! Operator precedence: turns a flat chain of operands and operators into a tree, without recursion.

use crate::ast::{BinaryOp, Call, Comments, Expr, ExprKind, Literal, LiteralValue, UnaryOp};
use crate::{Diagnostic, Span, codes};

/// An infix operator.
#[derive(Clone, Copy)]
pub(super) enum Infix {
    /// `|`
    Pipe,
    /// `..`
    Range,
    /// Arithmetic, comparison or logic.
    Binary(BinaryOp),
}

/// A prefix operator.
#[derive(Clone, Copy)]
pub(super) enum Prefix {
    /// `..b`
    OpenStart,
    /// `-b`, `not b`
    Unary(UnaryOp),
}

/// Binding power of an expression's outermost operator; a higher one binds tighter.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Power {
    Pipe,
    Range,
    Or,
    And,
    Not,
    Comparison,
    Sum,
    Product,
    Negation,
    Operand,
}

impl Power {
    /// The binding power of a binary operator.
    pub(super) fn of_binary(op: BinaryOp) -> Power {
        match op {
            BinaryOp::Or => Power::Or,
            BinaryOp::And => Power::And,
            BinaryOp::Add | BinaryOp::Sub => Power::Sum,
            BinaryOp::Mul | BinaryOp::Div => Power::Product,
            BinaryOp::Eq | BinaryOp::Ne | BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge => {
                Power::Comparison
            }
        }
    }

    /// The binding power of a unary operator.
    pub(super) fn of_unary(op: UnaryOp) -> Power {
        match op {
            UnaryOp::Neg => Power::Negation,
            UnaryOp::Not => Power::Not,
        }
    }

    /// The next higher binding power.
    pub(super) fn above(self) -> Power {
        match self {
            Power::Pipe => Power::Range,
            Power::Range => Power::Or,
            Power::Or => Power::And,
            Power::And => Power::Not,
            Power::Not => Power::Comparison,
            Power::Comparison => Power::Sum,
            Power::Sum => Power::Product,
            Power::Product => Power::Negation,
            Power::Negation | Power::Operand => Power::Operand,
        }
    }
}

enum Pending {
    Prefix(Prefix, Span),
    Infix(Infix),
}

impl Pending {
    fn power(&self) -> Power {
        match self {
            Pending::Prefix(Prefix::OpenStart, _) | Pending::Infix(Infix::Range) => Power::Range,
            Pending::Prefix(Prefix::Unary(op), _) => Power::of_unary(*op),
            Pending::Infix(Infix::Pipe) => Power::Pipe,
            Pending::Infix(Infix::Binary(op)) => Power::of_binary(*op),
        }
    }
}

/// An operand, and whether it is in parentheses.
struct Operand {
    expr: Expr,
    closed: bool,
}

/// A chain being parsed from left to right.
pub(super) struct Chain<'r> {
    operands: Vec<Operand>,
    pending: Vec<Pending>,
    report: &'r mut Vec<Diagnostic>,
}

impl<'r> Chain<'r> {
    /// An empty chain.
    pub(super) fn new(report: &'r mut Vec<Diagnostic>) -> Self {
        Chain {
            operands: Vec::new(),
            pending: Vec::new(),
            report,
        }
    }

    /// Adds an operand; `closed` if it is in parentheses.
    pub(super) fn operand(&mut self, expr: Expr, closed: bool) {
        self.operands.push(Operand { expr, closed });
    }

    /// Replaces the last operand, for example with a field of it.
    pub(super) fn replace(&mut self, change: impl FnOnce(Expr) -> Expr) {
        if let Some(Operand { expr, .. }) = self.operands.pop() {
            self.operand(change(expr), false);
        }
    }

    /// Adds a prefix operator.
    pub(super) fn prefix(&mut self, op: Prefix, span: Span) {
        self.pending.push(Pending::Prefix(op, span));
    }

    /// Adds an infix operator.
    pub(super) fn infix(&mut self, op: Infix) {
        let op = Pending::Infix(op);
        self.apply_from(op.power());
        self.pending.push(op);
    }

    /// Adds a `..` without an end.
    pub(super) fn open_end(&mut self, dots: Span) {
        self.apply_from(Power::Range);
        if let Some(start) = self.operands.pop() {
            let span = start.expr.span.to(dots);
            let start = self.range_edge(start);
            self.operand(node(ExprKind::Range { start, end: None }, span), false);
        }
    }

    /// Ends the chain and returns its tree.
    pub(super) fn finish(mut self) -> Option<Expr> {
        self.apply_from(Power::Pipe);
        self.operands.pop().map(|operand| operand.expr)
    }

    /// Applies the pending operators that bind at least as tightly as `power`.
    fn apply_from(&mut self, power: Power) {
        while let Some(op) = self.pending.pop_if(|op| op.power() >= power) {
            let Some(right) = self.operands.pop() else { return };
            let expr = match op {
                Pending::Prefix(op, span) => self.apply_prefix(op, span, right),
                Pending::Infix(op) => {
                    let Some(left) = self.operands.pop() else { return };
                    self.apply_infix(op, left, right)
                }
            };
            self.operand(expr, false);
        }
    }

    fn apply_prefix(&mut self, op: Prefix, span: Span, operand: Operand) -> Expr {
        let span = span.to(operand.expr.span);
        match op {
            Prefix::OpenStart => {
                let end = self.range_edge(operand);
                node(ExprKind::Range { start: None, end }, span)
            }
            Prefix::Unary(UnaryOp::Neg) => negate(operand.expr, span),
            Prefix::Unary(op) => {
                let operand = Box::new(operand.expr);
                node(ExprKind::Unary { op, operand }, span)
            }
        }
    }

    fn apply_infix(&mut self, op: Infix, left: Operand, right: Operand) -> Expr {
        let span = left.expr.span.to(right.expr.span);
        let kind = match op {
            Infix::Pipe => return self.pipe(left.expr, right.expr, span),
            Infix::Range => ExprKind::Range {
                start: self.range_edge(left),
                end: self.range_edge(right),
            },
            Infix::Binary(op) => ExprKind::Binary {
                op,
                left: Box::new(left.expr),
                right: Box::new(right.expr),
            },
        };
        node(kind, span)
    }

    fn range_edge(&mut self, edge: Operand) -> Option<Box<Expr>> {
        if matches!(edge.expr.kind, ExprKind::Range { .. }) && !edge.closed {
            let message = "a range has a single `..` between its start and its end";
            self.report
                .push(Diagnostic::new(&codes::SYNTAX, edge.expr.span, message));
        }
        Some(Box::new(edge.expr))
    }

    /// Flattens a pipeline whose source is a pipeline.
    fn pipe(&mut self, left: Expr, right: Expr, span: Span) -> Expr {
        let Some(stage) = self.stage(right) else {
            return Expr { span, ..left };
        };
        let kind = match left.kind {
            ExprKind::Pipeline { source, mut stages } => {
                stages.push(stage);
                ExprKind::Pipeline { source, stages }
            }
            _ => ExprKind::Pipeline {
                source: Box::new(left),
                stages: vec![stage],
            },
        };
        node(kind, span)
    }

    fn stage(&mut self, expr: Expr) -> Option<Call> {
        match expr.kind {
            ExprKind::Call(call) => Some(call),
            ExprKind::Name(name) => Some(Call {
                name: crate::ast::Ident {
                    name,
                    span: expr.span,
                },
                args: Vec::new(),
                span: expr.span,
                comments: Comments::default(),
            }),
            ExprKind::Error => None,
            _ => {
                let message = "`|` must be followed by an operation";
                let diagnostic = Diagnostic::new(&codes::NOT_A_STAGE, expr.span, message)
                    .label("expected `name` or `name(…)`");
                self.report.push(diagnostic);
                None
            }
        }
    }
}

/// A node without comments.
pub(super) fn node(kind: ExprKind, span: Span) -> Expr {
    Expr {
        kind,
        span,
        comments: Comments::default(),
    }
}

/// Folds a minus before a number into the number.
fn negate(operand: Expr, span: Span) -> Expr {
    match operand.kind {
        ExprKind::Literal(Literal { raw, value }) if is_countable(&value) && !raw.starts_with('-') => {
            let value = match value {
                LiteralValue::Number(number) => LiteralValue::Number(-number),
                LiteralValue::Quantity(number, unit) => LiteralValue::Quantity(-number, unit),
                other => other,
            };
            let raw = format!("-{raw}");
            node(ExprKind::Literal(Literal { raw, value }), span)
        }
        _ => {
            let (op, operand) = (UnaryOp::Neg, Box::new(operand));
            node(ExprKind::Unary { op, operand }, span)
        }
    }
}

fn is_countable(value: &LiteralValue) -> bool {
    matches!(value, LiteralValue::Number(_) | LiteralValue::Quantity(..))
}
