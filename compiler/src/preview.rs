//! Previews: a frame or a segment of one output, rendered quickly rather than well.
//!
//! The output's tracks are trimmed to the preview's window before the passes run, which then read and decode only what
//! the window needs.

use crate::aac::{LOOKAHEAD_PACKETS, SAMPLES_PER_PACKET, SETTLING_PACKETS};
use crate::graph::{Filter, Graph, NodeId, NodeKind, StreamType, Window};
use crate::output::{Container, Encoder, Encoding, Muxer, OutputSpec, TrackSpec};
use crate::plan::{FilterCall, FilterName};
use crate::time::Time;
use crate::value::Size;

/// A preview of part of one output.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// The output's name in the recipe.
    pub output: String,
    /// The part of it to render.
    pub part: PreviewPart,
}

/// A part of an output.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PreviewPart {
    /// The frame shown at a time, as a PNG of the output's full size.
    Frame(Time),
    /// A media segment in an MPEG transport stream (RFC 8216), at most 960 by 960 pixels. Timestamps continue from one
    /// segment to the next.
    Segment {
        /// The start, on a frame.
        start: Time,
        /// The end.
        end: Time,
    },
}

/// The maximum width and height of a segment, in pixels.
const MAX_SIDE: u32 = 960;
/// The PTS of the output's first frame; it leaves room for packets before it, such as priming.
const FIRST_PTS: Time = Time::seconds(10);

/// The container of segments.
static TRANSPORT_STREAM: Container = Container {
    options: &[
        ("muxdelay", "0"),
        ("muxpreload", "0"),
        // Continuity counters start at zero in each segment.
        ("mpegts_flags", "+initial_discontinuity"),
    ],
    ..Container::new("ts", Muxer::MpegTs)
};

impl Preview {
    /// Restricts a graph to the previewed part; `None` if there is no such output, or if it has ended by then.
    pub(crate) fn restrict(&self, graph: &Graph) -> Option<Graph> {
        let mut graph = graph.clone();
        graph.outputs.retain(|output| output.name == self.output);
        let mut output = graph.outputs.pop()?;
        output.subtitles.clear();
        output.title = None;
        match self.part {
            PreviewPart::Frame(at) => restrict_to_frame(&mut graph, &mut output, at)?,
            PreviewPart::Segment { start, end } => restrict_to_segment(&mut graph, &mut output, start, end),
        }
        graph.outputs.push(output);
        Some(without_loudness(&graph))
    }
}

/// Replaces an output by the frame shown at a time.
fn restrict_to_frame(graph: &mut Graph, output: &mut OutputSpec, at: Time) -> Option<()> {
    output.audio = None;
    let track = output.video.as_mut()?;
    let ty = graph.video(track.node)?.clone();
    output.container = Container::for_file_name("frame.png")?;
    if !ty.still {
        if ty.duration.is_some_and(|duration| at >= duration) {
            return None;
        }
        let (shown, start) = graph.with_frame_at(track.node, at, output.origin);
        let end = Some(start + Time::from_frames(2, graph.video(shown)?.frame_rate));
        track.node = graph.trim(shown, Window { start, end }, output.origin);
    }
    track.node = graph.prepare_still_image(track.node, output.origin);
    track.node = graph.ensure_rgb(track.node, output.origin);
    track.encoding = Encoding::Frame(Encoder {
        name: "png",
        options: Vec::new(),
    });
    Some(())
}

/// Trims an output to a window, and encodes it fast.
fn restrict_to_segment(graph: &mut Graph, output: &mut OutputSpec, start: Time, end: Time) {
    let video = output.video.as_ref().and_then(|track| graph.video(track.node));
    let rate = video.map(|ty| ty.frame_rate);
    let on_frame = |time: Time| rate.map_or(time, |rate| time.round_to(rate));
    let start = on_frame(start);
    let window = Window {
        start,
        end: Some(on_frame(end)),
    };
    let origin = output.origin;
    output.container = &TRANSPORT_STREAM;
    output.clock = Some(FIRST_PTS + start);
    output.video = output.video.take().and_then(|track| {
        let node = graph.ensure_cfr(track.node, origin);
        let node = trim_to(graph, node, window, origin)?;
        let node = graph.ensure_sdr(node, origin);
        let size = graph.video(node)?.display_size();
        let node = graph.scale(node, fit_segment(size), origin);
        let node = graph.ensure_encodable_color(node, origin);
        let mut encoder = encoder(
            "libx264",
            &[
                ("preset", "ultrafast"),
                ("crf", "24"),
                ("pix_fmt", "yuv420p"),
                ("bf", "0"),
            ],
        );
        encoder.options.extend(graph.video(node)?.color_space.options());
        Some(TrackSpec {
            node,
            encoding: Encoding::Encode(encoder),
        })
    });
    output.audio = output
        .audio
        .take()
        .and_then(|track| segment_audio(graph, track.node, window, origin));
}

