//! Keeps phrases that readers stumble over out of help texts, diagnostics, the OpenAPI document and the documentation.
//!
//! The rules are about English, not about meaning, so each must be precise: one that flags a good sentence is narrowed,
//! or the sentence is listed in [`EXCEPTIONS`] with a reason.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;
use vidc_tests::server::{Backend, Site};
use vidc_tests::{run, vidc, workspace};

use crate::{VIDC, book};

/// A phrase and what to write instead. The first capture group, if there is one, is the phrase that is reported.
struct Rule {
    phrase: Regex,
    instead: &'static str,
}

/// Where a sentence begins: a line, a sentence, a list item, a table cell or bold text.
const START: &str = r"(?m:^|[.!?:;]\s+|\|\s+|^\s*[-*]\s+|\*\*)";

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let rule = |phrase: &str, instead| Rule {
        phrase: Regex::new(phrase).unwrap(),
        instead,
    };
    let any_case = |phrase: &str| format!("(?i){phrase}");
    let at_start = |phrase: &str| format!("{START}({phrase})");
    let mut rules = vec![
        rule(&at_start(r"Of\s+(?:\w+|`)"), "start with the subject"),
        rule(&at_start(r"(?:Whoever|Whatever|Whichever)\b"), "name the subject"),
    ];
    rules.extend(
        [
            (r"\b(?:is|are|was|were|be|been|being)\s+(?:also\s+|not\s+|then\s+)?told\b", "report, say, list, or pass"),
            (r"\b(?:tells?|told|telling)\s+of\b", "describe, report"),
            (r"\btold\s+as\b", "reported as"),
            (r"\b(?:said|says?)\s+of\b", "said about, or another subject"),
            (r"\banew\b", "again, or name the action"),
            (r"\bso\s+many\b", "that many, or the number"),
            (r"\b(?:whoever|whosoever)\b", "name the subject"),
            (
                r"\b(?:whatever|whichever)\s+(?:(?:is|are|was)\s+(?:asked|drawn|heard|made|read|said|there|told)|has|have|does|goes|comes|else|stands|flows|reads|takes|needs)\b",
                "name the subject",
            ),
            (r"\b(?:comes?|came|coming)\s+to\s+lie\b", "is placed, lies"),
            (r"\bwhat\s+(?:is|was|are)\s+(?:made|told|said|asked\s+for|meant)\b", "use a noun"),
            (r"\b(?:is|are)\s+to\s+be\b", "must be, will be, should be"),
            (r"\bbeside\b", "next to, along with, in addition to"),
            (r"\bfor\s+ever\b", "forever"),
            (r"\bhalf[- ]made\b", "partial"),
            (r",\s+for\s+(?:it|they|that|there|nothing)\b", "since, because"),
            (r"\beach\s+(?:\w+\s+){0,2}by\s+(?:itself|themselves)\b", "separately, independently"),
            (r"\b(?:they|those|he)\s+who\b", "name the subject"),
            (r"\bof\s+one's\s+own\b", "your own, its own"),
            (r"\bunevenly\s+spaced\b", "variable frame rate (VFR)"),
            (r"\bsteady\s+rate\b", "constant frame rate (CFR)"),
            (
                r"\b(?:stands?|stood|comes?|goes|right|directly|put|set|read|written|word|words|one)\s+behind\b",
                "after",
            ),
            (
                r"\bbehind\s+(?:(?:a|an|the|its|their|each|another)\s+)?(?:`|comma|number|keyframe|joint|sound|fence|operation|clip|cut|time|seam|blank|first|other|it\b|them\b)",
                "after",
            ),
            (
                r"\bstands?\s+(?:in\s+(?:a|an|the|its|their|front)\b|at|on|next|behind|beside|there|alone|by|where|before|above|below|here)\b",
                "is, or a verb",
            ),
        ]
        .map(|(phrase, instead)| rule(&any_case(phrase), instead)),
    );
    rules.extend(
        [
            (r"\bpictures?\b(?:-in-picture|\s+in\s+picture)?", "video, frame, or image"),
            (
                r"\b(?:the|a|an|its|no|other|own|this|that|with|without|and|or|more|missing|copied|encoded|longer|shorter)\s+sounds?\b",
                "audio",
            ),
        ]
        .map(|(phrase, instead)| rule(&any_case(phrase), instead)),
    );
    rules.extend(
        [
            r"\w*colour\w*",
            r"\b(?:mis)?behaviours?\b",
            r"\bgrey(?:s|ish|scale)?\b",
            r"\bcentr(?:e|es|ed|ing)\b",
            r"\blicences?\b",
            r"\bneighbour\w*",
            r"\b(?:hon|fav|flav|lab)our\w*",
            r"\bartefacts?\b",
            r"\b(?:mis)?spelt\b",
            r"\b(?:learnt|whilst|amongst)\b",
            r"\b(?:label|level|travel|model|signal|channel)l(?:ed|ing)\b",
            r"\bcancelling\b",
            r"\bprogrammes?\b",
            r"\b(?:milli|centi|kilo)?metres?\b",
            r"\banalys(?:e|ed|ing)\b",
            r"\b(?:de|un|re)?(?:serial|recogn|optim|synthes|normal|initial|organ|minim|maxim|summar|synchron|author|categor|custom|final|general|prior|util|visual|token|canonical|standard|stabil|penal|emphas|capital|apolog)is(?:e|es|ed|ing|er|ers|ation|ations)\b",
        ]
        .map(|phrase| rule(&any_case(phrase), "American spelling")),
    );
    rules
});

