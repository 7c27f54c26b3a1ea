//! Random expressions.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::ast::{
    Arg, BinaryOp, Call, Comments, Expr, ExprKind, Ident, Literal, LiteralValue, Text, UnaryOp, Unit,
};
use crate::template::lone_path;
use crate::{Diagnostics, Signatures, Span, text};

use super::signatures;

/// A random expression.
pub(crate) fn expression() -> impl Strategy<Value = Expr> {
    leaf().prop_recursive(5, 48, 4, |inner| {
        let inner = inner.boxed();
        prop_oneof![
            2 => call(inner.clone()).prop_map(|call| node(ExprKind::Call(call))).boxed(),
            2 => (inner.clone(), vec((call(inner.clone()), comments()), 1..4)).prop_map(pipeline).boxed(),
            1 => list(inner.clone()),
            1 => args(inner.clone(), word()).prop_map(|fields| node(ExprKind::Record(fields))).boxed(),
            1 => (inner.clone(), option::of(inner.clone()), any::<bool>()).prop_map(range).boxed(),
            1 => (inner.clone(), word()).prop_map(|(object, field)| member(object, field)).boxed(),
            1 => (inner.clone(), any::<bool>()).prop_map(unary).boxed(),
            2 => (select(OPERATORS.to_vec()), inner.clone(), inner).prop_map(|(op, left, right)| {
                node(ExprKind::Binary { op, left: Box::new(left), right: Box::new(right) })
            }).boxed(),
        ]
    })
}

const OPERATORS: [BinaryOp; 12] = [
    BinaryOp::Add,
    BinaryOp::Sub,
    BinaryOp::Mul,
    BinaryOp::Div,
    BinaryOp::Eq,
    BinaryOp::Ne,
    BinaryOp::Lt,
    BinaryOp::Le,
    BinaryOp::Gt,
    BinaryOp::Ge,
    BinaryOp::And,
    BinaryOp::Or,
];

pub(super) fn node(kind: ExprKind) -> Expr {
    Expr {
        kind,
        span: Span::default(),
        comments: Comments::default(),
    }
}

pub(super) fn ident(name: String) -> Ident {
    let span = Span::default();
    Ident { name, span }
}

fn member(object: Expr, field: String) -> Expr {
    let (object, field) = (Box::new(object), ident(field));
    node(ExprKind::Member { object, field })
}

pub(super) fn name() -> BoxedStrategy<String> {
    prop_oneof![
        select(vec![
            "a",
            "talk",
            "top-left",
            "web-1080p",
            "input",
            "output",
            "list",
            "on",
            "y",
            "_x9"
        ])
        .prop_map(str::to_string),
        "[a-z_][a-z0-9_]{0,8}(-[a-z0-9]{1,3})?".prop_filter("a name", |word| text::is_name(word)),
    ]
    .boxed()
}

pub(super) fn word() -> BoxedStrategy<String> {
    prop_oneof![
        name(),
        select(vec![
            "in", "as", "for", "not", "true", "null", "let", "vidc", "content"
        ])
        .prop_map(str::to_string),
    ]
    .boxed()
}

pub(super) fn comment() -> BoxedStrategy<String> {
    prop_oneof![
        select(vec![
            "",
            "// #",
            "# { [ \"",
            " two blanks",
            "let x = 1",
            "- a: b",
            "'"
        ])
        .prop_map(str::to_string),
        "[ -~é漢🎬]{0,16}".prop_map(|comment| comment.trim_end().to_string()),
    ]
    .boxed()
}

pub(super) fn comments() -> BoxedStrategy<Comments> {
    prop_oneof![
        6 => Just(Comments::default()),
        1 => (vec(comment(), 0..3), option::of(comment())).prop_map(|(before, after)| Comments { before, after }),
    ]
    .boxed()
}

/// A text, or the path it stands for.
pub(super) fn text_or_path() -> BoxedStrategy<Expr> {
    let hostile = vec![
        "",
        " ",
        "\"quoted\" \\ back",
        "// no comment # none",
        "{{ title | upper }}",
        "{{ a }}{{ b }}",
        "{{ true }}",
        " {{ a }}",
        "{% if x %}",
        "two\nlines\n",
        "\ttab\r\u{0}\u{1b}\u{85}\u{2028}",
        "no",
        "null",
        "0:05",
        "012",
        "- a",
        "a: b",
        "&a *b !c",
        "é漢🎬",
        "\u{feff}",
    ];
    let value = prop_oneof![
        select(hostile).prop_map(str::to_string),
        "[ -~é漢\n]{0,24}",
        (name(), vec(word(), 0..3)).prop_map(|(name, fields)| {
            let path = fields.iter().fold(name, |path, field| format!("{path}.{field}"));
            format!("{{{{ {path} }}}}")
        }),
    ];
    value
        .prop_map(|value| {
            let text = Text {
                value,
                map: Vec::new(),
            };
            let path = lone_path(&text, Span::default());
            path.unwrap_or_else(|| node(ExprKind::Text(text)))
        })
        .boxed()
}

pub(super) fn literal() -> BoxedStrategy<Expr> {
    let raw = prop_oneof![
        select(vec![
            "null",
            "true",
            "false",
            "0",
            "1.10",
            "012",
            "0.85",
            "0:05",
            "1:23.5",
            "01:02:03.250",
            "1280x720",
            "#f50",
            "#ff5500@0.5",
            "#FF550080",
            "9223372036854775807"
        ])
        .prop_map(str::to_string),
        (0u32..1000, option::of(0u32..100), select(Unit::ALL.to_vec())).prop_map(
            |(whole, decimals, (unit, _))| match decimals {
                Some(decimals) => format!("{whole}.{decimals:02}{unit}"),
                None => format!("{whole}{unit}"),
            }
        ),
    ];
    raw.prop_map(|value| {
        let source = Text {
            value,
            map: Vec::new(),
        };
        let mut diagnostics = Diagnostics::new();
        let expr = text::parse_expression(&source, Span::default(), &Signatures::default(), &mut diagnostics);
        expr.unwrap_or_else(|| panic!("{source:?} is a literal"))
    })
    .boxed()
}

