//! Input that is hostile or broken beyond repair.

use proptest::prelude::*;

use super::errors::codes_of;
use super::{read, signatures};
use crate::limits::{MAX_DEPTH, MAX_TEXT};
use crate::{Syntax, print, render};

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
fn many_mistakes_are_reported_quickly() {
    let (_, diagnostics, _) = read(
        &format!("let:\n  a:\n{}", "    - 1\n".repeat(90_000)),
        Syntax::Yaml,
    );
    assert_eq!(diagnostics.iter().count(), 100);
}

/// The deepest tree there can be: maps as deep as they go, and in the innermost an expression as deep as it goes.
#[test]
fn the_deepest_recipe_is_parsed_and_printed() {
    let (maps, parens) = (MAX_DEPTH - 2, MAX_DEPTH / 2);
    let inner = format!("{}x{}", "f(".repeat(parens), ")".repeat(parens));
    let text = format!(
        "let:\n  a: {}\"{inner}\"{}\n",
        "{ f: { a: ".repeat(maps / 2),
        " } }".repeat(maps / 2)
    );
    let (recipe, diagnostics, _) = read(&text, Syntax::Yaml);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    print(&recipe, Syntax::Text, &signatures());
    print(&recipe, Syntax::Yaml, &signatures());
}

#[test]
fn hostile_documents_are_rejected_quickly() {
    let size = 100_000;
    let fill = |unit: &str| unit.repeat(size / unit.len());
    let hostile = [
        format!("let: [{}", fill("a, ")),
        format!("let: {{{}", fill("a: b, ")),
        format!("let: {{{}}}", fill("a, ")),
        format!("let: [{}]", fill("\"a\", ")),
        format!("let:\n{}", fill("  a: [\n")),
        format!("let:\n{}", fill("  a: \"\n")),
        format!("let:\n  a: \"{}\"\n", fill("\\n")),
        format!("let:\n  a: >\n{}", fill("    x\n\n     y\n")),
        format!("let:\n  a: {}", fill("x ")),
        format!("let:\n  a: {}", fill("x\n    ")),
        fill("# c\n"),
        fill("a:\n"),
        fill("- "),
        fill("? "),
        fill("&a "),
        fill("*a "),
        fill("!a "),
        fill("- - -\n"),
        fill("a: # c\n"),
        fill("a"),
        fill("\"a\" "),
        fill("{a: "),
        fill("let:\n  a: b: c\n"),
        fill("---\n"),
        fill("\t"),
        format!(
            "let:\n{}",
            (0..size / 20)
                .map(|i| format!("  n{i}: a: b\n"))
                .collect::<String>()
        ),
        format!(
            "let:\n{}",
            (0..size / 20)
                .map(|i| format!("  # c\n  n{i}: x # d\n"))
                .collect::<String>()
        ),
    ];
    for text in hostile {
        let (recipe, diagnostics, sources) = read(&text, Syntax::Yaml);
        render::human(&diagnostics, &sources, false);
        render::json(&diagnostics, &sources);
        print(&recipe, Syntax::Yaml, &signatures());
    }
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
