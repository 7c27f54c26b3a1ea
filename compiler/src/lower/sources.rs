//! Streams of media files: which part is read, and the filters that put its timestamps right.

use super::chains::{PadOrChain, with_origin};
use super::context::Context;
use super::filters::trim;
use super::inputs::{InputKey, Inputs};
use super::media_timing::{AUDIO_PREROLL, has_late_pts, is_off_frame_grid, reordering_delay};
use crate::graph::{Graph, Node, NodeId, NodeKind, StreamType};
use crate::plan::{FilterCall, FilterName, Pad};
use crate::time::{Rational, Time, Window};

/// Ticks per second of the coarsest container clock in which FFmpeg seeks, that of Matroska.
const MILLISECONDS: Rational = Rational::new_raw(1000, 1);
/// The longest audio that is looped in memory; in stereo it takes 46 MB.
const MAX_MEMORY_LOOP: Time = Time::new(Rational::new_raw(120, 1));
/// A delay longer than an encoder's priming and a container's rounding.
const SIGNIFICANT_DELAY: Time = Time::new(Rational::new_raw(1, 1000));

/// A window of a stream of a media file.
pub(super) struct SourceWindow<'n> {
    pub(super) media: &'n str,
    pub(super) stream: u32,
    pub(super) window: Window,
    /// How long after the file's start the stream starts.
    pub(super) offset: Time,
}

/// Reads a source node, which begins at a time of the run's timeline.
pub(super) fn read(
    context: Context<'_>,
    inputs: &mut Inputs<'_>,
    node: &Node,
    source: SourceWindow<'_>,
    start: Time,
) -> PadOrChain {
    let SourceWindow {
        media,
        stream,
        window,
        offset,
    } = source;
    let seeks_in_vfr =
        window.start.is_positive() && matches!(&node.ty, StreamType::Video(ty) if ty.variable_rate);
    let preroll = preroll(context, media, window, seeks_in_vfr);
    let read = Window {
        start: window.start - preroll,
        end: window.end,
    };
    let input = inputs.media(InputKey {
        media: media.to_owned(),
        window: read,
        loops: false,
        from_keyframe: seeks_in_vfr,
        copies_packets: false,
        start,
    });
    let file = context.stream(media, stream);
    let mut calls = Vec::new();
    match &node.ty {
        StreamType::Audio(_) => {
            calls.push(fill_gaps(offset - window.start + preroll));
            if inputs.reads_lead(media, window) {
                calls.push(FilterCall::new(FilterName::Atrim, [("start", "0")]));
            }
        }
        StreamType::Video(_) if file.is_some_and(|(media, stream)| has_late_pts(media, stream)) => {
            calls.push(FilterCall::new(FilterName::Setpts, [("expr", "PTS-STARTPTS")]));
        }
        StreamType::Video(_) => {}
    }
    calls.extend(match seeks_in_vfr {
        true => trim_vfr(window, preroll),
        false => {
            let off_grid = match (file, &node.ty) {
                (Some((media, stream)), StreamType::Video(ty)) => is_off_frame_grid(media, stream, ty),
                _ => false,
            };
            trim_preroll(&node.ty, read, preroll, offset > read.start || off_grid)
        }
    });
    PadOrChain::Pad(Pad::Stream { input, stream }).then(with_origin(calls, node.origin))
}

/// Reads a still image.
pub(super) fn read_still(inputs: &mut Inputs<'_>, media: &str, stream: u32) -> PadOrChain {
    let input = inputs.media(InputKey::whole(media.to_owned()));
    PadOrChain::Pad(Pad::Stream { input, stream })
}

/// The file and stream of a node that the demuxer repeats if the node is looped.
///
/// The demuxer does not hide an encoder's priming when it starts over, so audio that fits in memory is repeated there.
pub(super) fn demuxer_loop(graph: &Graph, id: NodeId) -> Option<(&str, u32)> {
    let node = graph.node(id);
    let fits_in_memory = matches!(node.ty, StreamType::Audio(_))
        && node
            .ty
            .duration()
            .is_some_and(|duration| duration <= MAX_MEMORY_LOOP);
    match &node.kind {
        NodeKind::Source {
            media,
            stream,
            window,
            ..
        } if window.is_whole() && !fits_in_memory => Some((media, *stream)),
        _ => None,
    }
}

