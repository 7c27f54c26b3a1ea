//! Explanations of the compiler's decisions.

use std::fmt::Write as _;

use crate::cost::Estimate;
use crate::facts::Facts;
use crate::graph::{Graph, StreamType, SubtitleSource};
use crate::output::{AudioSegmentSource, Encoding, OutputSpec, VideoSegmentSource};
use crate::passes::Report;
use crate::plan::{Plan, StageKind};
use crate::time::{Time, decimal};

/// Paragraphs with headings: the outputs, what passes saved, and the stages to run.
pub(crate) fn explanation(
    graph: &Graph,
    facts: &Facts,
    reports: &[Report],
    plan: &Plan,
    estimate: &Estimate,
) -> String {
    let mut out = String::from("Outputs\n");
    for output in &graph.outputs {
        write_output(&mut out, graph, facts, output);
    }
    out.push_str("\nSavings\n");
    if reports.is_empty() {
        out.push_str("  none\n");
    }
    for report in reports {
        let _ = writeln!(out, "  {}: {}", report.pass, report.message);
    }
    out.push_str("\nWork\n");
    for (number, stage) in plan.stages.iter().enumerate() {
        let filters = stage.run.graph.filters().count();
        let detail = match stage.kind {
            StageKind::Copy => "copies packets without decoding".to_owned(),
            StageKind::Join => "joins packets without decoding".to_owned(),
            StageKind::Render | StageKind::Measure => {
                format!(
                    "one FFmpeg process, {}, {}",
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
    let _ = writeln!(out, "  total: {estimate}");
    out
}

fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// How much of a track is copied and how much encoded. Segments are given by their duration and whether they are copied.
fn describe_segments(segments: impl Iterator<Item = (Time, bool)>, encoder: &str) -> String {
    let (mut copied, mut encoded, mut count) = (Time::ZERO, Time::ZERO, 0);
    for (length, is_copied) in segments {
        let sum = if is_copied { &mut copied } else { &mut encoded };
        *sum = *sum + length;
        count += 1;
    }
    match (copied.is_positive(), encoded.is_positive()) {
        (false, _) => format!("encoded by {encoder} in {}", plural(count, "segment")),
        (true, false) => "copied".to_owned(),
        (true, true) => format!("{copied} copied, {encoded} encoded by {encoder}"),
    }
}

/// A line about an output: each track's type, and how it is written.
fn write_output(out: &mut String, graph: &Graph, facts: &Facts, output: &OutputSpec) {
    let mut tracks = Vec::new();
    for track in output.video.iter().chain(&output.audio) {
        let ty = match &graph.node(track.node).ty {
            StreamType::Video(ty) if output.container.still => ty.size().to_string(),
            StreamType::Video(ty) => format!("{}, {} fps", ty.size(), decimal(ty.frame_rate, 3)),
            StreamType::Audio(ty) => ty.to_string(),
        };
        let encoding = match &track.encoding {
            Encoding::Copy => {
                let codec = graph.source_codec(track.node, facts);
                format!("{} copied", codec.unwrap_or("packets"))
            }
            Encoding::VideoConcat(concat) => {
                let segments = concat.parts.iter().map(|segment| {
                    let is_copied = matches!(segment.source, VideoSegmentSource::Packets { .. });
                    (segment.length, is_copied)
                });
                describe_segments(segments, concat.encoder.name)
            }
            Encoding::AudioConcat(concat) => {
                let segments = concat.parts.iter().map(|segment| {
                    let is_copied = matches!(segment.source, AudioSegmentSource::Packets { .. });
                    (segment.length, is_copied)
                });
                describe_segments(segments, concat.encoder.name)
            }
            Encoding::Encode(encoder) | Encoding::Auto(encoder) | Encoding::Frame(encoder) => {
                format!("encoded by {}", encoder.name)
            }
        };
        tracks.push(format!("{ty}, {encoding}"));
    }
    for track in &output.subtitles {
        let language = track.language.as_deref().unwrap_or("und");
        let count = match &track.source {
            SubtitleSource::Cues(cues) => plural(cues.len(), "subtitle cue"),
            SubtitleSource::Stream { .. } => "subtitles copied".to_owned(),
        };
        tracks.push(format!("{count} ({language})"));
    }
    let length = output.nodes().filter_map(|id| graph.node(id).ty.duration()).max();
    let length = length
        .filter(|_| !output.container.still)
        .map(|d| format!(" ({d})"))
        .unwrap_or_default();
    let _ = writeln!(out, "  {}{length}: {}", output.name, tracks.join("; "));
}
