//! Properties of reader and printer together.

use proptest::prelude::*;

use crate::ast::{Recipe, Text};
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
