//! A plan for people and other programs: as a shell script, and as a graph for Graphviz.

use std::fmt::Write as _;

use crate::facts::Facts;
use crate::plan::{
    Arguments, ArtifactId, Destination, Plan, RunEnvironment, RunSource, StageKind, argv, concat_lists,
};
use crate::time::{Rational, decimal};

/// The plan as a shell script that does the same work, in the folder it is run in.
pub fn shell(plan: &Plan, facts: &Facts) -> String {
    let mut out = String::from("#!/bin/sh\nset -eu\n");
    out.push_str("work=$(mktemp -d)\ntrap 'rm -rf \"$work\"' EXIT\n");
    // What a stage measured is read out of its log by this.
    if plan.stages.iter().any(|stage| stage.kind == StageKind::Measure) {
        out.push_str(GAIN);
    }
    for (number, stage) in plan.stages.iter().enumerate() {
        let _ = writeln!(out, "\n# {}: {}", number + 1, stage.title);
        for (index, file) in stage.run.files.iter().enumerate() {
            let path = work_file(number, index, &file.extension);
            let _ = writeln!(out, "cat > {path} <<'END_OF_{number}_{index}'");
            out.push_str(file.text.trim_end_matches('\n'));
            let _ = writeln!(out, "\nEND_OF_{number}_{index}");
        }
        for output in stage.run.outputs.iter().filter_map(|output| output.name()) {
            if let Some((folder, _)) = output.rsplit_once('/') {
                let _ = writeln!(out, "mkdir -p {}", quoted(folder));
            }
        }
        let names = ShellNames {
            plan,
            facts,
            stage: number,
        };
        for (index, list) in concat_lists(&stage.run, &names) {
            // The shell fills in where the parts are, and nothing else.
            let list = heredoc(&list);
            let _ = write!(
                out,
                "cat > \"$work/{number}-{index}.ffconcat\" <<END\n{list}END\n"
            );
        }
        let Arguments {
            inputs,
            graph,
            outputs,
        } = argv(&stage.run, &names);
        let mut lines: Vec<String> = vec!["ffmpeg -hide_banner -nostdin -y".to_owned()];
        lines.push(pairs(&inputs));
        lines.extend(graph.map(|graph| format!("-filter_complex {}", quoted(&graph))));
        lines.push(pairs(&outputs));
        lines.retain(|line| !line.is_empty());
        out.push_str(&lines.join(" \\\n  "));
        if stage.kind == StageKind::Measure {
            let _ = write!(out, " 2> \"$work/measured-{number}\"");
        }
        out.push('\n');
    }
    out
}

/// `gain STAGE TARGET`: from the integrated loudness in the summary that `ebur128` logged.
const GAIN: &str = r#"gain() {
  awk -v target="$2" '$1 == "I:" { i = $2 } END { printf "%.2fdB", i <= -70 ? 0 : target - i }' "$work/measured-$1"
}
"#;

struct ShellNames<'p> {
    plan: &'p Plan,
    facts: &'p Facts,
    stage: usize,
}

/// Where a value begins that the shell must expand inside a quoted word; no path or text holds this character.
const EXPAND: char = '\u{1}';

impl RunEnvironment for ShellNames<'_> {
    fn media_path(&self, key: &str) -> String {
        match self.facts.media.get(key) {
            Some(Ok(media)) => media.path.clone(),
            _ => key.to_owned(),
        }
    }

    fn generated_file_path(&self, index: usize) -> String {
        let extension = &self.plan.stages[self.stage].run.files[index].extension;
        format!("{EXPAND}$work/{}-{index}.{extension}{EXPAND}", self.stage)
    }

    fn artifact_path(&self, part: ArtifactId) -> String {
        format!("{EXPAND}$work/part-{}-{}{EXPAND}", part.stage, part.output)
    }

    fn concat_list_path(&self, input: usize) -> String {
        format!("{EXPAND}$work/{}-{input}.ffconcat{EXPAND}", self.stage)
    }

    fn output_path(&self, index: usize) -> String {
        match &self.plan.stages[self.stage].run.outputs[index].destination {
            Destination::Named(name) => name.clone(),
            Destination::Artifact => self.artifact_path(ArtifactId {
                stage: self.stage,
                output: index,
            }),
            Destination::Null => String::new(),
        }
    }

    fn gain(&self, stage: usize, target: Rational) -> String {
        format!("{EXPAND}$(gain {stage} {}){EXPAND}", decimal(target, 2))
    }
}

fn work_file(stage: usize, index: usize, extension: &str) -> String {
    format!("\"$work/{stage}-{index}.{extension}\"")
}