/// The audio packets that begin in a segment, on a grid that all segments share.
///
/// AAC packets overlap with their neighbors, so the encoder gets more input on both sides and its packets for that are
/// dropped. The packets of the next segment then follow without a gap and without a click.
fn segment_audio(graph: &mut Graph, id: NodeId, window: Window, origin: vidc_dsl::Span) -> Option<TrackSpec> {
    let rate = graph.audio(id)?.rate();
    let packet = |time: Time| -(-time).whole_frames(rate / SAMPLES_PER_PACKET);
    let (first, last) = (packet(window.start), packet(window.end?));
    let settling = SETTLING_PACKETS.min(first);
    let at = |packet: i64| Time::from_frames(packet * SAMPLES_PER_PACKET, rate);
    let input = Window {
        start: at(first - settling),
        end: Some(at(last + LOOKAHEAD_PACKETS)),
    };
    let node = trim_to(graph, id, input, origin)?;
    let pts = format!("round(PTS-{}/TB)", (window.start - input.start).decimal());
    let calls = vec![FilterCall::new(FilterName::Asetpts, [("expr", pts)])];
    let node = graph.filter_audio(node, Filter::new(calls), origin, |_| {});
    // The first packet is the encoder's priming.
    let dropped = 1 + settling;
    let filter = format!("noise=drop=lt(n\\,{dropped})+gte(n\\,{})", dropped + last - first);
    Some(TrackSpec {
        node,
        encoding: Encoding::Encode(encoder("aac", &[("b", "128k"), ("bsf", &filter)])),
    })
}

/// Trims a stream to a window; `None` if it ends before the window starts.
fn trim_to(graph: &mut Graph, id: NodeId, window: Window, origin: vidc_dsl::Span) -> Option<NodeId> {
    let has_ended = graph
        .node(id)
        .ty
        .duration()
        .is_some_and(|duration| duration <= window.start);
    (!has_ended).then(|| graph.trim(id, window, origin))
}

/// An encoder with options.
fn encoder(name: &'static str, options: &[(&str, &str)]) -> Encoder {
    let options = options
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Encoder {
        name,
        options: options.collect(),
    }
}

/// The size of a segment: even, at most [`MAX_SIDE`] on either side, with nearly the aspect ratio of `size`.
fn fit_segment(size: Size) -> Size {
    let longest = size.width.max(size.height).max(MAX_SIDE);
    let fit = |side: u32| {
        let side = u64::from(side) * u64::from(MAX_SIDE) / u64::from(longest);
        u32::try_from(side).unwrap_or(MAX_SIDE).max(2) / 2 * 2
    };
    Size {
        width: fit(size.width),
        height: fit(size.height),
    }
}

/// Removes loudness normalization, which would have to measure the whole audio first.
fn without_loudness(graph: &Graph) -> Graph {
    graph.rewrite(|new, node| match (&node.kind, &node.ty) {
        (NodeKind::Loudness { .. }, StreamType::Audio(_)) => node.inputs[0],
        _ => new.add(node),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_have_even_sizes_within_the_limit() {
        let fit = |width, height| {
            let size = fit_segment(Size { width, height });
            (size.width, size.height)
        };
        assert_eq!(fit(640, 360), (640, 360));
        assert_eq!(fit(1920, 1080), (960, 540));
        assert_eq!(fit(1080, 1920), (540, 960));
        assert_eq!(fit(3000, 10), (960, 2));
        assert_eq!(fit(639, 361), (638, 360));
    }
}
