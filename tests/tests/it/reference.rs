//! The reference pages of the book agree with the catalogue and the diagnostic codes. `UPDATE=1` regenerates them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use vidc_compiler::catalogue::{
    self, Group, Input, OUTPUT, Operation, PLACEMENTS, ParamDefault, ParamSpec, ParamType, TRANSITIONS,
    VariantDef,
};
use vidc_dsl::{Code, Diagnostics, SourceFile, Sources, Syntax};
use vidc_tests::{run, vidc, workspace};

use crate::VIDC;

const NOTICE: &str = "<!-- Generated from the catalogue by tests/tests/it/reference.rs. Edit the catalogue and run the tests with UPDATE=1. -->\n";

/// Compares a page with its expected content, or writes it.
fn compare(name: &str, expected: &str) {
    let path = workspace::root().join("docs/src/reference").join(name);
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        std::fs::write(&path, expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = found
        .lines()
        .zip(expected.lines())
        .position(|(found, expected)| found != expected);
    assert!(
        found == expected,
        "docs/src/reference/{name} is out of date, from line {} on; run the tests with UPDATE=1",
        differs.map_or(found.lines().count().min(expected.lines().count()), |line| line) + 1
    );
}

#[test]
fn operations_page_matches_the_catalogue() {
    compare("operations.md", &operations());
}

#[test]
fn diagnostics_page_matches_the_codes() {
    compare("diagnostics.md", &diagnostics());
}

#[test]
fn every_pass_is_documented() {
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
fn every_unit_is_documented() {
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
        "Everything that a recipe can call. `vidc ops` prints the same list, and `vidc ops NAME` documents one \
         operation.\n\n\
         A parameter marked *first* may be given by position, as the first argument of a call; all other arguments \
         are named. In YAML, `name: value` is a call with only this first parameter.\n\n",
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
    page.push_str("* [Outputs](#outputs), [video codecs](#video-codecs), [audio codecs](#audio-codecs), [transitions](#transitions), [positions](#positions)\n");
    for group in groups {
        write!(page, "\n## Operations: {group:?}\n").unwrap();
        for operation in all.iter().filter(|operation| operation.group == group) {
            page.push_str(&operation_section(operation));
        }
    }
    page.push_str("\n## Outputs\n\nThe statement `output` writes a file; see [Outputs](../outputs.md).\n\n");
    page.push_str(&table(OUTPUT));
    let mut documented: Vec<&'static VariantDef> = Vec::new();
    let mut section = |title: &str, intro: &str, variants: &[&'static VariantDef]| {
        write!(page, "\n## {title}\n\n{intro}\n").unwrap();
        for variant in variants {
            if documented.iter().any(|known| std::ptr::eq(*known, *variant)) {
                continue;
            }
            let is_repeated = documented.iter().any(|known| known.name == variant.name);
            let heading = match catalogue::operation(variant.name).is_some() || is_repeated {
                true => format!(
                    "{} ({})",
                    variant.name,
                    title.to_lowercase().trim_end_matches('s')
                ),
                false => variant.name.to_owned(),
            };
            write!(page, "\n### {heading}\n\n{}\n", variant.summary).unwrap();
            if !variant.params.is_empty() {
                write!(page, "\n{}", table(variant.params)).unwrap();
            }
            documented.push(*variant);
        }
    };
    let names = |variants: &[&VariantDef]| {
        let names: Vec<_> = variants.iter().map(|v| format!("`{}`", v.name)).collect();
        names.join(", ")
    };
    let (video, audio) = (output_choices("video"), output_choices("audio"));
    section(
        "Video codecs",
        &format!("The values of an output's `video`: {}.", names(video)),
        video,
    );
    section(
        "Audio codecs",
        &format!("The values of an output's `audio`: {}.", names(audio)),
        audio,
    );
    section(
        "Transitions",
        &format!("The values of `transition`: {}.", names(TRANSITIONS)),
        TRANSITIONS,
    );
    let (named, computed): (Vec<&VariantDef>, Vec<&VariantDef>) = PLACEMENTS
        .iter()
        .copied()
        .partition(|placement| placement.params.is_empty());
    section(
        "Positions",
        &format!(
            "The values of `position`: {}, each inset from the edges by `margin`; or a `point`.",
            names(&named)
        ),
        &computed,
    );
    for variant in catalogue::variants() {
        assert!(
            documented.iter().any(|known| std::ptr::eq(*known, variant)),
            "`{}` is not documented",
            variant.name
        );
    }
    page
}

/// The choices of a parameter of `output`.
fn output_choices(name: &str) -> &'static [&'static VariantDef] {
    match OUTPUT.iter().find(|param| param.name == name).unwrap().ty {
        ParamType::Variant(variants) => variants,
        _ => panic!("`{name}` is not a choice"),
    }
}

fn operation_section(operation: &Operation) -> String {
    let flow = match operation.input {
        Input::Nothing => "Starts a pipeline.",
        Input::Clip => "Follows a `|`.",
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

/// One row per parameter. The fields of records follow the table.
fn table(params: &'static [ParamSpec]) -> String {
    let mut rows = String::from("| parameter | description | values | default |\n|---|---|---|---|\n");
    let first = catalogue::primary(params).map(|param| param.name);
    let mut below = String::new();
    for param in params {
        let mark = if first == Some(param.name) { " *first*" } else { "" };
        let row = format!(
            "| `{}`{mark} | {} | {} | {} |\n",
            param.name,
            cell(param.help),
            cell(&accepted(&param.ty)),
            default(param)
        );
        rows.push_str(&row);
        if let ParamType::Record(fields) | ParamType::List(ParamType::Record(fields)) = &param.ty {
            let fields: Vec<String> = fields
                .iter()
                .map(|field| {
                    format!(
                        "`{}` ({}; {}; {})",
                        field.name,
                        field.help,
                        accepted(&field.ty),
                        default(field)
                    )
                })
                .collect();
            write!(
                below,
                "\nEach element of `{}` has the fields {}.\n",
                param.name,
                fields.join(" and ")
            )
            .unwrap();
        }
    }
    rows + &below
}

fn accepted(ty: &ParamType) -> String {
    let words = |words: &[&str]| {
        let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
        words.join(", ")
    };
    match ty {
        ParamType::Enum(names) => words(names),
        ParamType::Variant(variants) => words(&variants.iter().map(|v| v.name).collect::<Vec<_>>()),
        other => other.describe(),
    }
}

fn default(param: &ParamSpec) -> String {
    match param.default {
        ParamDefault::Required => "*required*".to_owned(),
        ParamDefault::Absent => String::new(),
        ParamDefault::Value(constant) => match constant.value().as_text() {
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
        "Every diagnostic has a stable code. `vidc explain CODE` shows one of these pages in the terminal.\n\n\
         An *error* prevents rendering. A *warning* does not, except with `--strict`. A *note* reports a conversion \
         that makes clips fit together.\n\n",
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
            write!(page, "\nExample:\n\n{}", sample(code.wrong)).unwrap();
        } else {
            let (before, after) = match code.severity.name() {
                "note" => ("Reported for:", "Not reported for:"),
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
        let variants = output_choices(name);
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
