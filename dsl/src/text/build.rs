//! Builds the syntax tree from pest's pairs.

use pest::iterators::Pair;

use crate::ast::{Arg, BinaryOp, Call, Comments, Expr, ExprKind, Ident, Literal, LiteralValue, UnaryOp};
use crate::canonical;
use crate::limits::MAX_TERMS;
use crate::template;
use crate::{Diagnostic, Signatures, Span, codes};

use super::chain::{Chain, Infix, Prefix, node};
use super::fragment::Fragment;
use super::grammar::{self, Rule};
use super::mistake;
use super::origin::Origin;
use super::{literal, string};

/// The context for building a tree, and where it reports.
pub(super) struct Builder<'a> {
    /// Maps offsets in the parsed text to spans.
    pub(super) origin: Origin<'a>,
    /// The signatures of callables.
    pub(super) signatures: &'a Signatures,
    /// The reported diagnostics.
    pub(super) report: &'a mut Vec<Diagnostic>,
}

impl Builder<'_> {
    /// The span of what a rule matched.
    pub(super) fn span(&self, pair: &Pair<'_, Rule>) -> Span {
        let span = pair.as_span();
        self.origin.span(span.start(), span.end())
    }

    /// A matched word with its span.
    pub(super) fn ident(&self, pair: &Pair<'_, Rule>) -> Ident {
        Ident {
            name: pair.as_str().to_string(),
            span: self.span(pair),
        }
    }

    /// Builds an expression. `terms` counts the operands and operators around it, so that their sum bounds the depth
    /// of the tree.
    pub(super) fn expr(&mut self, pair: Pair<'_, Rule>, terms: usize) -> Expr {
        if pair.as_rule() == Rule::bad {
            return self.bad(&pair, Rule::expression, Fragment::Item);
        }
        let whole = self.span(&pair);
        let terms = terms + pair.clone().into_inner().take(MAX_TERMS + 1).count();
        if terms > MAX_TERMS {
            let message = format!("this expression has more than {MAX_TERMS} operands and operators");
            let diagnostic = Diagnostic::new(&codes::TOO_LARGE, whole, message)
                .help("name parts of it with `let`, or use a list");
            self.report.push(diagnostic);
            return node(ExprKind::Error, whole);
        }
        let mut found = Vec::new();
        let mut chain = Chain::new(&mut found);
        for part in pair.into_inner() {
            let span = self.span(&part);
            match part.as_rule() {
                Rule::neg => chain.prefix(Prefix::Unary(UnaryOp::Neg), span),
                Rule::not => chain.prefix(Prefix::Unary(UnaryOp::Not), span),
                Rule::open_start => chain.prefix(Prefix::OpenStart, span),
                Rule::open_end => {
                    let start = part.as_span().start();
                    chain.open_end(self.origin.span(start, start + 2));
                }
                Rule::member => {
                    let Some(word) = part.into_inner().next() else {
                        continue;
                    };
                    let field = self.ident(&word);
                    chain.replace(|object| member(object, field));
                }
                Rule::paren => {
                    let inner = part.into_inner().find(|inner| inner.as_rule() == Rule::expr);
                    let inner = inner.map(|inner| self.expr(inner, terms));
                    chain.operand(
                        inner.map_or_else(|| node(ExprKind::Error, span), |expr| Expr { span, ..expr }),
                        true,
                    );
                }
                rule => match infix(rule) {
                    Some(op) => chain.infix(op),
                    None => chain.operand(self.primary(part, terms), false),
                },
            }
        }
        let expr = chain.finish();
        self.report.append(&mut found);
        expr.unwrap_or_else(|| node(ExprKind::Error, whole))
    }

    fn primary(&mut self, pair: Pair<'_, Rule>, terms: usize) -> Expr {
        let span = self.span(&pair);
        let raw = pair.as_str();
        let origin = self.origin.shifted(pair.as_span().start());
        let kind = match pair.as_rule() {
            Rule::number => self.literal(raw, literal::number(raw, origin)),
            Rule::color => self.literal(raw, literal::color(raw, origin)),
            Rule::constant => {
                let value = match raw {
                    "null" => LiteralValue::Null,
                    _ => LiteralValue::Bool(raw == "true"),
                };
                self.literal(raw, Ok(value))
            }
            Rule::string => {
                let text = string::decode(raw, origin, self.report);
                match template::lone_path(&text, span) {
                    Some(path) => return path,
                    None => ExprKind::Text(text),
                }
            }
            Rule::call => return self.call_or_name(pair, terms),
            Rule::list => {
                let items = pair.into_inner();
                let items = items.filter(|item| matches!(item.as_rule(), Rule::expr | Rule::bad));
                ExprKind::List(items.map(|item| self.expr(item, terms)).collect())
            }
            Rule::record => {
                let fields = pair.into_inner().filter(|field| field.as_rule() == Rule::field);
                let fields = fields.map(|field| self.arg(field, terms)).collect();
                ExprKind::Record(canonical::fields(fields, self.report))
            }
            _ => ExprKind::Error,
        };
        node(kind, span)
    }

    fn literal(&mut self, raw: &str, value: literal::Read) -> ExprKind {
        match value {
            Ok(value) => ExprKind::Literal(Literal {
                raw: raw.to_string(),
                value,
            }),
            Err(diagnostic) => {
                self.report.push(*diagnostic);
                ExprKind::Error
            }
        }
    }

    fn call_or_name(&mut self, pair: Pair<'_, Rule>, terms: usize) -> Expr {
        let start = pair.as_span().start();
        let mut parts = pair.into_inner();
        let Some(name) = parts.next() else {
            return node(ExprKind::Error, self.origin.span(start, start));
        };
        let ident = self.ident(&name);
        let Some(args) = parts.next() else {
            let span = ident.span;
            return node(ExprKind::Name(ident.name), span);
        };
        let span = self.origin.span(start, args.as_span().end());
        let args = self.args(&ident.name, args, terms);
        let call = Call {
            name: ident,
            args,
            span,
            comments: Comments::default(),
        };
        node(ExprKind::Call(call), span)
    }

    /// Builds the arguments of a call, in canonical form.
    pub(super) fn args(&mut self, callee: &str, pair: Pair<'_, Rule>, terms: usize) -> Vec<Arg> {
        let args = pair.into_inner().filter(|arg| arg.as_rule() == Rule::arg);
        let args = args.map(|arg| self.arg(arg, terms)).collect();
        canonical::arguments(callee, args, self.signatures, self.report)
    }

    /// Builds an argument of a call or a field of a record.
    fn arg(&mut self, pair: Pair<'_, Rule>, terms: usize) -> Arg {
        let (rule, fragment) = match pair.as_rule() {
            Rule::arg => (Rule::one_arg, Fragment::Argument),
            _ => (Rule::one_field, Fragment::Field),
        };
        let whole = self.span(&pair);
        let (mut name, mut value) = (None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::word => name = Some(self.ident(&part)),
                Rule::expr => value = Some(self.expr(part, terms)),
                Rule::bad => {
                    name = self.name_of_bad(&part);
                    value = Some(self.bad(&part, rule, fragment));
                }
                _ => {}
            }
        }
        let value = value.unwrap_or_else(|| node(ExprKind::Error, whole));
        Arg {
            span: name.as_ref().map_or(value.span, |name| name.span.to(value.span)),
            name,
            value,
            comments: Comments::default(),
        }
    }

    /// The name of an argument that does not parse, so that it is not also reported as missing.
    fn name_of_bad(&self, pair: &Pair<'_, Rule>) -> Option<Ident> {
        let text = pair.as_str();
        let length = super::word_length(text);
        let named = text[length..].trim_start().starts_with([':', '=']);
        let start = pair.as_span().start();
        (length > 0 && named).then(|| Ident {
            name: text[..length].to_string(),
            span: self.origin.span(start, start + length),
        })
    }

    /// Reports an entry in brackets that does not parse.
    fn bad(&mut self, pair: &Pair<'_, Rule>, rule: Rule, fragment: Fragment) -> Expr {
        let start = pair.as_span().start();
        let text = pair.as_str().trim_end();
        let origin = self.origin.shifted(start);
        if let Err(error) = grammar::parse(rule, text) {
            let span = pair.as_span();
            let behind = span.get_input().get(span.end()..).unwrap_or("");
            self.report
                .push(mistake::describe(&error, text, origin, fragment, behind));
        } else {
            let message = "this cannot be parsed here";
            self.report.push(Diagnostic::new(
                &codes::SYNTAX,
                origin.span(0, text.len()),
                message,
            ));
        }
        node(ExprKind::Error, origin.span(0, text.len()))
    }
}

fn member(object: Expr, field: Ident) -> Expr {
    let span = object.span.to(field.span);
    let object = Box::new(object);
    node(ExprKind::Member { object, field }, span)
}

fn infix(rule: Rule) -> Option<Infix> {
    Some(match rule {
        Rule::pipe => Infix::Pipe,
        Rule::range => Infix::Range,
        Rule::or => Infix::Binary(BinaryOp::Or),
        Rule::and => Infix::Binary(BinaryOp::And),
        Rule::eq => Infix::Binary(BinaryOp::Eq),
        Rule::ne => Infix::Binary(BinaryOp::Ne),
        Rule::lt => Infix::Binary(BinaryOp::Lt),
        Rule::le => Infix::Binary(BinaryOp::Le),
        Rule::gt => Infix::Binary(BinaryOp::Gt),
        Rule::ge => Infix::Binary(BinaryOp::Ge),
        Rule::add => Infix::Binary(BinaryOp::Add),
        Rule::sub => Infix::Binary(BinaryOp::Sub),
        Rule::mul => Infix::Binary(BinaryOp::Mul),
        Rule::div => Infix::Binary(BinaryOp::Div),
        _ => return None,
    })
}
