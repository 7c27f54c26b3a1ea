//! Each way to write a thing in YAML against the same thing in the text syntax.

use super::{read, sound, yaml};
use crate::Syntax;
use crate::ast::{ExprKind, Recipe};

/// A recipe in the text syntax.
fn vidc(text: &str) -> Recipe {
    sound(text, Syntax::Text)
}

/// The value of a `let` in YAML is the value of a `let` in the text syntax.
#[track_caller]
fn same(in_yaml: &str, in_text: &str) {
    let in_yaml = in_yaml.replace('\n', "\n    ");
    let from_yaml = yaml(&format!("let:\n  x: {in_yaml}\n"));
    let from_text = vidc(&format!("let x = {in_text}\n"));
    assert_eq!(from_yaml.lets, from_text.lets, "{in_yaml}\n{in_text}");
}

#[test]
fn scalars_keep_their_raw_text() {
    same("0:05", "0:05");
    same("1.10", "1.10");
    same("on", "on");
    same("'012'", "012");
    same("\"#ff5500\"", "#ff5500");
    same("null", "null");
    same("a.b - 1s", "a.b - 1s");
    same(">-\n  a\n  + b", "a + b");
    same("\"\\\"said\\\"\"", "\"said\"");
}

#[test]
fn maps_are_calls_and_records() {
    same("{ input: on }", "input(\"on\")");
    same("{ input: \"{{ c.file }}\" }", "input(c.file)");
    same("{ input: [a + b] }", "input(a + b)");
    same("{ input: { file: a.mp4 } }", "input(\"a.mp4\")");
    same("{ text: { box: red, content: Hi } }", "text(\"Hi\", box: red)");
    same(
        "{ concat: [a, { input: b.mp4 }] }",
        "concat([a, input(\"b.mp4\")])",
    );
    same("{ concat: \"[a] + b\" }", "concat([a] + b)");
    same("{ overlay: [a, loop] }", "overlay(a | loop)");
    same("{ loop: }", "loop()");
    same("{ loop: null }", "loop()");
    same("{ loop: {} }", "loop()");
    same("{ volume: 'null' }", "volume(null)");
    same("{ nobody: { a: 1, b: word } }", "nobody(a: 1, b: word)");
    same("{ nobody: word }", "nobody(word)");
    same("{ a: 1, b: c }", "{a: 1, b: c}");
    same("{}", "{}");
    same(
        "{ cues: [{ at: 1s, say: on }, { say: Hi }] }",
        "cues([{at: 1s, say: \"on\"}, {say: \"Hi\"}])",
    );
    same("{ cue: { cue: { at: 1s } } }", "cue({at: 1s})");
}

#[test]
fn sequences_are_pipelines_and_lists() {
    same(
        "\n- a\n- trim: 1s..2s\n- loop\n- mute()\n- trim(..1s)",
        "a | trim(1s..2s) | loop | mute() | trim(..1s)",
    );
    same("[a]", "a");
    same("\n- - a\n  - loop\n- mute", "(a | loop) | mute");
    same("\"[a, b]\"", "[a, b]");
}

#[test]
fn sections_come_in_any_order() {
    let whole = "outputs:\n  - to: a.mp4\n    from: b\nlet:\n  b: { input: \"{{ p }}\" }\ninputs:\n  i: in put.mp4\n\
                 params:\n  p: path\n  q: { type: \"list<string>\", default: [on, 'x'] }\nvidc: 1\n";
    let text = "vidc 1\nparam p: path\nparam q: list<string> = [\"on\", \"x\"]\ninput i = \"in put.mp4\"\n\
                let b = input(p)\noutput(\"a.mp4\", from: b)\n";
    assert_eq!(yaml(whole), vidc(text));
    assert_eq!(yaml(""), Recipe::default());
    assert_eq!(yaml("---\nlet:\nparams:\n...\n"), Recipe::default());
}

#[test]
fn json_is_yaml() {
    let json = "{\n\t\"vidc\": 1,\n\t\"let\": {\"x\": [\"a\", {\"trim\": \"1s..2s\"}, {\"loop\": null}], \"y\": true},\n\
                \t\"outputs\": [{\"to\": \"a\\u00e9.mp4\", \"from\": \"x\"}]\n}\n";
    let text = "vidc 1\nlet x = a | trim(1s..2s) | loop\nlet y = true\noutput(\"aé.mp4\", from: x)\n";
    assert_eq!(yaml(json), vidc(text));
}

#[test]
fn aliases_repeat_their_values() {
    let anchored = "let:\n  a: &fades { fade: { in: 1s } }\n  b: [x, *fades]\n  c: &w word\n  d: *w\n";
    let text = "let a = fade(in: 1s)\nlet b = x | fade(in: 1s)\nlet c = word\nlet d = word\n";
    assert_eq!(yaml(anchored), vidc(text));
}

#[test]
fn comments_are_attached_to_their_owners() {
    let commented = "# top\nvidc: 1 # one\nlet:\n  # main\n  main:\n    - talk\n    # cut\n    - trim: 1s..2s # short\n    - fade:\n        \
                     # in\n        in: 1s # slow\n        out: 2s\n# end\n";
    let text = "// top\nvidc 1 // one\n// main\nlet main = talk\n  // cut\n  | trim(1s..2s) // short\n  | fade(\n    // in\n    in: 1s, // slow\n    out: 2s)\n// end\n";
    assert_eq!(yaml(commented), vidc(text));
}

#[test]
fn spans_point_into_scalars() {
    let text = "let:\n  x: \"a\\u0020+ bb\"\n  y: { text: 'it''s {{ z }}' }\n";
    let (recipe, _, sources) = read(text, Syntax::Yaml);
    let slice = |span: crate::Span| {
        sources
            .get(span.file)
            .map(|file| file.slice(span).to_owned())
            .unwrap_or_default()
    };
    let ExprKind::Binary { right, .. } = &recipe.lets[0].value.kind else {
        unreachable!("{recipe:?}");
    };
    assert_eq!(slice(right.span), "bb");
    let ExprKind::Call(call) = &recipe.lets[1].value.kind else {
        unreachable!("{recipe:?}");
    };
    let ExprKind::Text(content) = &call.args[0].value.kind else {
        unreachable!("{recipe:?}");
    };
    let hole = content.locate(8..9, call.args[0].value.span).map(slice);
    assert_eq!(hole.as_deref(), Some("z"));
    assert_eq!(slice(call.span), "{ text: 'it''s {{ z }}' }");
    assert_eq!(slice(recipe.lets[1].span), "y: { text: 'it''s {{ z }}' }");
}
