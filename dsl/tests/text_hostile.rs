//! No text, however hostile, may exhaust the stack or the clock.

#![allow(
    clippy::disallowed_types,
    reason = "a test of how long reading takes has to look at a clock"
)]

use std::time::{Duration, Instant};

use vidc_dsl::limits::MAX_TEXT;
use vidc_dsl::{Diagnostics, Signatures, Sources, Syntax, text};

/// A stack well below a thread's usual two megabytes.
const STACK: usize = 1 << 20;
/// Even the slowest machine and an unoptimised build read the longest recipe in this time.
const PATIENCE: Duration = Duration::from_secs(20);

/// Reads a text, goes through its tree, and gives back the codes of what is wrong with it.
fn codes(source: impl Into<String>) -> Vec<&'static str> {
    let source = source.into();
    let work = move || {
        let mut sources = Sources::default();
        let length = source.len();
        let id = sources.add("test.vidc", source, Syntax::Text);
        let mut diagnostics = Diagnostics::new();
        let start = Instant::now();
        let file = sources.get(id).expect("it was just added");
        let recipe = text::parse(file, &Signatures::default(), &mut diagnostics);
        text::print(&recipe, &Signatures::default());
        let took = start.elapsed();
        assert!(took < PATIENCE, "{length} bytes took {took:?}");
        diagnostics.sorted().iter().map(|d| d.code.id).collect()
    };
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(work);
    thread
        .expect("a thread starts")
        .join()
        .expect("it does not panic")
}

fn nested(open: &str, inner: &str, close: &str, depth: usize) -> String {
    format!("let x = {}{inner}{}", open.repeat(depth), close.repeat(depth))
}

/// `let x = ` and the pattern again and again, up to a length.
fn repeated(pattern: &str, length: usize) -> String {
    format!("let x = {}", pattern.repeat((length - 8) / pattern.len()))
}

/// As long as a recipe may be.
fn long(pattern: &str) -> String {
    repeated(pattern, MAX_TEXT)
}

#[test]
fn deep_brackets() {
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{a: ", "}"),
        ("f(", ")"),
        ("f(a: ", ")"),
        ("f(1 (", "))"),
        ("-(", ")"),
    ] {
        let allowed = 64 / open.matches(['(', '[', '{']).count();
        for depth in [allowed, 10_000] {
            let ids = codes(nested(open, "1", close, depth));
            let expected = match (depth, open) {
                (10_000, _) => vec!["too-large"],
                (_, "f(1 (") => vec!["syntax"],
                _ => vec![],
            };
            assert_eq!(ids, expected, "{depth} {open}");
        }
    }
}

#[test]
fn brackets_full_of_operators() {
    assert_eq!(
        codes(nested("(1 + - not 1 == (", "1", "))", 32)),
        Vec::<&str>::new()
    );
    let long = nested("(1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 - (", "1", "))", 32);
    assert_eq!(codes(long), ["too-large"]);
    assert_eq!(codes(nested("not - - -(", "1", ")", 64)), Vec::<&str>::new());
    assert_eq!(codes(nested("f(a.b.c.d + [", "1", "])", 32)), Vec::<&str>::new());
}

#[test]
fn deep_types() {
    let lists = |depth: usize| format!("param x: {}int{}", "list<".repeat(depth), ">".repeat(depth));
    assert_eq!(codes(lists(64)), Vec::<&str>::new());
    assert_eq!(codes(lists(65)), ["too-large"]);
    assert_eq!(codes(lists(100_000)), ["too-large"]);
    let records = |depth: usize| format!("param x: {}int{}", "list<{a: ".repeat(depth), "}>".repeat(depth));
    assert_eq!(codes(records(32)), Vec::<&str>::new());
    assert_eq!(codes(records(33)), ["too-large"]);
    assert_eq!(
        codes(format!("param x: {}int", "list<".repeat(100_000))),
        ["too-large"]
    );
    assert_eq!(
        codes(format!("param x: int{}", ">".repeat(100_000))),
        ["unclosed"]
    );
}