fn leaf() -> BoxedStrategy<Expr> {
    let leaf = prop_oneof![
        2 => literal(),
        2 => name().prop_map(|name| node(ExprKind::Name(name))),
        1 => text_or_path(),
    ];
    (leaf, prop::bool::weighted(0.2))
        .prop_map(|(leaf, negative)| match negative {
            true => unary((leaf, false)),
            false => leaf,
        })
        .boxed()
}

/// `not a`, or `-a` with the minus taken into a number.
fn unary((operand, not): (Expr, bool)) -> Expr {
    let op = if not { UnaryOp::Not } else { UnaryOp::Neg };
    if let (UnaryOp::Neg, ExprKind::Literal(literal)) = (op, &operand.kind) {
        let value = match literal.value {
            LiteralValue::Number(number) => Some(LiteralValue::Number(-number)),
            LiteralValue::Quantity(number, unit) => Some(LiteralValue::Quantity(-number, unit)),
            _ => None,
        };
        if let (Some(value), false) = (value, literal.raw.starts_with('-')) {
            let raw = format!("-{}", literal.raw);
            return node(ExprKind::Literal(Literal { raw, value }));
        }
    }
    let operand = Box::new(operand);
    node(ExprKind::Unary { op, operand })
}

fn range((a, b, swap): (Expr, Option<Expr>, bool)) -> Expr {
    let (a, b) = (Some(Box::new(a)), b.map(Box::new));
    let (start, end) = if swap { (b, a) } else { (a, b) };
    node(ExprKind::Range { start, end })
}

/// One pipeline, however its source was made. What stands behind its last stage belongs to what the pipeline is in.
fn pipeline((source, stages): (Expr, Vec<(Call, Comments)>)) -> Expr {
    let commented = stages
        .into_iter()
        .map(|(call, comments)| Call { comments, ..call });
    let (source, mut stages) = match source.kind {
        ExprKind::Pipeline { source, mut stages } => {
            stages.extend(commented);
            (source, stages)
        }
        _ => (Box::new(source), commented.collect()),
    };
    if let Some(last) = stages.last_mut() {
        last.comments.after = None;
    }
    node(ExprKind::Pipeline { source, stages })
}

fn list(inner: BoxedStrategy<Expr>) -> BoxedStrategy<Expr> {
    vec((inner, comments()), 0..4)
        .prop_map(|items| {
            let items = items
                .into_iter()
                .map(|(item, comments)| Expr { comments, ..item });
            node(ExprKind::List(items.collect()))
        })
        .boxed()
}

fn arg((name, value, comments): (Option<String>, Expr, Comments)) -> Arg {
    Arg {
        name: name.map(ident),
        value,
        span: Span::default(),
        comments,
    }
}

/// Named arguments, each name once.
pub(super) fn args(inner: BoxedStrategy<Expr>, names: BoxedStrategy<String>) -> BoxedStrategy<Vec<Arg>> {
    vec((names, inner, comments()), 0..4)
        .prop_map(|args| {
            let mut seen = std::collections::BTreeSet::new();
            let args = args.into_iter().filter(|(name, ..)| seen.insert(name.clone()));
            args.map(|(name, value, comments)| arg((Some(name), value, comments)))
                .collect()
        })
        .boxed()
}

/// The primary argument, if any, and the others.
pub(super) fn call_of(
    name: impl Strategy<Value = String> + 'static,
    primary: BoxedStrategy<Expr>,
    others: BoxedStrategy<Vec<Arg>>,
) -> BoxedStrategy<Call> {
    let primary = option::of((primary, comments()));
    (name, primary, others)
        .prop_map(|(name, primary, others)| {
            let primary = primary.map(|(value, comments)| arg((None, value, comments)));
            Call {
                name: ident(name),
                args: primary.into_iter().chain(others).collect(),
                span: Span::default(),
                comments: Comments::default(),
            }
        })
        .boxed()
}

pub(super) fn known(names: &'static [&'static str]) -> BoxedStrategy<String> {
    select(names).prop_map(str::to_string).boxed()
}

fn call(inner: BoxedStrategy<Expr>) -> BoxedStrategy<Call> {
    let text = text_or_path().boxed();
    let some = |names| args(inner.clone(), known(names)).boxed();
    let lines = list(text.clone()).boxed();
    let unknown = name().prop_filter("unknown", |name| signatures().get(name).is_none());
    let others = args(inner.clone(), word()).boxed();
    prop_oneof![
        call_of(Just("text".to_string()), text.clone(), some(&["position", "in"])),
        call_of(Just("trim".to_string()), inner.clone(), some(&["snap"])),
        call_of(
            Just("concat".to_string()),
            list(inner.clone()).boxed(),
            some(&["transition"])
        ),
        call_of(Just("titles".to_string()), lines, Just(Vec::new()).boxed()),
        Just("loop".to_string()).prop_map(|name| Call {
            name: ident(name),
            args: Vec::new(),
            span: Span::default(),
            comments: Comments::default(),
        }),
        call_of(unknown, inner, others),
    ]
    .boxed()
}
