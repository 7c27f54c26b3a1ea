//! Random recipes for the tests of both syntaxes: canonical trees with zero spans, of the callables of [`signatures`]
//! and some that are unknown. Where a text is expected they have a text or a path, as YAML can say no other.

mod exprs;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::ast::{Input, Let, Output, Param, Recipe, TypeExpr, TypeField, TypeKind, Version};
use crate::{Shape, Signature, Signatures, Span};

pub(crate) use exprs::expression;
use exprs::{args, call_of, comment, comments, ident, known, literal, name, text_or_path, word};

/// The callables that random recipes know.
pub(crate) fn signatures() -> Signatures {
    let style = vec![
        ("font".to_string(), Shape::Text),
        ("size".to_string(), Shape::Expression),
    ];
    let callables = [
        (
            "text",
            vec![
                ("content", Shape::Text),
                ("position", Shape::Expression),
                ("in", Shape::Expression),
            ],
        ),
        (
            "trim",
            vec![("range", Shape::Expression), ("snap", Shape::Expression)],
        ),
        (
            "concat",
            vec![
                ("clips", Shape::List(Box::new(Shape::Expression))),
                ("transition", Shape::Expression),
            ],
        ),
        (
            "titles",
            vec![
                ("lines", Shape::List(Box::new(Shape::Text))),
                ("style", Shape::Record(style)),
            ],
        ),
        ("loop", Vec::new()),
        (
            "output",
            vec![
                ("to", Shape::Text),
                ("from", Shape::Expression),
                ("video", Shape::Expression),
            ],
        ),
    ];
    let mut signatures = Signatures::default();
    for (name, params) in callables {
        let params = params
            .into_iter()
            .map(|(name, shape)| (name.to_string(), shape))
            .collect();
        signatures.insert(
            name,
            Signature {
                params,
                named_only: false,
            },
        );
    }
    signatures
}

/// A random recipe.
pub(crate) fn recipe() -> impl Strategy<Value = Recipe> {
    let statements = (
        vec(param(), 0..3),
        vec(input(), 0..3),
        vec(binding(), 0..4),
        vec(output(), 0..3),
    );
    (option::of(version()), statements, vec(comment(), 0..3)).prop_map(
        |(version, statements, closing_comments)| {
            let (params, inputs, lets, outputs) = statements;
            Recipe {
                version,
                params,
                inputs,
                lets,
                outputs,
                closing_comments,
            }
        },
    )
}

fn type_kind() -> impl Strategy<Value = TypeExpr> {
    let named = select(vec!["string", "path", "time", "int", "clip"])
        .prop_map(|name| TypeKind::Named(name.to_string()));
    let optional = |kind: BoxedStrategy<TypeKind>| {
        (kind, any::<bool>()).prop_map(|(kind, optional)| TypeExpr {
            kind,
            optional,
            span: Span::default(),
        })
    };
    optional(named.boxed()).prop_recursive(3, 8, 3, move |inner| {
        let list = inner.clone().prop_map(|item| TypeKind::List(Box::new(item)));
        let fields = vec((word(), inner, option::of(literal())), 0..3);
        let record = fields.prop_map(|fields| {
            let fields = fields.into_iter().map(|(name, ty, default)| TypeField {
                name: ident(name),
                ty,
                default,
            });
            TypeKind::Record(fields.collect())
        });
        optional(prop_oneof![list, record].boxed())
    })
}

fn version() -> impl Strategy<Value = Version> {
    (1u32..3, comments()).prop_map(|(number, comments)| Version {
        number,
        span: Span::default(),
        comments,
    })
}

fn param() -> impl Strategy<Value = Param> {
    let text = TypeExpr {
        kind: TypeKind::Named("string".to_string()),
        optional: false,
        span: Span::default(),
    };
    let is_text =
        |ty: &TypeExpr| matches!(&ty.kind, TypeKind::Named(name) if name == "string" || name == "path");
    let typed = prop_oneof![
        (Just(text), option::of(text_or_path())),
        (
            type_kind().prop_filter("no text", move |ty| !is_text(ty)),
            option::of(expression())
        ),
    ];
    (name(), typed, comments()).prop_map(|(name, (ty, default), comments)| Param {
        name: ident(name),
        ty,
        default,
        span: Span::default(),
        comments,
    })
}

fn input() -> impl Strategy<Value = Input> {
    (name(), text_or_path(), comments()).prop_map(|(name, source, comments)| Input {
        name: ident(name),
        source,
        span: Span::default(),
        comments,
    })
}

fn binding() -> impl Strategy<Value = Let> {
    (name(), expression(), comments()).prop_map(|(name, value, comments)| Let {
        name: ident(name),
        value,
        span: Span::default(),
        comments,
    })
}

fn output() -> impl Strategy<Value = Output> {
    let others = args(expression().boxed(), known(&["from", "video"])).boxed();
    let call = call_of(Just("output".to_string()), text_or_path().boxed(), others);
    (call, comments()).prop_map(|(call, comments)| Output {
        args: call.args,
        span: Span::default(),
        comments,
    })
}
