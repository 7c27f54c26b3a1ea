//! Plans as Graphviz graphs.

use std::collections::HashMap;
use std::fmt::Write as _;

use crate::plan::{Destination, Pad, Plan, RunSource, TrackSource};

/// The plan as a graph in the DOT language: files and filter chains by stage, and the streams between them.
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
                RunSource::Artifact(part) => format!("output of stage {}", part.stage + 1),
                RunSource::Concat(segments) => format!("{} segments", segments.len()),
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
        let mut producers = HashMap::new();
        for (index, chain) in stage.run.graph.chains.iter().enumerate() {
            let names: Vec<&str> = chain.filters.iter().map(|filter| filter.name.as_str()).collect();
            let _ = writeln!(out, "    s{number}_c{index} [label={}]", label(&names.join("\n")));
            for link in &chain.outputs {
                producers.insert(*link, index);
            }
            for pad in &chain.inputs {
                let from = match pad {
                    Pad::Stream { input, .. } => format!("s{number}_in{input}"),
                    Pad::Link(link) => match producers.get(link) {
                        Some(chain) => format!("s{number}_c{chain}"),
                        None => continue,
                    },
                };
                edges.push(format!("{from} -> s{number}_c{index}"));
            }
        }
        for (index, output) in stage.run.outputs.iter().enumerate() {
            let name = match &output.destination {
                Destination::Named(name) => name,
                Destination::Artifact => "intermediate file",
                Destination::Null => "loudness",
            };
            let _ = writeln!(
                out,
                "    s{number}_out{index} [shape=note, style=bold, label={}]",
                label(name)
            );
            for track in &output.tracks {
                let from = match track.source {
                    TrackSource::Stream { input, .. } => format!("s{number}_in{input}"),
                    TrackSource::Link(link) => match producers.get(&link) {
                        Some(chain) => format!("s{number}_c{chain}"),
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