/// Arguments, an option and its value on a line. Every option in a plan has a value but `-copyts`.
fn pairs(arguments: &[String]) -> String {
    let mut lines = Vec::new();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let is_option = argument.len() > 1 && argument.starts_with('-');
        match rest
            .as_slice()
            .first()
            .filter(|_| is_option && argument != "-copyts")
        {
            Some(value) => {
                lines.push(format!("{} {}", quoted(argument), quoted(value)));
                rest.next();
            }
            None => lines.push(quoted(argument)),
        }
    }
    lines.join(" \\\n  ")
}

/// Text for a here-document in which only what is between two [`EXPAND`]s is expanded.
fn heredoc(text: &str) -> String {
    let mut out = String::new();
    for (index, part) in text.split(EXPAND).enumerate() {
        for c in part.chars() {
            if index % 2 == 0 && matches!(c, '$' | '`' | '\\') {
                out.push('\\');
            }
            out.push(c);
        }
    }
    out
}

/// A word of a POSIX shell. Text between two [`EXPAND`]s is left to the shell, in double quotes.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=+,@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    let mut out = String::new();
    for (index, part) in word.split(EXPAND).enumerate() {
        // The escaping of filter graphs has put backslashes into what the shell is to expand.
        match index % 2 {
            1 => {
                let _ = write!(out, "\"{}\"", part.replace('\\', ""));
            }
            _ if part.is_empty() => {}
            _ => {
                let _ = write!(out, "'{}'", part.replace('\'', r"'\''"));
            }
        }
    }
    if out.is_empty() { "''".to_owned() } else { out }
}

/// The plan as a graph in the DOT language: files, filters, stages, and what flows between them.
pub fn dot(plan: &Plan) -> String {
    let mut out = String::from("digraph plan {\n  rankdir=LR\n  node [shape=box, fontname=\"sans-serif\"]\n");
    for (number, stage) in plan.stages.iter().enumerate() {
        let _ = writeln!(
            out,
            "  subgraph cluster_{number} {{\n    label={}",
            label(&stage.title)
        );
        for (index, input) in stage.run.inputs.iter().enumerate() {
            let name = match &input.source {
                RunSource::Media(path) => path.clone(),
                RunSource::File(file) => format!("generated {file}.{}", stage.run.files[*file].extension),
                RunSource::Artifact(part) => format!("what {} made", part.stage + 1),
                RunSource::Concat(segments) => format!("{} parts", segments.len()),
            };
            let part = match (input.seek, input.duration) {
                (None, None) => String::new(),
                (seek, duration) => {
                    let start = seek.unwrap_or_default();
                    let end = duration
                        .map(|duration| (start + duration).to_string())
                        .unwrap_or_default();
                    format!("\n{start}..{end}")
                }
            };
            let _ = writeln!(
                out,
                "    s{number}_in{index} [shape=note, label={}]",
                label(&(name + &part))
            );
        }
        let mut edges = Vec::new();
        let mut makers = std::collections::HashMap::new();
        for (index, chain) in stage.run.graph.chains.iter().enumerate() {
            let names: Vec<&str> = chain.filters.iter().map(|filter| filter.name.as_str()).collect();
            let _ = writeln!(out, "    s{number}_c{index} [label={}]", label(&names.join("\n")));
            for link in &chain.outputs {
                makers.insert(*link, index);
            }
            for pad in &chain.inputs {
                let from = match pad {
                    crate::plan::Pad::Stream { input, .. } => format!("s{number}_in{input}"),
                    crate::plan::Pad::Link(link) => match makers.get(link) {
                        Some(maker) => format!("s{number}_c{maker}"),
                        None => continue,
                    },
                };
                edges.push(format!("{from} -> s{number}_c{index}"));
            }
        }
        for (index, output) in stage.run.outputs.iter().enumerate() {
            let name = match &output.destination {
                Destination::Named(name) => name,
                Destination::Artifact => "part",
                Destination::Null => "loudness",
            };
            let _ = writeln!(
                out,
                "    s{number}_out{index} [shape=note, style=bold, label={}]",
                label(name)
            );
            for track in &output.tracks {
                let from = match track.source {
                    crate::plan::TrackSource::Stream { input, .. } => format!("s{number}_in{input}"),
                    crate::plan::TrackSource::Link(link) => match makers.get(&link) {
                        Some(maker) => format!("s{number}_c{maker}"),
                        None => continue,
                    },
                };
                edges.push(format!(
                    "{from} -> s{number}_out{index} [label={}]",
                    label(&track.encoder)
                ));
            }
        }
        for edge in edges {
            let _ = writeln!(out, "    {edge}");
        }
        out.push_str("  }\n");
    }
    out.push_str("}\n");
    out
}

fn label(text: &str) -> String {
    format!(
        "\"{}\"",
        text.replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('\n', "\\n")
    )
}
