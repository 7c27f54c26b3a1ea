//! Graphs as text: one line per node, with its type and the place in the recipe it comes from.

use std::fmt::{self, Write as _};

use vidc_dsl::{Sources, Span};

use crate::graph::{Filter, Graph, Node, NodeKind, SubtitleSource};
use crate::output::{AudioSegmentSource, Encoder, Encoding, OutputSpec, TrackSpec, VideoSegmentSource};
use crate::plan::{Arg, FilterCall, Timing};
use crate::time::{Time, Window, decimal};

/// Columns are not padded to more than this many characters.
const MAX_COLUMN: usize = 64;

/// The text of a graph: its nodes, inputs before their users, then its outputs.
pub(crate) fn graph(graph: &Graph, sources: &Sources) -> String {
    let rows: Vec<[String; 3]> = graph
        .iter()
        .map(|(id, node)| {
            [
                format!("{id} = {}", operation(node)),
                node.ty.to_string(),
                place(node.origin, sources),
            ]
        })
        .collect();
    let width = |column: usize| {
        let widths = rows.iter().map(|row| row[column].chars().count());
        widths.filter(|width| *width <= MAX_COLUMN).max().unwrap_or(0)
    };
    let (first, second) = (width(0), width(1));
    let mut out = String::new();
    for [node, ty, place] in &rows {
        let _ = writeln!(out, "{node:first$}  {ty:second$}  @ {place}");
    }
    for output in &graph.outputs {
        out.push('\n');
        write_output(&mut out, output, sources);
    }
    out
}

/// `FILE:LINE:COLUMN` of the start of a span.
fn place(span: Span, sources: &Sources) -> String {
    match sources.get(span.file) {
        Some(file) => {
            let at = file.line_column(span.range().start);
            format!("{}:{}:{}", file.name, at.line, at.column)
        }
        None => "?".to_owned(),
    }
}

/// A node's operation and operands.
fn operation(node: &Node) -> String {
    let inputs: Vec<String> = node.inputs.iter().map(ToString::to_string).collect();
    let inputs = inputs.join(", ");
    match &node.kind {
        NodeKind::Source {
            media,
            stream,
            window,
            offset,
        } => {
            let mut text = format!("source {media:?}:{stream}");
            if !window.is_whole() {
                let _ = write!(text, " {}", Range(*window));
            }
            if offset.is_positive() {
                let _ = write!(text, " starting at {offset}");
            }
            text
        }
        NodeKind::Still { media, stream } => format!("still {media:?}:{stream}"),
        NodeKind::Generate(call) => format!("generate {}", Call(call)),
        NodeKind::StillToVideo { frame_rate } => {
            format!("still-to-video {inputs} {} fps", decimal(*frame_rate, 3))
        }
        NodeKind::Trim { start, end } => {
            let window = Window {
                start: *start,
                end: *end,
            };
            format!("trim {inputs} {}", Range(window))
        }
        NodeKind::Delay { by } => format!("delay {inputs} by {by}"),
        NodeKind::Loop => format!("loop {inputs}"),
        NodeKind::FixedLength { count } => format!("fixed-length {inputs} {count} {}", node.ty.unit()),
        NodeKind::Concat => format!("concat {inputs}"),
        NodeKind::Crossfade {
            transition,
            overlap,
            offset,
        } => format!(
            "crossfade {inputs} {transition} {}",
            Range::from(*offset, *overlap)
        ),
        NodeKind::Overlay { x, y, during } => {
            let during = during.map(|window| format!(" during {}", Range(window)));
            format!("overlay {inputs} at {x},{y}{}", during.unwrap_or_default())
        }
        NodeKind::Mix => format!("mix {inputs}"),
        NodeKind::Loudness { target, true_peak } => format!(
            "loudness {inputs} {} LUFS, true peak {} dBTP",
            decimal(*target, 2),
            decimal(*true_peak, 2)
        ),
        NodeKind::Materialize => format!("materialize {inputs}"),
        NodeKind::Filter(filter) => format!("filter {inputs} {}", filter_text(filter)),
    }
}

fn filter_text(filter: &Filter) -> String {
    let calls: Vec<String> = filter.calls.iter().map(|call| Call(call).to_string()).collect();
    let mut text = calls.join(", ");
    match filter.timing {
        Timing::PerFrame => {}
        Timing::Timestamp => text.push_str(" [timestamp]"),
        Timing::Stateful => text.push_str(" [stateful]"),
    }
    if filter.identity {
        text.push_str(" [no-op]");
    }
    if let Some(active) = &filter.active {
        let windows: Vec<String> = active.iter().map(|window| Range(*window).to_string()).collect();
        match windows.is_empty() {
            true => text.push_str(" never active"),
            false => text.push_str(&format!(" active {}", windows.join(", "))),
        }
    }
    text
}

