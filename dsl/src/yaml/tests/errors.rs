//! What is said of mistakes.

use super::read;
use crate::{Span, Syntax, codes, render};
use insta::assert_snapshot;

fn diagnostics_of(text: &str) -> String {
    let (_, diagnostics, sources) = read(text, Syntax::Yaml);
    render::human(&diagnostics, &sources, false)
}

pub(super) fn codes_of(text: &str) -> Vec<&'static str> {
    let (_, diagnostics, _) = read(text, Syntax::Yaml);
    diagnostics.sorted().iter().map(|d| d.code.id).collect()
}

#[test]
fn yaml_features_outside_the_language_are_reported() {
    assert_snapshot!(diagnostics_of(
        "let:\n  a: !!str x\n  b:\n    <<: *nobody\n    in: 1s\n  a: y\n  ? [c]\n  : d\n  2nd: e\n  for: f\n---\nx: 1\n"
    ));
}

#[test]
fn wrong_forms() {
    assert_snapshot!(diagnostics_of(
        "vidc: one\noutput:\n  - to: a\nparams:\n  p: { typ: string }\n  q: [string]\nlet: [a]\n\
         inputs: { i: { a: 1, b: 2 } }\noutputs:\n  to: x.mp4\n"
    ));
}

#[test]
fn several_mistakes_in_values() {
    assert_snapshot!(diagnostics_of(
        "let:\n  a:\n    - talk\n    - text: { content: Hi, box: #000000 }\n  b:\n    - talk\n    - text:\n        box: #000@0.5\n        \
         font:\n    - 5s\n  c: []\n"
    ));
}

#[test]
fn syntax_errors_leave_the_rest_readable() {
    let text = "vidc: 1\nlet:\n  a: [x, y\n  b: word\n  c: \"open\n  d:\n    - talk\n     - loop\n  e: f: g\nparams:\n\tp: int\noutputs:\n  - to: x.mp4\n    from: b\n  - {to: a\n";
    assert_snapshot!(diagnostics_of(text));
    let (recipe, _, _) = read(text, Syntax::Yaml);
    let names: Vec<_> = recipe.lets.iter().map(|l| l.name.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "c", "d", "e"]);
    assert_eq!(recipe.outputs.len(), 1);
    assert!(recipe.version.is_some());
}

#[test]
fn json_errors_have_spans() {
    assert_snapshot!(diagnostics_of(
        "{\n  \"vidc\": 1,\n  \"let\": {\"x\": [\"a\", {\"trim\": \"1s..\"]},\n  \"y\": 2\n}\n"
    ));
}

#[test]
fn mistakes_in_expressions_have_file_spans() {
    let places = |text: &str| {
        let (_, diagnostics, sources) = read(text, Syntax::Yaml);
        let place = |span: Span| {
            sources
                .get(span.file)
                .map(|file| file.line_column(span.start as usize))
        };
        let places = diagnostics
            .sorted()
            .into_iter()
            .filter_map(|d| place(d.primary.span));
        places.map(|at| (at.line, at.column)).collect::<Vec<_>>()
    };
    assert_eq!(
        places("let:\n  d: 1 +\n  e: \"a b\"\nparams:\n  r: list<\n"),
        [(2, 9), (3, 9), (5, 11)]
    );
    assert_eq!(
        places("{\"let\": {\"x\": \"a +\", \"y\": nul l}}"),
        [(1, 19), (1, 31)]
    );
}

#[test]
fn each_wrong_recipe_triggers_its_code() {
    let ours = [
        &codes::YAML_TAG,
        &codes::YAML_MERGE,
        &codes::YAML_DOCUMENTS,
        &codes::YAML_KEY,
        &codes::YAML_NAME,
        &codes::YAML_ALIAS,
        &codes::YAML_FORM,
        &codes::DUPLICATE_KEY,
        &codes::UNKNOWN_KEY,
        &codes::EMPTY_VALUE,
    ];
    for code in ours {
        assert!(
            codes_of(code.wrong).contains(&code.id),
            "{}: {:?}",
            code.id,
            codes_of(code.wrong)
        );
        assert_eq!(codes_of(code.right), [""; 0], "{}", code.id);
    }
}
