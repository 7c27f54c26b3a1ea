mod errors;
mod limits;
mod oracle;
mod printing;
mod reading;
mod roundtrip;

use crate::ast::Recipe;
use crate::{
    Diagnostics, Shape, Signature, Signatures, Sources, Syntax, parse, print, render, without_spans,
};

/// Some callables, with every shape of primary parameter.
fn signatures() -> Signatures {
    let list = |shape| Shape::List(Box::new(shape));
    let cue = || {
        Shape::Record(vec![
            ("at".into(), Shape::Expression),
            ("say".into(), Shape::Text),
        ])
    };
    let mut signatures = Signatures::default();
    let mut add = |name: &str, params: &[(&str, Shape)]| {
        let params = params
            .iter()
            .map(|(name, shape)| ((*name).to_owned(), shape.clone()));
        signatures.insert(
            name,
            Signature {
                params: params.collect(),
                named_only: false,
            },
        );
    };
    let (text, expression) = (Shape::Text, Shape::Expression);
    add(
        "output",
        &[
            ("to", text.clone()),
            ("from", expression.clone()),
            ("title", text.clone()),
        ],
    );
    add("input", &[("file", text.clone())]);
    add("image", &[("file", text.clone())]);
    add("trim", &[("range", expression.clone())]);
    add(
        "text",
        &[
            ("content", text.clone()),
            ("box", expression.clone()),
            ("font", text.clone()),
        ],
    );
    add("subtitles", &[("file", text.clone()), ("font", text)]);
    add(
        "concat",
        &[
            ("clips", list(expression.clone())),
            ("transition", expression.clone()),
        ],
    );
    add(
        "xfade",
        &[("kind", expression.clone()), ("duration", expression.clone())],
    );
    add("color", &[("color", expression.clone())]);
    add("fit", &[("size", expression.clone())]);
    add("overlay", &[("source", expression.clone())]);
    add("mix", &[("with", expression.clone())]);
    add("volume", &[("by", expression.clone())]);
    add("opacity", &[("by", expression.clone())]);
    add("loudness", &[("target", expression)]);
    add("cues", &[("list", list(cue()))]);
    add("cue", &[("cue", cue())]);
    add("loop", &[]);
    signatures
}

/// A recipe and what was said of it.
fn read(text: &str, syntax: Syntax) -> (Recipe, Diagnostics, Sources) {
    let mut sources = Sources::default();
    let name = match syntax {
        Syntax::Text => "show.vidc",
        Syntax::Yaml => "show.yaml",
    };
    let id = sources.add(name, text, syntax);
    let mut diagnostics = Diagnostics::new();
    let recipe = match sources.get(id) {
        Some(file) => parse(file, &signatures(), &mut diagnostics),
        None => Recipe::default(),
    };
    (recipe, diagnostics, sources)
}

/// A recipe without spans; it must be sound.
fn sound(text: &str, syntax: Syntax) -> Recipe {
    let (recipe, diagnostics, sources) = read(text, syntax);
    assert!(
        diagnostics.is_empty(),
        "{text}\n{}",
        render::human(&diagnostics, &sources, false)
    );
    without_spans(&recipe)
}

fn yaml(text: &str) -> Recipe {
    sound(text, Syntax::Yaml)
}

fn written(recipe: &Recipe, syntax: Syntax) -> String {
    print(recipe, syntax, &signatures())
}