fn write_output(out: &mut String, output: &OutputSpec, sources: &Sources) {
    let OutputSpec {
        name,
        container,
        origin,
        ..
    } = output;
    let _ = writeln!(
        out,
        "output {name:?} {}  @ {}",
        container.muxer.name(),
        place(*origin, sources)
    );
    for (kind, track) in [("video", &output.video), ("audio", &output.audio)] {
        if let Some(track) = track {
            write_track(out, kind, track);
        }
    }
    for track in &output.subtitles {
        let language = track.language.as_deref().unwrap_or("und");
        let source = match &track.source {
            SubtitleSource::Stream { media, stream, codec } => format!("copy {media:?}:{stream} {codec}"),
            SubtitleSource::Cues(cues) => format!("{} cues", cues.len()),
        };
        let _ = writeln!(out, "  subtitles {language}: {source}");
    }
}

/// A track, with a line for each of its segments.
fn write_track(out: &mut String, kind: &str, track: &TrackSpec) {
    let (how, segments): (String, Vec<(Time, String)>) = match &track.encoding {
        Encoding::Copy => ("copy".to_owned(), Vec::new()),
        Encoding::Encode(encoder) => (format!("encode {}", Command(encoder)), Vec::new()),
        Encoding::Auto(encoder) => (format!("auto: copy, or encode {}", Command(encoder)), Vec::new()),
        Encoding::Frame(encoder) => (format!("first frame {}", Command(encoder)), Vec::new()),
        Encoding::VideoConcat(concat) => {
            let segments = concat.parts.iter().map(|segment| {
                let source = match &segment.source {
                    VideoSegmentSource::Packets {
                        media,
                        stream,
                        from,
                        frames,
                        ..
                    } => format!("copy {media:?}:{stream} {frames} frames from {}", from.pts),
                    VideoSegmentSource::Encoded(node) => format!("encode {node}"),
                };
                (segment.length, source)
            });
            (format!("concat {}", Command(&concat.encoder)), segments.collect())
        }
        Encoding::AudioConcat(concat) => {
            let segments = concat.parts.iter().map(|segment| {
                let source = match &segment.source {
                    AudioSegmentSource::Packets {
                        media,
                        stream,
                        window,
                    } => format!("copy {media:?}:{stream} {}", Range(*window)),
                    AudioSegmentSource::Encoded { node, .. } => format!("encode {node}"),
                };
                (segment.length, source)
            });
            (format!("concat {}", Command(&concat.encoder)), segments.collect())
        }
    };
    let _ = writeln!(out, "  {kind} {}: {how}", track.node);
    for (length, source) in segments {
        let _ = writeln!(out, "    {length}: {source}");
    }
}

/// `[START..END]`; a window to the end of the stream has no END.
struct Range(Window);

impl Range {
    fn from(start: Time, length: Time) -> Range {
        Range(Window {
            start,
            end: Some(start + length),
        })
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Window { start, end } = self.0;
        let end = end.map(|end| end.to_string()).unwrap_or_default();
        write!(f, "[{start}..{end}]")
    }
}

/// `NAME(OPTION=VALUE, …)`.
struct Call<'c>(&'c FilterCall);

impl fmt::Display for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(", self.0.name)?;
        for (index, (option, value)) in self.0.args.iter().enumerate() {
            let separator = if index > 0 { ", " } else { "" };
            write!(f, "{separator}{option}=")?;
            match value {
                Arg::Text(text) => write!(f, "{}", Word(text))?,
                Arg::File(index) => write!(f, "file#{index}")?,
                Arg::GainTo { target, .. } => write!(f, "gain to {} LUFS", decimal(*target, 2))?,
            }
        }
        f.write_str(")")
    }
}

/// An encoder with its options.
struct Command<'e>(&'e Encoder);

impl fmt::Display for Command<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name)?;
        for (option, value) in &self.0.options {
            write!(f, " {option}={}", Word(value))?;
        }
        Ok(())
    }
}

/// Text that is quoted unless it is a plain word.
struct Word<'t>(&'t str);

impl fmt::Display for Word<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-+_./:|*=%#@^".contains(c);
        match !self.0.is_empty() && self.0.chars().all(is_plain) {
            true => f.write_str(self.0),
            false => write!(f, "{:?}", self.0),
        }
    }
}
