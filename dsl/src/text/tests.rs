//! Properties of reader and printer together.

use proptest::prelude::*;

use crate::ast::{Comments, ExprKind, Recipe, Text};
use crate::{Diagnostics, Span, Syntax, testing, text, without_spans};

fn read(source: &str) -> Result<Recipe, String> {
    let mut sources = crate::Sources::default();
    let id = sources.add("test.vidc", source, Syntax::Text);
    let mut diagnostics = Diagnostics::new();
    let file = sources.get(id).ok_or("the file is gone")?;
    let recipe = text::parse(file, &testing::signatures(), &mut diagnostics);
    match diagnostics.sorted().first() {
        Some(diagnostic) => Err(format!("{diagnostic:?} in\n{source}")),
        None => Ok(recipe),
    }
}

/// A text inside another one leads back through both to the file.
#[test]
fn values_inside_other_texts_have_file_spans() {
    // As in YAML, where two single quotes are one.
    let file = "k: 'x + \"it''s {{ a }}\" + 5sec'";
    let source = Text {
        value: file[4..file.len() - 1].replace("''", "'"),
        map: vec![(0, 4), (8, 13)],
    };
    let mut diagnostics = Diagnostics::new();
    let signatures = testing::signatures();
    let whole = Span::new(crate::FileId::default(), 3, file.len());
    let expr = text::parse_expression(&source, whole, &signatures, &mut diagnostics).expect("it is read");
    let told = diagnostics.sorted()[0];
    assert_eq!(&file[told.primary.span.range()], "sec");
    let ExprKind::Binary { left, .. } = expr.kind else {
        panic!("no sum")
    };
    let ExprKind::Binary { right, .. } = left.kind else {
        panic!("no sum")
    };
    assert_eq!(&file[right.span.range()], "\"it''s {{ a }}\"");
    let ExprKind::Text(text) = right.kind else {
        panic!("no text")
    };
    assert_eq!(text.value, "it's {{ a }}");
    let a = text.value.find(" a ").expect("there is one") + 1;
    let place = text.locate(a..a + 1, whole).expect("it is mapped");
    assert_eq!(&file[place.range()], "a");
    assert_eq!(place.start as usize, file.find(" a ").expect("there is one") + 1);
}

#[test]
fn values_are_parsed_whole() {
    let read = |value: &str| {
        let value = value.to_string();
        let source = Text {
            value,
            map: Vec::new(),
        };
        let mut diagnostics = Diagnostics::new();
        let whole = Span::new(crate::FileId::default(), 7, 9);
        let signatures = testing::signatures();
        let expr = text::parse_expression(&source, whole, &signatures, &mut diagnostics);
        let ty = text::parse_type(&source, whole, &mut Diagnostics::new());
        assert!(diagnostics.iter().all(|d| d.primary.span == whole));
        let messages: Vec<_> = diagnostics.iter().map(|d| d.message.clone()).collect();
        let expr = expr.map(|expr| text::print_expression(&expr, &signatures));
        (expr, ty.map(|ty| text::print_type(&ty)), messages.join("; "))
    };
    let some = |text: &str| Some(text.to_string());
    assert_eq!(read("2s.."), (some("2s.."), None, String::new()));
    assert_eq!(read("- 6dB"), (some("-6dB"), None, String::new()));
    assert_eq!(read("list<int?>?").1, some("list<int?>?"));
    assert_eq!(
        read("a | loop() | text(content: \"x\")").0,
        some("a | loop | text(\"x\")")
    );
    assert_eq!(read("").2, "expected a value, found the end of the value");
    assert_eq!(
        read("a b").2,
        "expected an operator or the end of the value, found `b`"
    );
    assert_eq!(read("a // b").2, "a value cannot contain a comment");
    assert_eq!(read("(a").2, "`(` is never closed");
}

