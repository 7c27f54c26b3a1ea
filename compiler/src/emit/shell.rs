//! Plans as POSIX shell scripts.

use std::fmt::Write as _;

use crate::facts::Facts;
use crate::plan::{Arguments, ArtifactId, Destination, Plan, RunEnvironment, StageKind, argv, concat_lists};
use crate::time::{Rational, decimal};

/// The plan as a shell script. It writes outputs relative to the folder in which it runs.
pub fn shell(plan: &Plan, facts: &Facts) -> String {
    let mut out = String::from("#!/bin/sh\nset -eu\n");
    out.push_str("work=$(mktemp -d)\ntrap 'rm -rf \"$work\"' EXIT\n");
    // Measurements are read from the log of their stage.
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
                let _ = writeln!(out, "mkdir -p {}", quote(folder));
            }
        }
        let paths = ShellPaths {
            plan,
            facts,
            stage: number,
        };
        for (index, list) in concat_lists(&stage.run, &paths) {
            // The shell expands only the paths of the segments.
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
        } = argv(&stage.run, &paths);
        let mut lines: Vec<String> = vec!["ffmpeg -hide_banner -nostdin -y".to_owned()];
        lines.push(option_lines(&inputs));
        lines.extend(graph.map(|graph| format!("-filter_complex {}", quote(&graph))));
        lines.push(option_lines(&outputs));
        lines.retain(|line| !line.is_empty());
        out.push_str(&lines.join(" \\\n  "));
        if stage.kind == StageKind::Measure {
            let _ = write!(out, " 2> \"$work/measured-{number}\"");
        }
        out.push('\n');
    }
    out
}

/// `gain STAGE TARGET`: the gain to a target loudness, from the integrated loudness in the summary logged by `ebur128`.
const GAIN: &str = r#"gain() {
  awk -v target="$2" '$1 == "I:" { i = $2 } END { printf "%.2fdB", i <= -70 ? 0 : target - i }' "$work/measured-$1"
}
"#;

struct ShellPaths<'p> {
    plan: &'p Plan,
    facts: &'p Facts,
    stage: usize,
}

/// Marks the start and end of text inside a quoted word that the shell must expand; no path or text contains this
/// character.
const EXPAND: char = '\u{1}';

impl RunEnvironment for ShellPaths<'_> {
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

/// Arguments, with each option and its value on one line. Every option in a plan except `-copyts` has a value.
fn option_lines(arguments: &[String]) -> String {
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
                lines.push(format!("{} {}", quote(argument), quote(value)));
                rest.next();
            }
            None => lines.push(quote(argument)),
        }
    }
    lines.join(" \\\n  ")
}

/// Text for a here-document in which the shell expands only what is between two [`EXPAND`]s.
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

/// A quoted word of a POSIX shell. Text between two [`EXPAND`]s is in double quotes, for the shell to expand.
fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=+,@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    let mut out = String::new();
    for (index, part) in word.split(EXPAND).enumerate() {
        // Filter graph escaping may have added backslashes to text that the shell must expand.
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
