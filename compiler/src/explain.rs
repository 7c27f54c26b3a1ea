//! What the compiler decided, in words.

use std::fmt::Write as _;

use crate::cost::Estimate;
use crate::facts::Facts;
use crate::graph::{Graph, StreamType, SubtitleSource};
use crate::output::{AudioSegmentSource, Encoding, OutputSpec, VideoSegmentSource};
use crate::passes::Report;
use crate::plan::{Plan, StageKind};
use crate::time::{Rational, Time, decimal};

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
        let _ = writeln!(out, "  {}: {}", report.pass, report.message);
    }
    out.push_str("\nWork\n");
    for (number, stage) in plan.stages.iter().enumerate() {
        let filters = stage.run.graph.filters().count();
        let detail = match stage.kind {
            StageKind::Copy => "packets are copied, nothing is decoded".to_owned(),
            StageKind::Join => "packets are joined, nothing is decoded".to_owned(),
            StageKind::Render | StageKind::Measure => {
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
            stage.duration
        );
        if let Some(estimate) = estimate.stages.get(number) {
            let _ = writeln!(out, "     {estimate}");
        }
    }
    let _ = writeln!(out, "  in all {estimate}");
    out
}

fn plural(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// How much of a track is copied and how much encoded; parts are given by their length and whether they are copied.
fn joined(parts: impl Iterator<Item = (Time, bool)>, encoder: &str) -> String {
    let (mut copied, mut encoded, mut count) = (Time::ZERO, Time::ZERO, 0);
    for (length, is_copied) in parts {
        let sum = if is_copied { &mut copied } else { &mut encoded };
        *sum = *sum + length;
        count += 1;
    }
    match (copied.is_positive(), encoded.is_positive()) {
        (false, _) => format!("encoded by {encoder} in {}", plural(count, "part")),
        (true, false) => "copied".to_owned(),
        (true, true) => format!("{copied} copied, {encoded} encoded by {encoder}"),
    }
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
                    graph.source_codec(track.node, facts).unwrap_or("packets")
                )
            }
            Encoding::VideoConcat(join) => {
                let parts = join.parts.iter().map(|part| {
                    (
                        part.length,
                        matches!(part.source, VideoSegmentSource::Packets { .. }),
                    )
                });
                joined(parts, join.encoder.name)
            }
            Encoding::AudioConcat(splice) => {
                let parts = splice.parts.iter().map(|part| {
                    (
                        part.length,
                        matches!(part.source, AudioSegmentSource::Packets { .. }),
                    )
                });
                joined(parts, splice.encoder.name)
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
            SubtitleSource::Cues(cues) => plural(cues.len(), "subtitle"),
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