/// Which node a comment goes to, by the examples of the rules.
#[test]
fn comments_are_attached_to_their_nodes() {
    let source = "\
// recipe
vidc 1 // one

// list
let a = [ // first
  1, // one
  // two
  2,
  // gone
] // list end
// main
let b = x // source
  // trim
  | trim(1s..2s) // trimmed
  | loop // looped
output(\"x\", from: a) // out
// end";
    let recipe = read(source).expect("it is a recipe");
    let words = |comments: &Comments| {
        (
            comments.before.join("+"),
            comments.after.clone().unwrap_or_default(),
        )
    };
    let pair = |before: &str, after: &str| (before.to_string(), after.to_string());
    assert_eq!(
        recipe.version.as_ref().map(|v| words(&v.comments)),
        Some(pair("recipe", "one"))
    );
    assert_eq!(words(&recipe.lets[0].comments), pair("list", "list end"));
    let ExprKind::List(items) = &recipe.lets[0].value.kind else {
        panic!("no list")
    };
    assert_eq!(words(&items[0].comments), pair("first", "one"));
    assert_eq!(words(&items[1].comments), pair("two", "gone"));
    assert_eq!(words(&recipe.lets[1].comments), pair("main", "looped"));
    let ExprKind::Pipeline { stages, .. } = &recipe.lets[1].value.kind else {
        panic!("no pipeline")
    };
    assert_eq!(words(&stages[0].comments), pair("source+trim", "trimmed"));
    assert_eq!(words(&stages[1].comments), pair("", ""));
    assert_eq!(words(&recipe.outputs[0].comments), pair("", "out"));
    assert_eq!(recipe.closing_comments, ["end"]);
}

proptest! {
    #[test]
    fn what_is_printed_reads_back(recipe in testing::recipe()) {
        let printed = text::print(&recipe, &testing::signatures());
        let again = read(&printed).map_err(TestCaseError::fail)?;
        prop_assert_eq!(&without_spans(&again), &recipe, "{}", printed);
        prop_assert_eq!(text::print(&again, &testing::signatures()), printed);
    }

    #[test]
    fn expressions_read_back(expr in testing::expression()) {
        let signatures = testing::signatures();
        let value = text::print_expression(&expr, &signatures);
        let source = Text { value, map: Vec::new() };
        let mut diagnostics = Diagnostics::new();
        let again = text::parse_expression(&source, Span::default(), &signatures, &mut diagnostics);
        prop_assert!(diagnostics.is_empty(), "{:?} in {}", diagnostics, source.value);
        let again = again.map(|again| text::print_expression(&again, &signatures));
        prop_assert_eq!(again, Some(source.value));
    }

    /// However comments and lines fall, nothing of the comments is lost, and one formatting is enough.
    #[test]
    fn comments_are_kept_wherever_they_stand(recipe in testing::recipe(), seed in any::<u64>()) {
        let printed = text::print(&recipe, &testing::signatures());
        let scattered = scatter(&printed, seed);
        let read_once = read(&scattered).map_err(TestCaseError::fail)?;
        let once = text::print(&read_once, &testing::signatures());
        let count = |text: &str| text.matches("scattered comment").count();
        prop_assert_eq!(count(&once), count(&scattered), "{}\n{}", scattered, once);
        let twice = text::print(&read(&once).map_err(TestCaseError::fail)?, &testing::signatures());
        prop_assert_eq!(&twice, &once, "{}", scattered);
    }

    #[test]
    fn anything_ends(source in "\\PC{0,200}") {
        let _ = read(&source);
    }

    #[test]
    fn anything_made_of_tokens_ends(tokens in prop::collection::vec(prop::sample::select(TOKENS.to_vec()), 0..60)) {
        let _ = read(&tokens.concat());
    }
}

const TOKENS: [&str; 40] = [
    "\n", "\n", "let ", "param ", "input ", "output", "vidc ", "for ", "x", "in", "not ", " and ", "list<",
    ">", "=", ":", ",", "|", "..", ".", "-", "+", "/", "//", "(", ")", "[", "]", "{", "}", "\"", "\"a\"",
    "'", "#", "#fff", "1", "5s", "é", " ", "?",
];

/// Puts comments at the ends of some lines and between some others.
fn scatter(text: &str, mut seed: u64) -> String {
    let mut scattered = String::new();
    for line in text.lines() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        if seed >> 62 == 0 {
            scattered.push_str("      // scattered comment\n");
        }
        scattered.push_str(line);
        if (seed >> 60) & 3 == 0 && !line.contains("//") {
            scattered.push_str(" // scattered comment");
        }
        scattered.push('\n');
    }
    scattered
}
