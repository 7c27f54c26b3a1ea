//! Evaluates operators: arithmetic and comparison of values with matching units.

use vidc_dsl::Span;
use vidc_dsl::ast::{BinaryOp, UnaryOp};

use super::Evaluator;
use crate::codes;
use crate::time::Rational;
use crate::value::Value;

impl Evaluator<'_> {
    pub(super) fn unary(&mut self, op: UnaryOp, value: Value, span: Span) -> Value {
        match (op, value) {
            (_, Value::Unknown) => Value::Unknown,
            (UnaryOp::Neg, Value::Number(number)) => Value::Number(-number),
            (UnaryOp::Neg, Value::Quantity(number, dimension)) => Value::Quantity(-number, dimension),
            (UnaryOp::Not, Value::Bool(value)) => Value::Bool(!value),
            (op, value) => {
                let symbol = if op == UnaryOp::Neg { "-" } else { "not" };
                let message = format!("cannot apply `{symbol}` to {}", value.describe());
                self.fail(&codes::WRONG_TYPE, span, message)
            }
        }
    }

    pub(super) fn binary(&mut self, op: BinaryOp, left: (Value, Span), right: (Value, Span)) -> Value {
        let span = left.1.to(right.1);
        let (left, right) = (left.0, right.0);
        if left == Value::Unknown || right == Value::Unknown {
            return Value::Unknown;
        }
        let described = (left.describe(), right.describe());
        match compute(op, left, right) {
            Ok(value) => value,
            Err(Failure::Mismatch) => {
                let (left, right) = described;
                let message = format!("cannot apply `{}` to {left} and {right}", op.symbol());
                self.fail(&codes::WRONG_TYPE, span, message)
            }
            Err(Failure::Overflow) => self.fail(&codes::OUT_OF_RANGE, span, "the result is too large"),
            Err(Failure::DivisionByZero) => self.fail(&codes::OUT_OF_RANGE, span, "division by zero"),
        }
    }
}

/// Why an operator has no result.
enum Failure {
    Mismatch,
    Overflow,
    DivisionByZero,
}

/// The result of a binary operator.
fn compute(op: BinaryOp, left: Value, right: Value) -> Result<Value, Failure> {
    use BinaryOp as Op;
    use Value::{Bool, List, Number, Quantity, Text};
    Ok(match (op, left, right) {
        (Op::Eq, left, right) => Bool(left == right),
        (Op::Ne, left, right) => Bool(left != right),
        (Op::And, Bool(left), Bool(right)) => Bool(left && right),
        (Op::Or, Bool(left), Bool(right)) => Bool(left || right),
        (Op::Add, Text(left), Text(right)) => Text(left + &right),
        (Op::Add, List(left), List(right)) => List([left, right].concat()),
        (op, Number(left), Number(right)) => match compare(op, left, right) {
            Some(result) => Bool(result),
            None => Number(arithmetic(op, left, right)?),
        },
        (op, Quantity(left, dimension), Quantity(right, other)) if dimension == other => {
            match (compare(op, left, right), op) {
                (Some(result), _) => Bool(result),
                (None, Op::Add | Op::Sub) => Quantity(arithmetic(op, left, right)?, dimension),
                (None, Op::Div) => Number(arithmetic(op, left, right)?),
                _ => return Err(Failure::Mismatch),
            }
        }
        (Op::Mul | Op::Div, Quantity(left, dimension), Number(right)) => {
            Quantity(arithmetic(op, left, right)?, dimension)
        }
        (Op::Mul, Number(left), Quantity(right, dimension)) => {
            Quantity(arithmetic(op, left, right)?, dimension)
        }
        _ => return Err(Failure::Mismatch),
    })
}

/// The result of an ordering comparison; `None` for other operators.
fn compare(op: BinaryOp, left: Rational, right: Rational) -> Option<bool> {
    // Products of 64-bit terms fit 128 bits.
    let (a, b) = (
        i128::from(*left.numer()) * i128::from(*right.denom()),
        i128::from(*right.numer()) * i128::from(*left.denom()),
    );
    Some(match op {
        BinaryOp::Lt => a < b,
        BinaryOp::Le => a <= b,
        BinaryOp::Gt => a > b,
        BinaryOp::Ge => a >= b,
        _ => return None,
    })
}

/// The exact result of `+`, `-`, `*` or `/`.
fn arithmetic(op: BinaryOp, left: Rational, right: Rational) -> Result<Rational, Failure> {
    let wide = |r: Rational| num_rational::Ratio::<i128>::new((*r.numer()).into(), (*r.denom()).into());
    let result = match op {
        BinaryOp::Add => wide(left) + wide(right),
        BinaryOp::Sub => wide(left) - wide(right),
        BinaryOp::Mul => wide(left) * wide(right),
        BinaryOp::Div if *right.numer() != 0 => wide(left) / wide(right),
        BinaryOp::Div => return Err(Failure::DivisionByZero),
        _ => return Err(Failure::Mismatch),
    };
    match (i64::try_from(*result.numer()), i64::try_from(*result.denom())) {
        (Ok(numer), Ok(denom)) => Ok(Rational::new(numer, denom)),
        _ => Err(Failure::Overflow),
    }
}