#[test]
fn long_chains() {
    assert_eq!(codes(format!("let x = {}1", "-".repeat(100_000))), ["too-large"]);
    assert_eq!(
        codes(format!("let x = {}1", "not ".repeat(100_000))),
        ["too-large"]
    );
    assert_eq!(codes(format!("let x = {}1", "-".repeat(511))), Vec::<&str>::new());
    assert_eq!(
        codes(format!("let x = 1{}", " + 1".repeat(255))),
        Vec::<&str>::new()
    );
    assert_eq!(codes(format!("let x = 1{}", " + 1".repeat(256))), ["too-large"]);
    for pattern in ["a|", "a+", "a.", "..", "a..", "- ", "a == "] {
        let ids = codes(repeated(pattern, MAX_TEXT / 8));
        assert!(ids == ["syntax"] || ids == ["too-large"], "{pattern}: {ids:?}");
    }
    assert_eq!(codes(repeated("a|", MAX_TEXT - 1) + "a"), ["too-large"]);
}

#[test]
fn unclosed_brackets() {
    for pattern in ["f(", "[", "{a:", "(", "f(a, [{b: ("] {
        assert_eq!(codes(nested(pattern, "", "", 12)), ["unclosed"]);
        assert_eq!(codes(long(pattern)), ["too-large"]);
    }
    assert_eq!(codes(long(")")), ["unclosed"]);
    assert_eq!(codes(long("\"")), ["syntax"]);
}

#[test]
fn broken_entries() {
    for depth in [8, 16, 32] {
        assert_eq!(codes(nested("f(", "1 2", ")", depth)), ["syntax"]);
        assert_eq!(codes(nested("f([", "1 2", "])", depth)), ["syntax"]);
        assert_eq!(codes(nested("[", "{a 1}", "]", depth)), ["syntax"]);
        assert_eq!(codes(nested("(", "1 2", ")", depth)), ["syntax"]);
        assert_eq!(codes(nested("f(", ",", ")", depth)), ["syntax"]);
    }
    // Broken at each level, with much inside: a factor of the depth, and a bound on that.
    let inner = format!("[{}]", "1,".repeat(20_000));
    assert_eq!(codes(nested("f(", &inner, " y)", 60)), ["syntax"]);
    assert_eq!(codes(repeated("f(1 2) + ", MAX_TEXT / 8)).len(), 1);
    assert_eq!(codes(format!("let x = [{}]", "1 2, ".repeat(20_000))).len(), 100);
    assert_eq!(codes("let x = 1 2\n".repeat(20_000)).len(), 100);
}

#[test]
fn long_recipes() {
    let none = Vec::<&str>::new();
    assert_eq!(codes(format!("let x = [{}]", "1, ".repeat(50_000))), none);
    assert_eq!(
        codes(format!(
            "let x = f({})",
            (0..60_000).map(|n| format!("a{n}: 1,")).collect::<String>()
        )),
        none
    );
    assert_eq!(
        codes("let x = a | f(b: \"{{ c }}\") // why\n".repeat(28_000)),
        none
    );
    assert_eq!(codes("// a\n".repeat(200_000)), none);
    assert_eq!(codes(format!("let x = [{}]", "// a\n 1,".repeat(100_000))), none);
    assert_eq!(codes(format!("let x = \"{}\"", "é\\n".repeat(200_000))), none);
    assert_eq!(
        codes(format!("let x = \"{{{{ {} }}}}\"", "a.".repeat(200_000))),
        none
    );
    assert_eq!(codes(format!("let {} = 1", "a-".repeat(200_000) + "a")), none);
    assert_eq!(
        codes(format!("let x = {}", "1".repeat(500_000))),
        ["malformed-literal"]
    );
    assert_eq!(codes(" ".repeat(MAX_TEXT + 1)), ["too-large"]);
    assert_eq!(codes("\n".repeat(MAX_TEXT)), none);
}