/// A phrase that is right where it is: a part of the text's name, the phrase, and why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[(
    "glossary.md",
    "picture",
    "in the names of the parameter sets of H.265",
)];

/// A text that users read.
struct Text {
    /// A path, or the command that prints it.
    name: String,
    body: String,
}

/// Where the rules are broken, a line each.
fn findings(texts: &[Text], used: &mut BTreeSet<usize>) -> String {
    let code = Regex::new("`[^`\n]+`").unwrap();
    let mut found = String::new();
    for text in texts {
        // Names are what they are: code counts as a noun.
        let body = code.replace_all(&text.body, "`x`");
        for rule in RULES.iter() {
            for captures in rule.phrase.captures_iter(&body) {
                let phrase = captures.get(1).or_else(|| captures.get(0)).unwrap();
                if is_idiom(&body[..phrase.start()], phrase.as_str(), &body[phrase.end()..]) {
                    continue;
                }
                let excepted = EXCEPTIONS.iter().position(|(name, allowed, _)| {
                    text.name.contains(name) && phrase.as_str().eq_ignore_ascii_case(allowed)
                });
                if let Some(index) = excepted {
                    used.insert(index);
                    continue;
                }
                let line = body[..phrase.start()].matches('\n').count() + 1;
                let shown = phrase.as_str().split_whitespace().collect::<Vec<_>>().join(" ");
                writeln!(found, "{}:{line}: “{shown}”: write {}", text.name, rule.instead).unwrap();
            }
        }
    }
    found
}

/// Idioms that contain a phrase of the rules, and the terms of ITU-T H.264 and H.265 with "picture".
fn is_idiom(before: &str, phrase: &str, after: &str) -> bool {
    let phrase = phrase.to_lowercase();
    let kinds = [
        "access",
        "coded",
        "CRA",
        "IDR",
        "intra",
        "leading",
        "reference",
        "group of",
        "*",
    ];
    let is_term = kinds.iter().any(|kind| before.trim_end().ends_with(kind))
        || after.trim_start().starts_with("parameter set");
    phrase == "of course"
        || phrase.starts_with("picture") && is_term
        || phrase.ends_with("picture-in-picture")
        || phrase.split_whitespace().eq(["picture", "in", "picture"])
        || phrase == "picture" && before.ends_with("picture-in-")
}

fn page(path: &Path) -> Text {
    Text {
        name: path.display().to_string(),
        body: std::fs::read_to_string(workspace::root().join(path)).unwrap(),
    }
}

fn printed(arguments: &[&str]) -> Text {
    Text {
        name: format!("vidc {}", arguments.join(" ")),
        body: run(vidc(VIDC, workspace::root()).args(arguments))
            .expect(0)
            .stdout,
    }
}

/// The help of a command and of all its subcommands.
fn help(command: &[&str], texts: &mut Vec<Text>) {
    let text = printed(&[command, &["--help"]].concat());
    let commands = text.body.split("Commands:\n").nth(1).unwrap_or_default();
    let commands = commands.split("\n\n").next().unwrap_or_default();
    let names: Vec<String> = commands
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect();
    texts.push(text);
    for name in &names {
        help(&[command, &[name]].concat(), texts);
    }
}

