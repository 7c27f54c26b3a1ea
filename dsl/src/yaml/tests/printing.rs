//! The canonical layout.

use insta::assert_snapshot;

use super::{sound, written, yaml};
use crate::Syntax;
use crate::ast::Recipe;

/// The recipe in YAML, from which both syntaxes give the same recipe back.
fn canonical(recipe: &Recipe) -> String {
    let printed = written(recipe, Syntax::Yaml);
    let again = yaml(&printed);
    assert_eq!(&again, recipe, "{printed}");
    assert_eq!(written(&again, Syntax::Yaml), printed);
    let text = written(recipe, Syntax::Text);
    assert_eq!(&sound(&text, Syntax::Text), recipe, "{text}");
    printed
}

#[test]
fn a_title() {
    assert_snapshot!(canonical(&yaml(include_str!("recipes/title.yaml"))));
}

#[test]
fn a_show() {
    assert_snapshot!(canonical(&yaml(include_str!("recipes/show.yaml"))));
}

#[test]
fn from_text() {
    let text = "// A title.\nvidc 1\n\nparam a: list<{name: string, at: time = 1s}> = [{name: \"x: y\", at: 2s}]\nparam t: string = \"Weekly\"\n\
                input talk = \"talk.mov\" // raw\n\
                let part = talk | trim(0:05..1:23.5) | loop\nlet words = [a, b + 1]\nlet one = {a: 1}\nlet two = {a: 1, b: \"#\"}\n\
                let say = text(1 + 2, font: f(x, y: 1).z, box: #000000@0.5)\nlet none = mute()\nlet file = input(talk.name)\n\
                let list = concat([part, part | volume(-6dB)], transition: xfade(fade, duration: 1s))\nlet c = cue({at: 1s})\n\
                let d = cues([{at: 1s, say: \"multi\\nline\"}])\nlet e = nobody(f(x, y: 1))\nlet g = volume(null)\n\
                let long = part | text(\"a text that is so long that it cannot stand on one line with what follows\", box: #000000)\n\
                output(\"show.mp4\", from: part | mute)\n// bye\n";
    assert_snapshot!(canonical(&sound(text, Syntax::Text)));
}

#[test]
fn comments_keep_their_owners() {
    let text = "let a = talk\n  // before\n  | fade(\n    in: 1s, // first\n    out: 2s // last\n  ) // stage\n  | loop\n\
                let b = concat([\n    // head\n    a, // a\n    b // b\n  ]) // done\n\
                let c = cues([\n    {\n      // at\n      at: 1s,\n      say: \"x\" // say\n    },\n  ])\n\
                let d = text(\n    // what\n    \"hello\" // said\n  )\n\
                // out\noutput(\n  // to\n  \"a.mp4\", // file\n  from: a // clip\n)\n";
    assert_snapshot!(canonical(&sound(text, Syntax::Text)));
}

#[test]
fn comments_without_a_place_move_up() {
    let recipe = sound("let a = [\n  x, // one\n  // two\n  y\n]\n", Syntax::Text);
    let printed = written(&recipe, Syntax::Yaml);
    assert_eq!(printed, "let:\n  # one\n  # two\n  a: \"[x, y]\"\n");
}
