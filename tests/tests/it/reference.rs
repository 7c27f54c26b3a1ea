//! The reference pages of the book are what the catalogue and the codes say. `UPDATE=1` writes them anew.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use vidc_compiler::catalogue::{
    self, Default, Group, Input, OUTPUT, Operation, PLACES, Param, ParamType, TRANSITIONS, VARIANTS,
    VariantDef,
};
use vidc_dsl::{Code, Diagnostics, SourceFile, Sources, Syntax};
use vidc_tests::{run, vidc, workspace};

use crate::VIDC;

const NOTICE: &str = "<!-- Made by tests/tests/it/reference.rs of the catalogue. To change it, change that and run the tests with UPDATE=1. -->\n";

/// Compares a page with what it should say, or writes it.
fn compare(name: &str, wanted: &str) {
    let path = workspace::root().join("docs/src/reference").join(name);
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        std::fs::write(&path, wanted).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = found
        .lines()
        .zip(wanted.lines())
        .position(|(found, wanted)| found != wanted);
    assert!(
        found == wanted,
        "docs/src/reference/{name} is out of date, from line {} on; run the tests with UPDATE=1",
        differs.map_or(found.lines().count().min(wanted.lines().count()), |line| line) + 1
    );
}

#[test]
fn operations_are_those_of_the_catalogue() {
    compare("operations.md", &operations());
}

#[test]
fn diagnostics_are_those_of_the_codes() {
    compare("diagnostics.md", &diagnostics());
}

#[test]
fn every_pass_is_told() {
    let page = workspace::root().join("docs/src/internals/passes.md");
    let page = std::fs::read_to_string(page).unwrap();
    for pass in vidc_compiler::PassId::ALL {
        assert!(
            page.contains(&format!("## `{}`\n\n{}", pass.name(), pass.summary())),
            "{}",
            pass.name()
        );
    }
}

#[test]
fn every_unit_is_told() {
    let page = std::fs::read_to_string(workspace::root().join("docs/src/language.md")).unwrap();
    for (unit, _) in vidc_dsl::ast::Unit::ALL {
        assert!(
            page.lines()
                .any(|line| line.starts_with("| ") && line.contains(&format!("`{unit}`"))),
            "{unit}"
        );
    }
}

fn operations() -> String {
    let mut page = format!("{NOTICE}\n# Operations\n\n");
    page.push_str(
        "Everything a recipe can call. `vidc ops` lists the same, and `vidc ops NAME` shows one of them.\n\n\
         A parameter marked *first* may be given without its name, as the first argument of a call; every other one \
         is named. In YAML, `name: value` stands for a call with only that first parameter.\n\n",
    );
    let mut all: Vec<&Operation> = catalogue::operations().collect();
    all.sort_by_key(|operation| (operation.group, operation.name));
    let groups: BTreeSet<Group> = all.iter().map(|operation| operation.group).collect();
    for group in &groups {
        let names: Vec<String> = all
            .iter()
            .filter(|operation| operation.group == *group)
            .map(|operation| format!("[`{0}`](#{0})", operation.name))
            .collect();
        writeln!(page, "* {group:?}: {}", names.join(", ")).unwrap();
    }
    page.push_str("* [Outputs](#outputs), [pictures](#pictures), [sounds](#sounds), [transitions](#transitions), [places](#places)\n");
    for group in groups {
        write!(page, "\n## Operations: {group:?}\n").unwrap();
        for operation in all.iter().filter(|operation| operation.group == group) {
            page.push_str(&operation_section(operation));
        }
    }
    page.push_str("\n## Outputs\n\nThe statement `output` makes a file; see [Outputs](../outputs.md).\n\n");
    page.push_str(&table(OUTPUT));
    let choices = |name: &str| match &OUTPUT.iter().find(|param| param.name == name).unwrap().kind {
        ParamType::Variant(variants) => *variants,
        _ => panic!("`{name}` is no choice"),
    };
    let mut told = BTreeSet::new();
    let mut section = |title: &str, intro: &str, variants: &[&VariantDef]| {
        write!(page, "\n## {title}\n\n{intro}\n").unwrap();
        for variant in variants {
            if told.insert(variant.name) {
                write!(page, "\n### {}\n\n{}\n", title_of(variant.name), variant.summary).unwrap();
                if !variant.params.is_empty() {
                    write!(page, "\n{}", table(variant.params)).unwrap();
                }
            }
        }
    };
    let names = |variants: &[&VariantDef]| {
        let names: Vec<_> = variants.iter().map(|v| format!("`{}`", v.name)).collect();
        names.join(", ")
    };
    let (video, audio) = (choices("video"), choices("audio"));
    section(
        "Pictures",
        &format!("What an output's `video` can be: {}.", names(video)),
        video,
    );
    section(
        "Sounds",
        &format!("What an output's `audio` can be: {}.", names(audio)),
        audio,
    );
    section(
        "Transitions",
        &format!(
            "What the `transition` of a `concat` can be: {}.",
            names(TRANSITIONS)
        ),
        TRANSITIONS,
    );
    let (named, computed): (Vec<&VariantDef>, Vec<&VariantDef>) =
        PLACES.iter().copied().partition(|place| place.params.is_empty());
    section(
        "Places",
        &format!(
            "Where something is put: one of {}, in from the edges by a `margin`; or a `point`.",
            names(&named)
        ),
        &computed,
    );
    for variant in VARIANTS {
        assert!(told.contains(variant.name), "`{}` is left out", variant.name);
    }
    page
}

