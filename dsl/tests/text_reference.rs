//! Whole recipes in the text syntax, read and written.

use vidc_dsl::ast::Recipe;
use vidc_dsl::{Diagnostics, Shape, Signature, Signatures, Sources, Syntax, text, without_spans};

fn read(source: &str) -> (Recipe, Vec<String>) {
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
    let file = sources.get(id).expect("it was just added");
    let recipe = text::parse(file, &signatures, &mut diagnostics);
    let messages = diagnostics.sorted().iter().map(|d| d.message.clone()).collect();
    (recipe, messages)
}

fn format(source: &str) -> String {
    let (recipe, messages) = read(source);
    assert_eq!(messages, Vec::<String>::new());
    let printed = text::print(&recipe, &Signatures::default());
    let (again, messages) = read(&printed);
    assert_eq!(messages, Vec::<String>::new(), "{printed}");
    assert_eq!(without_spans(&again), without_spans(&recipe), "{printed}");
    assert_eq!(text::print(&again, &Signatures::default()), printed);
    printed
}

#[test]
fn a_title() {
    insta::assert_snapshot!(format(include_str!("recipes/title.vidc")));
}

#[test]
fn a_show() {
    insta::assert_snapshot!(format(include_str!("recipes/show.vidc")));
}

#[test]
fn a_recap() {
    insta::assert_snapshot!(format(include_str!("recipes/recap.vidc")));
}
