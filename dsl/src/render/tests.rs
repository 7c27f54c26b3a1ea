use insta::assert_snapshot;
use proptest::prelude::*;

use super::{human, json};
use crate::diagnostic::Diagnostic;
use crate::{Code, Diagnostics, FileId, Severity, Sources, Span, Syntax, codes};

static LATE: Code = code("late", Severity::Warning);
static PADDED: Code = code("padded", Severity::Note);

const fn code(id: &'static str, severity: Severity) -> Code {
    Code {
        id,
        severity,
        explanation: "",
        wrong: "",
        right: "",
    }
}

const RECIPE: &str =
    "vidc 1\n\nlet main = talk\n\t| trmi(0s..5s) // \u{65e5}\u{672c} cut\n  | volume(-6dB)\n";

fn sources() -> (Sources, FileId, FileId) {
    let mut sources = Sources::default();
    let show = sources.add("show.vidc", RECIPE, Syntax::Text);
    let theme = sources.add("theme.srt", "1\nhello\n", Syntax::Text);
    (sources, show, theme)
}

fn at(file: FileId, text: &str, what: &str) -> Span {
    let start = text.find(what).unwrap_or(0);
    Span::new(file, start, start + what.len())
}

fn sample() -> (Diagnostics, Sources) {
    let (sources, show, theme) = sources();
    let mut diagnostics = Diagnostics::new();
    let trmi = at(show, RECIPE, "trmi");
    diagnostics.push(
        Diagnostic::new(&PADDED, at(show, RECIPE, "volume"), "the sound is padded")
            .secondary(at(theme, "1\nhello\n", "hello"), "to this"),
    );
    diagnostics.push(
        Diagnostic::new(&codes::SYNTAX, trmi, "unknown operation `trmi`")
            .label("not an operation")
            .secondary(at(show, RECIPE, "talk"), "of this clip")
            .help("`vidc ops` lists the operations")
            .did_you_mean(trmi, "trmi", ["trim", "volume"]),
    );
    diagnostics.push(Diagnostic::new(
        &LATE,
        at(show, RECIPE, "0s..5s"),
        "the window is clamped",
    ));
    (diagnostics, sources)
}

#[test]
fn renders_for_terminals() {
    let (diagnostics, sources) = sample();
    assert_snapshot!(human(&diagnostics, &sources, false));
    assert!(human(&diagnostics, &sources, true).contains("\u{1b}["));
    assert_eq!(human(&Diagnostics::new(), &sources, true), "");
}

/// One line of many clips: its ends are not drawn together, for that would be a line of blanks between them.
#[test]
fn distant_spans_on_a_line_get_separate_snippets() {
    let clips: Vec<String> = (0..60).map(|n| format!("clip{n}")).collect();
    let text = format!("let main = concat([{}])\n", clips.join(", "));
    let mut sources = Sources::default();
    let file = sources.add("long.vidc", text.clone(), Syntax::Text);
    let mut diagnostics = Diagnostics::new();
    let spot = Diagnostic::new(&PADDED, at(file, &text, "clip59"), "the clip is padded");
    diagnostics.push(
        spot.label("this one")
            .secondary(at(file, &text, "clip58"), "behind this")
            .secondary(at(file, &text, "clip0"), "to this"),
    );
    assert_snapshot!(human(&diagnostics, &sources, false));
}

#[test]
fn renders_json() {
    let (diagnostics, sources) = sample();
    let value = json(&diagnostics, &sources);
    assert_snapshot!(serde_json::to_string_pretty(&value).unwrap_or_default());
}

#[test]
fn a_span_in_no_file_still_has_its_message() {
    let mut diagnostics = Diagnostics::new();
    diagnostics.push(Diagnostic::new(&LATE, Span::default(), "no file at all"));
    let sources = Sources::default();
    assert_eq!(
        human(&diagnostics, &sources, false),
        "warning[late]: no file at all\n\n1 warning\n"
    );
    assert_eq!(json(&diagnostics, &sources)[0].primary.place.file, None);
}

proptest! {
    /// Whatever the spans say, and whatever the text holds, both forms come out.
    #[test]
    fn never_panics(
        text in "[a-z\\t\\r\\n \u{65e5}\u{1f600}\u{301}\u{0}\u{1b}]{0,60}",
        spans in prop::collection::vec((0usize..80, 0usize..80), 4),
        replacement in "[a-z\\n \u{65e5}]{0,8}",
    ) {
        let mut sources = Sources::default();
        let file = sources.add("a.yaml", text, Syntax::Yaml);
        let span = |i: usize| Span::new(file, spans[i].0, spans[i].1);
        let mut diagnostics = Diagnostics::new();
        diagnostics.push(
            Diagnostic::new(&codes::SYNTAX, span(0), "primary")
                .label("here")
                .secondary(span(1), "and here")
                .secondary(span(2), "")
                .help("advice")
                .suggest(span(3), replacement, "try this"),
        );
        human(&diagnostics, &sources, false);
        human(&diagnostics, &sources, true);
        json(&diagnostics, &sources);
    }
}