/// A heading that no operation has.
fn title_of(variant: &str) -> String {
    match catalogue::operation(variant) {
        Some(_) => format!("{variant} (choice)"),
        None => variant.to_owned(),
    }
}

fn operation_section(operation: &Operation) -> String {
    let flow = match operation.input {
        Input::Nothing => "Begins a pipeline.",
        Input::Clip => "Stands behind a `|`.",
    };
    let mut section = format!("\n### {}\n\n{} {flow}\n", operation.name, operation.summary);
    if !operation.params.is_empty() {
        write!(section, "\n{}", table(operation.params)).unwrap();
    }
    if !operation.examples.is_empty() {
        let text = operation.examples.join("\n");
        write!(section, "\n```vidc,fragment\n{text}\n```\n").unwrap();
        let yaml: Vec<String> = operation
            .examples
            .iter()
            .map(|example| in_yaml(example))
            .collect();
        write!(section, "\n```yaml,fragment\n{}```\n", yaml.concat()).unwrap();
    }
    section
}

/// An example's value in the YAML syntax.
fn in_yaml(example: &str) -> String {
    let text = match example.starts_with("let ") {
        true => format!("vidc 1\n\n{example}\n"),
        false => format!("vidc 1\n\nlet main = {example}\n"),
    };
    let mut sources = Sources::default();
    let id = sources.add("example.vidc", text, Syntax::Text);
    let file: &SourceFile = sources.get(id).unwrap();
    let signatures = vidc_compiler::signatures();
    let mut diagnostics = Diagnostics::new();
    let recipe = vidc_dsl::parse(file, &signatures, &mut diagnostics);
    assert!(diagnostics.is_empty(), "{example}: {diagnostics:?}");
    let yaml = vidc_dsl::print(&recipe, Syntax::Yaml, &signatures);
    let inside = yaml.split_once("let:\n").unwrap().1;
    inside
        .lines()
        .map(|line| format!("{}\n", line.strip_prefix("  ").unwrap_or(line)))
        .collect()
}

/// One parameter a row; the fields of records below the table.
fn table(params: &'static [Param]) -> String {
    let mut rows =
        String::from("| parameter | what it is | what it takes | without it |\n|---|---|---|---|\n");
    let first = catalogue::primary(params).map(|param| param.name);
    let mut below = String::new();
    for param in params {
        let mark = if first == Some(param.name) { " *first*" } else { "" };
        let row = format!(
            "| `{}`{mark} | {} | {} | {} |\n",
            param.name,
            cell(param.help),
            cell(&takes(&param.kind)),
            default(param)
        );
        rows.push_str(&row);
        if let ParamType::Record(fields) | ParamType::List(ParamType::Record(fields)) = &param.kind {
            let fields: Vec<String> = fields
                .iter()
                .map(|field| {
                    format!(
                        "`{}`: {}, {}, {}",
                        field.name,
                        field.help,
                        takes(&field.kind),
                        default(field)
                    )
                })
                .collect();
            write!(below, "\nEach of `{}` has {}.\n", param.name, fields.join("; ")).unwrap();
        }
    }
    rows + &below
}

fn takes(kind: &ParamType) -> String {
    let words = |words: &[&str]| {
        let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
        words.join(", ")
    };
    match kind {
        ParamType::Enum(names) => words(names),
        ParamType::Variant(variants) => words(&variants.iter().map(|v| v.name).collect::<Vec<_>>()),
        other => other.describe(),
    }
}

