//! What is said of mistakes in the text syntax: code, place, message, and the edits offered.

use vidc_dsl::{Diagnostics, Shape, Signature, Signatures, Sources, Syntax, codes, text};

fn read(source: &str) -> (Sources, Diagnostics) {
    let mut signatures = Signatures::default();
    let params = vec![
        ("content".to_string(), Shape::Text),
        ("margin".to_string(), Shape::Expression),
    ];
    signatures.insert(
        "text",
        Signature {
            params,
            named_only: false,
        },
    );
    let mut sources = Sources::default();
    let id = sources.add("test.vidc", source, Syntax::Text);
    let mut diagnostics = Diagnostics::new();
    text::parse(
        sources.get(id).expect("it was just added"),
        &signatures,
        &mut diagnostics,
    );
    (sources, diagnostics)
}

/// Everything said of a text, a line each.
fn said(source: &str) -> String {
    let (sources, diagnostics) = read(source);
    let mut said = format!("{source}\n");
    for diagnostic in diagnostics.sorted() {
        let at = |span: vidc_dsl::Span| sources.get(span.file).map_or("", |file| file.slice(span));
        let (id, place) = (diagnostic.code.id, at(diagnostic.primary.span));
        said += &format!("    {id} at `{place}`: {}\n", diagnostic.message);
        if !diagnostic.primary.text.is_empty() {
            said += &format!("        here: {}\n", diagnostic.primary.text);
        }
        for label in &diagnostic.secondary {
            said += &format!("        at `{}`: {}\n", at(label.span), label.text);
        }
        for help in &diagnostic.help {
            said += &format!("        help: {help}\n");
        }
        for edit in &diagnostic.suggestions {
            said += &format!(
                "        {}: `{}` -> `{}`\n",
                edit.message,
                at(edit.span),
                edit.replacement
            );
        }
    }
    said
}

fn all(texts: &[&str]) -> String {
    texts.iter().map(|text| said(text)).collect::<Vec<_>>().join("\n")
}

#[test]
fn statements() {
    insta::assert_snapshot!(all(&[
        "ouput(\"x\")",
        "foo bar",
        "let a = b\n  let c = d",
        "let a = b\n  output(\"x\")",
        "  let a = b",
        "let = 3",
        "let a 3",
        "let a = ",
        "let a == 3",
        "param x",
        "param x = 3",
        "param x: ",
        "param x: list<int",
        "param x: list<>",
        "param x: {a: int, b}",
        "param x: int = ",
        "input a = talk.mov",
        "input a = input(\"x\")",
        "input(\"x\")",
        "vidc",
        "vidc one",
        "vidc 1\nvidc 1",
        "let a = 1\nvidc 1",
        "output",
        "output \"x\"",
        "output(\"x\") | y",
        "let a = b\n  | trim(1s..2s) fade(in: 1s)",
        "param x: int?? = 3",
        "}",
        "let a = 1\n  vidc 2",
        "_x = 3",
    ]));
}

#[test]
fn brackets() {
    insta::assert_snapshot!(all(&[
        "let a = f(x y)",
        "let a = f(x: 1 y: 2)",
        "let a = f(x = 1)",
        "let a = [1 2]",
        "let a = {x: 1 y: 2}",
        "let a = {x = 1}",
        "let a = {\"x\": 1}",
        "let a = f(,)",
        "let a = f(a,,b)",
        "let a = f(a b, c d, (e f))",
        "let a = (b c)",
        "let a = (b",
        "let a = f(b]\nlet c = 3",
        "let a = b)",
        "let a = f(b\nlet c = g(d\nlet e = [1 2]",
        "let a = text(margin: 3, \"x\")",
        "let a = text(\"x\", 3)",
        "let a = text(\"x\", content: 3)",
        "let a = f(a: 1, a: 2)",
        "let a = {a: 1, a: 2}",
        "let a = f(not)",
        "let a = f(x:)",
        "let a = f(x: , y: 1)",
        "let a = f(: 1)",
        "let a = f(1: 2)",
        "let a = f(x: 1,\n  // why\n  y 2)",
        "let a = f(a\n  // why\n  b)",
        "let a = f(x) g",
        "let a = [1, 2",
        "let a = f(in 1s)",
        "\u{feff}let a = 1 )",
        "let a = talk | trim(0s..)\nlet main = talk | trim(0s..5s\noutput(\"x\")\n",
        "let a = {a: 1, 2}",
        "let a = {1, 2}",
        "let a = f{x: 1}",
        "let a = f[0]",
    ]));
}

#[test]
fn values() {
    insta::assert_snapshot!(all(&[
        "input a = 'x.mov'",
        "let a = f('it''s')",
        "let a = 5sec",
        "let a = f(in: 5sec, out: 3Sec, b: 3m, c: 4zz)",
        "let a = .5",
        "let a = \"unfinished\nlet b = 3",
        "let a = \"\\d \\u{zz}\"",
        "let a = 1:5",
        "let a = 99999999999999999999s",
        "let a = #ggg",
        "# comment\nlet a = 1",
        "let a = 1 # comment",
        "let a = 1 /* c */",
        "let a = “x”",
        "let a = é",
        "let a = @x",
        "let a = $x",
        "let a = 50 %",
        "let a = 5 s",
        "let a = 1e5",
        "let a = 1_000",
        "let a = \"a\" + 'b' + 'c'",
    ]));
}

#[test]
fn operators() {
    insta::assert_snapshot!(all(&[
        "let true = 3",
        "let a = b |",
        "let a = b | 5s",
        "let a = b | \"x\"",
        "let a = b || c",
        "let a = b && c",
        "let a = !b",
        "let a = b = c",
        "let a = b; let c = d",
        "let a = b ? c : d",
        "let a = b c",
        "let a = 1..2..3",
        "let a = ..",
        "let a = b.5",
        "let a = b. ",
        "let a = not",
        "let a = \"x\" \"y\"",
        "let a = b!",
        "let a = b ! c",
        "let a = x.",
        "let a = b > c > ",
    ]));
}

#[test]
fn reserved() {
    insta::assert_snapshot!(all(&[
        "for x in xs { output(x) }",
        "import \"brand.vidc\" as brand",
        "def f(x: int) = x",
        "let a = if b then c else d",
        "let a = [for x in xs: x]",
        "let for = 3",
        "let a = f(if x then y else z, b: 1 2)",
        "let a = x as y",
    ]));
}

/// A file with a mistake in each statement has each of them told in one run.
#[test]
fn every_statement_reports_its_own_mistakes() {
    let source = "vidc 1\nparam a = 3\nlet b = f(1 2, c = 3)\nlet d = 5sec\nlet e = f(\n  1\nlet g = 'x'\nouput()\nlet ok = 1\n";
    insta::assert_snapshot!(said(source));
}

/// Every code of this syntax is what its wrong recipe earns, and its right one earns nothing.
#[test]
fn every_code_has_an_explanation() {
    for code in [
        &codes::SYNTAX,
        &codes::UNCLOSED,
        &codes::TOO_LARGE,
        &codes::RESERVED,
        &codes::LITERAL,
        &codes::UNKNOWN_UNIT,
        &codes::ESCAPE,
        &codes::POSITIONAL,
        &codes::DUPLICATE_ARGUMENT,
        &codes::NOT_A_STAGE,
        &codes::NOT_A_PATH,
    ] {
        let earned: Vec<_> = read(code.wrong).1.iter().map(|d| d.code.id).collect();
        assert!(earned.contains(&code.id), "{}: {earned:?}", code.id);
        assert!(read(code.right).1.is_empty(), "{}: {}", code.id, said(code.right));
    }
}
