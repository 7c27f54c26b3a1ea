//! A look at a moment or a stretch of one output, made quickly rather than well: what a preview shows.
//!
//! The output's tracks are trimmed to the window before the passes run, which then read and decode only what the
//! window needs.

use crate::aac::{OVERLAP, PACKET, SETTLING};
use crate::graph::{Filter, Graph, NodeId, NodeKind, StreamType, Window};
use crate::output::{Container, Encoder, Encoding, Muxer, OutputSpec, TrackSpec};
use crate::plan::{FilterCall, FilterName};
use crate::time::Time;
use crate::value::Size;

/// What is looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// The output's name in the recipe.
    pub output: String,
    /// Which part of it.
    pub part: Part,
}

/// A part of an output.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Part {
    /// The frame that is seen at a time, as a PNG of the output's own size.
    Frame(Time),
    /// A stretch as a segment of an MPEG transport stream (RFC 8216), its clock going on from one to the next. It is at
    /// most 960 by 960 pixels large.
    Stretch {
        /// Its beginning, on a frame.
        start: Time,
        /// Its end.
        end: Time,
    },
}

/// The larger side of a stretch, in pixels.
const LARGEST: u32 = 960;
/// The clock of the first stretch: what an encoder needs to put before its beginning still has a place.
const CLOCK: Time = Time::seconds(10);

static STREAM: Container = Container {
    options: &[
        ("muxdelay", "0"),
        ("muxpreload", "0"),
        // Packets are counted anew in each segment.
        ("mpegts_flags", "+initial_discontinuity"),
    ],
    ..Container::new("ts", Muxer::MpegTs)
};

/// Only the looked-at part of a graph; none if there is no such output, or nothing of it to look at then.
pub(crate) fn look(graph: &Graph, view: &View) -> Option<Graph> {
    let mut graph = graph.clone();
    graph.outputs.retain(|output| output.name == view.output);
    let mut output = graph.outputs.pop()?;
    output.subtitles.clear();
    output.title = None;
    match view.part {
        Part::Frame(at) => frame(&mut graph, &mut output, at)?,
        Part::Stretch { start, end } => stretch(&mut graph, &mut output, start, end),
    }
    graph.outputs.push(output);
    Some(unmeasured(&graph))
}

fn frame(graph: &mut Graph, output: &mut OutputSpec, at: Time) -> Option<()> {
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

fn stretch(graph: &mut Graph, output: &mut OutputSpec, start: Time, end: Time) {
    let picture = output.video.as_ref().and_then(|track| graph.video(track.node));
    let rate = picture.map(|ty| ty.frame_rate);
    let on_frame = |time: Time| rate.map_or(time, |rate| time.round_to(rate));
    let start = on_frame(start);
    let window = Window {
        start,
        end: Some(on_frame(end)),
    };
    let origin = output.origin;
    output.container = &STREAM;
    output.clock = Some(CLOCK + start);
    output.video = output.video.take().and_then(|track| {
        let node = graph.ensure_cfr(track.node, origin);
        let node = within(graph, node, window, origin)?;
        let node = graph.ensure_sdr(node, origin);
        let size = graph.video(node)?.display_size();
        let node = graph.scale(node, fitting(size), origin);
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
        .and_then(|track| sound(graph, track.node, window, origin));
}

/// The packets that begin in a stretch, on a grid that is the same for all of them. Each overlaps with the ones beside
/// it, so the encoder is given more on both sides, and what it makes of that is dropped: then the packets of the next
/// stretch follow those of this one without a gap, and without a click.
fn sound(graph: &mut Graph, id: NodeId, window: Window, origin: vidc_dsl::Span) -> Option<TrackSpec> {
    let rate = graph.audio(id)?.rate();
    let packet = |time: Time| -(-time).whole_frames(rate / PACKET);
    let (first, last) = (packet(window.start), packet(window.end?));
    let settling = SETTLING.min(first);
    let at = |packet: i64| Time::from_frames(packet * PACKET, rate);
    let fed = Window {
        start: at(first - settling),
        end: Some(at(last + OVERLAP)),
    };
    let node = within(graph, id, fed, origin)?;
    let early = format!("round(PTS-{}/TB)", (window.start - fed.start).decimal());
    let calls = vec![FilterCall::new(FilterName::Asetpts, [("expr", early)])];
    let node = graph.filter_audio(node, Filter::new(calls), origin, |_| {});
    // The first packet is what an encoder puts before the sound.
    let before = 1 + settling;
    let kept = format!("noise=drop=lt(n\\,{before})+gte(n\\,{})", before + last - first);
    Some(TrackSpec {
        node,
        encoding: Encoding::Encode(encoder("aac", &[("b", "128k"), ("bsf", &kept)])),
    })
}

/// A stream in the window; none if it has ended before.
fn within(graph: &mut Graph, id: NodeId, window: Window, origin: vidc_dsl::Span) -> Option<NodeId> {
    let over = graph
        .node(id)
        .ty
        .duration()
        .is_some_and(|duration| duration <= window.start);
    (!over).then(|| graph.trim(id, window, origin))
}

fn encoder(name: &'static str, options: &[(&str, &str)]) -> Encoder {
    let options = options
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Encoder {
        name,
        options: options.collect(),
    }
}

/// A size no larger than [`LARGEST`], even, of nearly the same shape.
fn fitting(size: Size) -> Size {
    let largest = size.width.max(size.height).max(LARGEST);
    let fit = |side: u32| {
        let side = u64::from(side) * u64::from(LARGEST) / u64::from(largest);
        u32::try_from(side).unwrap_or(LARGEST).max(2) / 2 * 2
    };
    Size {
        width: fit(size.width),
        height: fit(size.height),
    }
}

/// Without what needs the whole sound to be heard first: a look is as loud as what was put in.
fn unmeasured(graph: &Graph) -> Graph {
    graph.rewrite(|new, node| match (&node.kind, &node.ty) {
        (NodeKind::Loudness { .. }, StreamType::Audio(_)) => node.inputs[0],
        _ => new.add(node),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_fit() {
        let fit = |width, height| {
            let size = fitting(Size { width, height });
            (size.width, size.height)
        };
        assert_eq!(fit(640, 360), (640, 360));
        assert_eq!(fit(1920, 1080), (960, 540));
        assert_eq!(fit(1080, 1920), (540, 960));
        assert_eq!(fit(3000, 10), (960, 2));
        assert_eq!(fit(639, 361), (638, 360));
    }
}
