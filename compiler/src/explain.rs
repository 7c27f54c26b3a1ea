//! What the compiler decided, in words.

use std::fmt::Write as _;

use crate::cost::Estimate;
use crate::facts::Facts;
use crate::graph::{Graph, StreamType, SubtitleSource};
use crate::output::{Encoding, JoinPart, JoinSource, OutputSpec, SplicePart, SpliceSource};
use crate::passes::Report;
use crate::plan::{Plan, StageKind};
use crate::time::{Rational, decimal};

/// Headed paragraphs: what is made, what was saved, what is run.
pub(crate) fn explanation(
    graph: &Graph,
    facts: &Facts,
    reports: &[Report],
    plan: &Plan,
    estimate: &Estimate,
) -> String {
    let mut out = String::from("Outputs\n");
    for output in &graph.outputs {
        describe(&mut out, graph, facts, output);
    }
    out.push_str("\nSavings\n");
    if reports.is_empty() {
        out.push_str("  none: everything that the recipe names is needed as it stands\n");
    }
    for report in reports {
        let _ = writeln!(out, "  {}: {}", report.pass, report.what);
    }
    out.push_str("\nWork\n");
    for (number, stage) in plan.stages.iter().enumerate() {
        let filters = stage.run.graph.filters().count();
        let detail = match stage.kind {
            StageKind::Copy => "packets are copied, nothing is decoded".to_owned(),
            StageKind::Join => "packets are joined, nothing is decoded".to_owned(),
            StageKind::Render | StageKind::Measure => {
                let plural =
                    |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
                format!(
                    "one ffmpeg, {}, {}",
                    plural(stage.run.inputs.len(), "input"),
                    plural(filters, "filter")
                )
            }
        };
        let _ = writeln!(
            out,
            "  {}. {} ({}): {detail}",
            number + 1,
            stage.title,
            stage.length
        );
        if let Some(estimate) = estimate.stages.get(number) {
            let _ = writeln!(out, "     {estimate}");
        }
    }
    let _ = writeln!(out, "  in all {estimate}");
    out
}

fn describe(out: &mut String, graph: &Graph, facts: &Facts, output: &OutputSpec) {
    let mut parts = Vec::new();
    for track in output.video.iter().chain(&output.audio) {
        let ty = &graph.node(track.node).ty;
        let form = match ty {
            StreamType::Video(ty) if output.container.still => ty.size().to_string(),
            StreamType::Video(ty) => format!("{}, {} fps", ty.size(), decimal(ty.frame_rate, 3)),
            StreamType::Audio(ty) => {
                format!(
                    "{} kHz {}",
                    decimal(Rational::new(ty.sample_rate.into(), 1000), 3),
                    ty.layout
                )
            }
        };
        let how = match &track.encoding {
            Encoding::Copy => {
                format!(
                    "{} copied",
                    graph.whole_codec(track.node, facts).unwrap_or("packets")
                )
            }
            Encoding::Join(join) => {
                let copied = |part: &&JoinPart| matches!(part.source, JoinSource::Packets { .. });
                match (join.parts.iter().filter(copied).count(), join.parts.len()) {
                    (0, parts) => format!("encoded by {} in {parts} parts", join.encoder.name),
                    (copied, parts) => format!("{copied} of {parts} parts copied"),
                }
            }
            Encoding::Splice(splice) => {
                let copied = |part: &&SplicePart| matches!(part.source, SpliceSource::Packets { .. });
                let copied = splice.parts.iter().filter(copied).count();
                format!("{copied} of {} parts copied", splice.parts.len())
            }
            Encoding::Encode(encoder) | Encoding::Auto(encoder) | Encoding::Frame(encoder) => {
                format!("encoded by {}", encoder.name)
            }
        };
        parts.push(format!("{form}, {how}"));
    }
    for track in &output.subtitles {
        let language = track.language.as_deref().unwrap_or("und");
        let count = match &track.source {
            SubtitleSource::Cues(cues) => format!("{} subtitles", cues.len()),
            SubtitleSource::Stream { .. } => "subtitles of the source".to_owned(),
        };
        parts.push(format!("{count} ({language})"));
    }
    let length = output.nodes().filter_map(|id| graph.node(id).ty.duration()).max();
    let length = length
        .filter(|_| !output.container.still)
        .map(|d| format!(" ({d})"))
        .unwrap_or_default();
    let _ = writeln!(out, "  {}{length}: {}", output.name, parts.join("; "));
}
