//! What is said of mistakes.

use insta::assert_snapshot;
use proptest::prelude::*;

use super::{read, signatures};
use crate::limits::{MAX_DEPTH, MAX_TEXT};
use crate::{Syntax, codes, print, render};

fn told(text: &str) -> String {
    let (_, diagnostics, sources) = read(text, Syntax::Yaml);
    render::human(&diagnostics, &sources, false)
}

fn codes_of(text: &str) -> Vec<&'static str> {
    let (_, diagnostics, _) = read(text, Syntax::Yaml);
    diagnostics.sorted().iter().map(|d| d.code.id).collect()
}

#[test]
fn what_yaml_allows_and_the_language_does_not() {
    assert_snapshot!(told(
        "let:\n  a: !!str x\n  b:\n    <<: *nobody\n    in: 1s\n  a: y\n  ? [c]\n  : d\n  2nd: e\n  for: f\n---\nx: 1\n"
    ));
}

#[test]
fn wrong_forms() {
    assert_snapshot!(told(
        "vidc: one\noutput:\n  - to: a\nparams:\n  p: { typ: string }\n  q: [string]\n  r: list<\nlet: [a]\n\
         inputs: { i: { a: 1, b: 2 } }\noutputs:\n  to: x.mp4\n"
    ));
}

#[test]
fn several_mistakes_in_values() {
    assert_snapshot!(told(
        "let:\n  a:\n    - talk\n    - text: { content: Hi, box: #000000 }\n  b:\n    - talk\n    - text:\n        box: #000@0.5\n        \
         font:\n    - 5s\n  c: []\n  d: 1 +\n  e: \"a b\"\n"
    ));
}

#[test]
fn syntax_errors_leave_the_rest_readable() {
    let text = "vidc: 1\nlet:\n  a: [x, y\n  b: word\n  c: \"open\n  d:\n    - talk\n     - loop\n  e: f: g\nparams:\n\tp: int\noutputs:\n  - to: x.mp4\n    from: b\n  - {to: a\n";
    assert_snapshot!(told(text));
    let (recipe, _, _) = read(text, Syntax::Yaml);
    let names: Vec<_> = recipe.lets.iter().map(|l| l.name.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "c", "d", "e"]);
    assert_eq!(recipe.outputs.len(), 1);
    assert!(recipe.version.is_some());
}

#[test]
fn json_errors_have_their_place() {
    assert_snapshot!(told(
        "{\n  \"vidc\": 1,\n  \"let\": {\"x\": [\"a\", {\"trim\": \"1s..\"]},\n  \"y\": 2\n}\n"
    ));
    assert_snapshot!(told("{\"let\": {\"x\": \"a +\", \"y\": nul l}}"));
}

#[test]
fn each_code_is_earned_by_its_wrong_recipe() {
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

#[test]
fn limits_hold() {
    let too_large = ["too-large"];
    assert_eq!(codes_of(&"[".repeat(100_000)), too_large);
    assert_eq!(
        codes_of(&format!(
            "let: {}{}",
            "[".repeat(MAX_DEPTH),
            "]".repeat(MAX_DEPTH)
        )),
        too_large
    );
    assert_eq!(codes_of(&" ".repeat(MAX_TEXT + 1)), too_large);
    let mut bomb = "let:\n  a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
        bomb.push_str(&format!("  a{level}: &a{level} [{aliases}]\n"));
    }
    assert!(codes_of(&bomb).contains(&"too-large"));
    assert_eq!(codes_of("let: &a\n  x: *a\n"), ["yaml-alias"]);
    let comments = "# c\n".repeat(1000);
    assert_eq!(
        codes_of(&format!("{comments}let:\n  a: b\n{comments}  c: d\n")),
        [""; 0]
    );
}

#[test]
fn many_mistakes_are_told_in_good_time() {
    let (_, diagnostics, _) = read(
        &format!("let:\n  a:\n{}", "    - 1\n".repeat(90_000)),
        Syntax::Yaml,
    );
    assert_eq!(diagnostics.iter().count(), 100);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// No text makes the reader, the printers or the renderers fail.
    #[test]
    fn any_text_is_read(text in "(vidc: 1\n|let:\n|outputs:\n|  |    |- |a|b: |\\{|\\}|\\[|\\]|,|\"|'|#|# c\n|\n|\t|: |&a |\\*a|!t |<<|\\||>|\\?|é|日|text: |1s|\\.\\.|---\n|\\\\|\\{\\{ x \\}\\}|\r\n){0,40}") {
        let (recipe, diagnostics, sources) = read(&text, Syntax::Yaml);
        render::human(&diagnostics, &sources, false);
        render::json(&diagnostics, &sources);
        print(&recipe, Syntax::Yaml, &signatures());
        print(&recipe, Syntax::Text, &signatures());
    }
}
