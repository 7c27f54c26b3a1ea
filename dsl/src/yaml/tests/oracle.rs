//! The node tree against what another reader of YAML makes of the same document.

use proptest::prelude::*;
use serde_yaml::Value;

use super::super::events;
use super::super::node::{Kind, Node};
use crate::{Diagnostics, Sources, Syntax};

/// A document as both readers can give it: scalars are text.
#[derive(Clone, Debug, PartialEq)]
enum Tree {
    Scalar(String),
    Seq(Vec<Tree>),
    Map(Vec<(String, Tree)>),
}

fn ours(text: &str) -> Result<Option<Tree>, String> {
    let mut sources = Sources::default();
    let id = sources.add("a.yaml", text, Syntax::Yaml);
    let mut diagnostics = Diagnostics::new();
    let file = sources.get(id).ok_or("no file")?;
    let root = events::read(file, &mut diagnostics).root;
    match diagnostics.iter().next() {
        Some(diagnostic) => Err(diagnostic.message.clone()),
        None => Ok(root.as_ref().and_then(tree)),
    }
}

fn tree(node: &Node) -> Option<Tree> {
    Some(match &*node.kind {
        Kind::Scalar(scalar) => Tree::Scalar(scalar.text.value.clone()),
        Kind::Seq(items) => Tree::Seq(items.iter().map(tree).collect::<Option<_>>()?),
        Kind::Map(entries) => {
            let pair =
                |entry: &super::super::node::Entry| Some((entry.key.name.clone(), tree(&entry.value)?));
            Tree::Map(entries.iter().map(pair).collect::<Option<_>>()?)
        }
        Kind::Empty | Kind::Poison => return None,
    })
}

fn theirs(value: &Value) -> Option<Tree> {
    Some(match value {
        Value::String(text) => Tree::Scalar(text.clone()),
        Value::Sequence(items) => Tree::Seq(items.iter().map(theirs).collect::<Option<_>>()?),
        Value::Mapping(map) => {
            let pair = |(key, value): (&Value, &Value)| Some((key.as_str()?.to_owned(), theirs(value)?));
            Tree::Map(map.iter().map(pair).collect::<Option<_>>()?)
        }
        _ => return None,
    })
}

fn scalars() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z][a-z0-9 ,.:#{}\\[\\]'\"\\\\|&*!%@`?<>=~-]{0,24}",
        "[ -~\u{e9}\u{65e5}\u{1f600}\u{85}\u{feff}\n\t]{1,12}",
    ]
    .prop_filter("a string for both", |text| {
        serde_yaml::from_str::<Value>(&format!("{text:?}")).is_ok()
    })
}

fn documents() -> impl Strategy<Value = Tree> {
    scalars()
        .prop_map(Tree::Scalar)
        .prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 1..5).prop_map(Tree::Seq),
                prop::collection::btree_map("[a-z]{1,6}z", inner, 1..5)
                    .prop_map(|map| Tree::Map(map.into_iter().collect())),
            ]
        })
}

fn value(tree: &Tree) -> Value {
    match tree {
        Tree::Scalar(text) => Value::String(text.clone()),
        Tree::Seq(items) => Value::Sequence(items.iter().map(value).collect()),
        Tree::Map(pairs) => Value::Mapping(
            pairs
                .iter()
                .map(|(key, item)| (key.as_str().into(), value(item)))
                .collect(),
        ),
    }
}

/// The document in flow style, every scalar as our printer writes it.
fn flow(tree: &Tree, out: &mut String) {
    match tree {
        Tree::Scalar(text) => out.push_str(&super::super::print::text_scalar(text)),
        Tree::Seq(items) => {
            out.push('[');
            for item in items {
                flow(item, out);
                out.push_str(", ");
            }
            out.push(']');
        }
        Tree::Map(pairs) => {
            out.push_str("{ ");
            for (key, item) in pairs {
                out.push_str(&format!("{key}: "));
                flow(item, out);
                out.push_str(", ");
            }
            out.push('}');
        }
    }
}

#[test]
fn the_example_documents_agree() -> Result<(), Box<dyn std::error::Error>> {
    let text = "a: &x\n  - one two\n    three\n  - 'it''s'\n  - \"tab\\t\\\n    joined\"\nb: *x\nc: |\n  literal\n    more\n\n  end\nd: >-\n  folded\n  lines\n\n  here\n";
    let value: Value = serde_yaml::from_str(text)?;
    assert_eq!(ours(text)?, theirs(&value));
    Ok(())
}

proptest! {
    #[test]
    fn both_read_what_the_other_library_writes(document in documents()) {
        let text = serde_yaml::to_string(&value(&document)).unwrap_or_default();
        prop_assert_eq!(ours(&text), Ok(Some(document)), "{}", text);
    }

    #[test]
    fn both_read_what_our_scalars_write(document in documents()) {
        let mut text = String::new();
        flow(&document, &mut text);
        let block = format!("key: {}\n", text);
        for text in [text, block] {
            let value: Value = serde_yaml::from_str(&text).map_err(|e| TestCaseError::fail(format!("{e}: {text}")))?;
            let expected = theirs(&value);
            prop_assert!(expected.is_some(), "{}", text);
            prop_assert_eq!(ours(&text), Ok(expected), "{}", text);
        }
        let mut again = String::new();
        flow(&document, &mut again);
        prop_assert_eq!(ours(&again), Ok(Some(document)));
    }
}