/// Asserts that no text breaks a rule.
#[track_caller]
fn assert_plain(texts: &[Text]) {
    let found = findings(texts, &mut BTreeSet::new());
    let count = found.lines().count();
    assert!(found.is_empty(), "{count} phrases to rewrite:\n{found}");
}

#[test]
fn help_is_plain_english() {
    let mut texts = Vec::new();
    help(&[], &mut texts);
    assert!(texts.len() > 15, "{} commands", texts.len());
    assert_plain(&texts);
}

#[test]
fn operations_are_described_in_plain_english() {
    let names = vidc_compiler::catalogue::operations().map(|operation| operation.name);
    let each = names.chain(["output"]).map(|name| printed(&["ops", name]));
    let texts: Vec<Text> = each.chain([printed(&["ops"])]).collect();
    assert_plain(&texts);
}

#[test]
fn diagnostics_are_explained_in_plain_english() {
    let codes = [vidc_dsl::codes::ALL, vidc_compiler::codes::ALL];
    let names: BTreeSet<&str> = codes.into_iter().flatten().map(|code| code.id).collect();
    let each = names.into_iter().map(|name| printed(&["explain", name]));
    let texts: Vec<Text> = each.chain([printed(&["explain"])]).collect();
    assert_plain(&texts);
}

#[test]
fn the_openapi_document_is_plain_english() {
    let site = Site::new(VIDC, Backend::Embedded, "");
    let server = site.serve(0);
    let document = server.client.get("/openapi.json").expect(200).json();
    let mut texts = Vec::new();
    prose(&document, "openapi.json", &mut texts);
    assert!(texts.len() > 100, "{} descriptions", texts.len());
    assert_plain(&texts);
}

/// Titles, summaries and descriptions, each named by its JSON pointer.
fn prose(value: &Value, pointer: &str, texts: &mut Vec<Text>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                let pointer = format!("{pointer}/{}", key.replace('/', "~1"));
                match value {
                    Value::String(body) if matches!(key.as_str(), "title" | "summary" | "description") => {
                        texts.push(Text {
                            name: pointer,
                            body: body.clone(),
                        });
                    }
                    value => prose(value, &pointer, texts),
                }
            }
        }
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                prose(value, &format!("{pointer}/{index}"), texts);
            }
        }
        _ => {}
    }
}

#[test]
fn the_documentation_is_plain_english() {
    let texts: Vec<Text> = documentation().iter().map(|path| page(path)).collect();
    assert_plain(&texts);
}

/// The book, README, CONTRIBUTING, and the cases of diagnostics.
fn documentation() -> Vec<PathBuf> {
    let mut pages = book::pages();
    pages.push("CHANGELOG.md".into());
    let cases = Path::new("tests/cases");
    for entry in std::fs::read_dir(workspace::root().join(cases)).unwrap() {
        pages.push(cases.join(entry.unwrap().file_name()));
    }
    pages.sort();
    pages
}

#[test]
fn every_exception_is_needed() {
    let texts: Vec<Text> = documentation().iter().map(|path| page(path)).collect();
    let mut used = BTreeSet::new();
    findings(&texts, &mut used);
    for (index, (name, phrase, _)) in EXCEPTIONS.iter().enumerate() {
        assert!(used.contains(&index), "“{phrase}” is not in {name}");
    }
}

#[test]
fn rules_find_phrases_and_leave_good_english_alone() {
    let findings = |body: &str| {
        let text = Text {
            name: "sample".into(),
            body: body.into(),
        };
        findings(&[text], &mut BTreeSet::new())
    };
    for bad in [
        "A difference is\ntold as a note.",
        "Of a file with several, the first is used.",
        "It says so. Of very many clips, only some are open.",
        "| Whoever asks | gets it |",
        "The text behind `x` is drawn.",
        "Its colour is grey.",
        "It is serialised.",
        "The sound is copied.",
    ] {
        assert!(!findings(bad).is_empty(), "not found: {bad}");
    }
    for good in [
        "Edit lists tell players how many samples to skip.",
        "a picture-in-picture window, and picture in picture",
        "The server runs behind a reverse proxy.",
        "Of course.",
        "`{tenant}` stands for the key's tenant.",
        "An IDR picture begins a group of pictures.",
        "See `colour` and `grey`.",
        "The process listens forever.",
    ] {
        assert_eq!(findings(good), "", "{good}");
    }
}
