use vidc_dsl::{Diagnostics, Shape, Signature, Signatures, Sources, Syntax, text};

fn said(source: &str) -> String {
    let mut signatures = Signatures::default();
    let params = vec![
        ("content".to_string(), Shape::Text),
        ("margin".to_string(), Shape::Expression),
    ];
    signatures.insert("text", Signature { params });
    let mut sources = Sources::default();
    let id = sources.add("test.vidc", source, Syntax::Text);
    let mut diagnostics = Diagnostics::new();
    let file = sources.get(id).expect("it was just added");
    text::parse(file, &signatures, &mut diagnostics);
    let mut said = String::new();
    for diagnostic in diagnostics.sorted() {
        said += &format!(
            "{} at `{}`: {}",
            diagnostic.code.id,
            file.slice(diagnostic.primary.span),
            diagnostic.message
        );
        if !diagnostic.primary.text.is_empty() {
            said += &format!(" ({})", diagnostic.primary.text);
        }
        for label in &diagnostic.secondary {
            said += &format!("\n  also `{}`: {}", file.slice(label.span), label.text);
        }
        for help in &diagnostic.help {
            said += &format!("\n  help: {help}");
        }
        for fix in &diagnostic.suggestions {
            said += &format!(
                "\n  {}: `{}` -> `{}`",
                fix.message,
                file.slice(fix.span),
                fix.replacement
            );
        }
        said += "\n";
    }
    said
}
#[test]
fn probe() {
    for source in [
        "let a = f(x y)",
        "let a = f(x: 1 y: 2)",
        "let a = f(x = 1)",
        "let a = [1 2]",
        "let a = {x: 1 y: 2}",
        "let a = {x = 1}",
        "let a = {\"x\": 1}",
        "input a = 'x.mov'",
        "let a = f('it''s')",
        "let a = 5sec",
        "let a = f(in: 5sec, out: 3Sec, b: 3m, c: 4zz)",
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
        "for x in xs { output(x) }",
        "import \"brand.vidc\" as brand",
        "def f(x: int) = x",
        "let a = if b then c else d",
        "let a = [for x in xs: x]",
        "let for = 3",
        "let true = 3",
        "let a = b |",
        "let a = b | 5s",
        "let a = b | \"x\"",
        "let a = b || c",
        "let a = b && c",
        "let a = !b",
        "let a = b = c",
        "let a = b; let c = d",
        "let a = .5",
        "let a = b ? c : d",
        "let a = b c",
        "let a = f(,)",
        "let a = f(a,,b)",
        "let a = f(a b, c d, (e f))",
        "let a = (b c)",
        "let a = (b",
        "let a = f(b]\nlet c = 3",
        "let a = b)",
        "let a = f(b\nlet c = g(d\nlet e = [1 2]",
        "let a = \"unfinished\nlet b = 3",
        "let a = \"\\d \\u{zz}\"",
        "let a = 1:5",
        "let a = 99999999999999999999s",
        "let a = #ggg",
        "# comment\nlet a = 1",
        "let a = 1 # comment",
        "let a = 1 /* c */",
        "let a = 1..2..3",
        "let a = ..",
        "let a = text(margin: 3, \"x\")",
        "let a = text(\"x\", 3)",
        "let a = text(\"x\", content: 3)",
        "let a = f(a: 1, a: 2)",
        "let a = {a: 1, a: 2}",
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
        "let a = b.5",
        "let a = b. ",
        "let a = not",
        "let a = f(not)",
        "let a = f(x:)",
        "let a = f(x: , y: 1)",
        "let a = f(: 1)",
        "let a = f(1: 2)",
        "let a = “x”",
        "let a = é",
        "let a = b-1 - c -d",
        "let a = f(x: 1,\n  // why\n  y 2)",
        "let a = f(a\n  // why\n  b)",
        "let a = @x",
        "let a = $x",
        "let a = 50 %",
        "let a = 5 s",
        "let a = f(x) g",
        "let a = 1\n| f",
        "let a = b\n  | trim(1s..2s) fade(in: 1s)",
        "param x: int?? = 3",
        "let a = [1, 2",
        "}",
        "let a = f(in 1s)",
        "let a = \"x\" \"y\"",
        "let a = b!",
        "let a = b ! c",
        "let a = 0x10",
        "let a = 1e5",
        "let a = 1_000",
        "\u{feff}let a = 1 )",
        "let a = f(if x then y else z, b: 1 2)",
        "let a = x as y",
        "let a = 1\n  vidc 2",
        "let a = talk | trim(0s..)\nlet main = talk | trim(0s..5s\noutput(\"x\")\n",
        "_x = 3",
        "let _x = 3",
        "let a = x.",
        "let a = {a: 1, 2}",
        "let a = {1, 2}",
        "let a = f{x: 1}",
        "let a = f[0]",
        "let a = b > c > ",
        "let a = \"a\" + 'b' + 'c'",
    ] {
        println!("--- {source:?}\n{}", said(source));
    }
}