/// Reads a file again and again, from a time of the run's timeline on.
pub(super) fn read_looped(
    inputs: &mut Inputs<'_>,
    node: &Node,
    (media, stream): (&str, u32),
    looped: &StreamType,
    start: Time,
) -> PadOrChain {
    let input = inputs.media(InputKey {
        loops: true,
        start,
        ..InputKey::whole(media.to_owned())
    });
    let calls = match looped {
        // PTS have a gap wherever the file starts over.
        StreamType::Audio(_) => vec![FilterCall::new(FilterName::Asetpts, [("expr", "N/SR/TB")])],
        StreamType::Video(_) => Vec::new(),
    };
    PadOrChain::Pad(Pad::Stream { input, stream }).then(with_origin(calls, node.origin))
}

/// How much of a file is read before a window of it: what audio decoders need to converge, and what FFmpeg needs to find a
/// keyframe that is shown before the window, not only decoded before it.
fn preroll(context: Context<'_>, media: &str, window: Window, seeks_in_vfr: bool) -> Time {
    let audio = match context.preroll_windows.contains(&(media.to_owned(), window)) {
        true => AUDIO_PREROLL,
        false => Time::ZERO,
    };
    let video = context
        .media(media)
        .map_or(Time::ZERO, |media| reordering_delay(media, seeks_in_vfr));
    let preroll = audio.max(video);
    if preroll == Time::ZERO {
        return preroll;
    }
    // FFmpeg shifts an input's timestamps by whole ticks.
    window.start - (window.start - preroll).max(Time::ZERO).floor_to(MILLISECONDS)
}

/// Inserts silence where packets are missing and drops samples where packets overlap, as they do in files joined packet by
/// packet. A stream that starts later than its file begins with silence.
fn fill_gaps(delay: Time) -> FilterCall {
    // Containers with millisecond timestamps are off by less than `min_hard_comp`.
    let mut options = vec![("async", "1"), ("min_hard_comp", "0.01")];
    if delay > SIGNIFICANT_DELAY {
        options.push(("first_pts", "0"));
    }
    FilterCall::new(FilterName::Aresample, options)
}

/// Cuts off the preroll, and video frames read beyond the end: FFmpeg counts `-t` from the first frame, which may come a
/// little after the time of the seek. It is also `uncertain` which frames are read if the stream starts later than its file
/// or its clock is too coarse for its frames.
fn trim_preroll(ty: &StreamType, read: Window, preroll: Time, uncertain: bool) -> Vec<FilterCall> {
    let starts_with_a_frame = match ty {
        StreamType::Video(ty) => !ty.variable_rate && read.start.round_to(ty.frame_rate) == read.start,
        StreamType::Audio(_) => true,
    };
    let duration = read.end.map(|end| end - read.start);
    let end = duration.filter(|_| uncertain || !starts_with_a_frame);
    match preroll.is_positive() || end.is_some() {
        true => trim(ty, preroll, end),
        false => Vec::new(),
    }
}

/// Selects the VFR frames shown in a window. The first is the one on screen when the window begins, whenever it started:
/// all earlier frames get the same PTS, and the conversion to CFR keeps the last of them.
fn trim_vfr(window: Window, preroll: Time) -> Vec<FilterCall> {
    let shifted = format!("max(PTS-round({}/TB),0)", preroll.decimal());
    let mut calls = vec![FilterCall::new(FilterName::Setpts, [("expr", shifted)])];
    if let Some(end) = window.end {
        calls.push(FilterCall::new(
            FilterName::Trim,
            [("end", (end - window.start).decimal())],
        ));
    }
    calls
}