fn default(param: &Param) -> String {
    match param.default {
        Default::Required => "*required*".to_owned(),
        Default::Absent => String::new(),
        Default::Value(constant) => match constant.value().as_text() {
            Some(text) => format!("`{}`", text.replace(' ', "")),
            None => String::new(),
        },
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn diagnostics() -> String {
    let mut codes: Vec<&Code> = [vidc_dsl::codes::ALL, vidc_compiler::codes::ALL]
        .into_iter()
        .flatten()
        .copied()
        .collect();
    codes.sort_by_key(|code| code.id);
    let mut page = format!("{NOTICE}\n# Diagnostics\n\n");
    page.push_str(
        "Everything that vidc says of a recipe has a code, which does not change. `vidc explain CODE` shows one of \
         these.\n\nAn *error* keeps a recipe from being rendered. A *warning* does not, except with `--strict`. A \
         *note* tells what was done to make things fit.\n\n",
    );
    for severity in ["error", "warning", "note"] {
        let names: Vec<String> = codes
            .iter()
            .filter(|code| code.severity.name() == severity)
            .map(|code| format!("[`{0}`](#{0})", code.id))
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        writeln!(page, "* {severity}s: {}", names.join(", ")).unwrap();
    }
    let mut last = "";
    for code in codes {
        if code.id == last {
            // The front ends and the compiler have one code for two sides of the same mistake.
            write!(page, "\nLikewise: {}\n", code.explanation).unwrap();
        } else {
            write!(
                page,
                "\n## {}\n\n*{}*: {}\n",
                code.id,
                code.severity.name(),
                code.explanation
            )
            .unwrap();
        }
        last = code.id;
        if code.wrong == code.right {
            write!(page, "\nIt is said of\n\n{}", sample(code.wrong)).unwrap();
        } else {
            let (before, after) = match code.severity.name() {
                "note" => ("It is said of", "and not of"),
                _ => ("Wrong:", "Right:"),
            };
            write!(
                page,
                "\n{before}\n\n{}\n{after}\n\n{}",
                sample(code.wrong),
                sample(code.right)
            )
            .unwrap();
        }
    }
    page
}

fn sample(text: &str) -> String {
    let language = match text.lines().next().unwrap_or_default() {
        first if first.starts_with("vidc render") => "sh",
        first if first.ends_with(':') => "yaml,fragment",
        _ => "vidc,fragment",
    };
    // One of the mistakes is a very long line.
    let shown = if text.len() > 400 { &text[..60] } else { text };
    format!("```{language}\n{shown}\n```\n")
}

/// The table of containers on the page about outputs: every codec that it lists is taken, and no other.
#[test]
fn containers_take_what_is_told() {
    let page = std::fs::read_to_string(workspace::root().join("docs/src/outputs.md")).unwrap();
    let words = |cell: &str| -> BTreeSet<String> {
        let words = cell.split('`').skip(1).step_by(2);
        words.map(str::to_owned).collect()
    };
    let codecs = |name: &str| -> Vec<&str> {
        let ParamType::Variant(variants) = &OUTPUT.iter().find(|param| param.name == name).unwrap().kind
        else {
            panic!("`{name}` is no choice")
        };
        let names = variants.iter().map(|variant| variant.name);
        names
            .filter(|name| !["auto", "copy", "none", "frame"].contains(name))
            .collect()
    };
    let mut recipe = String::from("vidc 1\ninput camera = \"media/camera.mp4\"\n");
    let mut told = Vec::new();
    for row in page.lines().filter(|line| line.starts_with("| `.")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let extension = cells[1].trim_matches('`');
        for (track, other, cell) in [("video", "audio", cells[2]), ("audio", "video", cells[3])] {
            for codec in codecs(track) {
                writeln!(
                    recipe,
                    "output(\"{}{extension}\", from: camera, {track}: {codec}, {other}: none)",
                    told.len()
                )
                .unwrap();
                told.push((extension, codec, words(cell).contains(codec)));
            }
        }
    }
    assert!(told.len() > 100, "the table was not found");
    let folder = tempfile::tempdir().unwrap();
    let media = workspace::root().join("examples/media").canonicalize().unwrap();
    std::os::unix::fs::symlink(media, folder.path().join("media")).unwrap();
    std::fs::write(folder.path().join("all.vidc"), recipe).unwrap();
    let checked = run(vidc(VIDC, folder.path()).args(["--format", "json", "check", "all.vidc"])).expect(1);
    let said: serde_json::Value = serde_json::from_str(&checked.stdout).unwrap();
    let refused: BTreeSet<usize> = said
        .as_array()
        .unwrap()
        .iter()
        .filter(|diagnostic| diagnostic["code"] == "codec-not-in-container")
        .map(|diagnostic| usize::try_from(diagnostic["primary"]["start"]["line"].as_u64().unwrap()).unwrap())
        .collect();
    for (index, (extension, codec, is_told)) in told.iter().enumerate() {
        let taken = !refused.contains(&(index + 3));
        assert_eq!(
            taken, *is_told,
            "`{extension}` takes `{codec}`: {taken}, and the page says {is_told}"
        );
    }
}
