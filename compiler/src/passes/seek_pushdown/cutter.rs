//! Cuts windows out of streams by reading only a part of the files.

use vidc_dsl::Span;

use crate::facts::{Facts, Stream, StreamFacts};
use crate::graph::{Filter, Graph, Node, NodeId, NodeKind, StreamType, Window};
use crate::plan::{FilterCall, FilterName, Timing};
use crate::time::{Rational, Time};

/// Demuxers that seek by an index or by counting packets, not by guessing from the bit rate.
const EXACT_SEEK_DEMUXERS: &[&str] = &[
    "mov", "mp4", "matroska", "webm", "wav", "flac", "avi", "mp3", "ogg",
];
/// The coarsest time base in which any seek is exact. FFmpeg shifts timestamps after a seek by whole ticks of each
/// stream's time base. In AVI a tick is a frame or an audio packet, so only seeks to the start of a frame are exact.
const MAX_TICK: Time = Time::new(Rational::new_raw(1, 1000));

/// The number of frames on either side from which `bwdif` interpolates a frame (FFmpeg documentation, "bwdif").
const DEINTERLACING_CONTEXT: i64 = 2;

/// Cuts windows out of streams.
pub(in crate::passes) struct Cutter<'g> {
    pub(in crate::passes) graph: &'g mut Graph,
    pub(in crate::passes) facts: &'g Facts,
}

impl Cutter<'_> {
    /// Cuts a window out of a stream: by seeking if possible, otherwise with a trim.
    pub(in crate::passes) fn cut(&mut self, id: NodeId, window: Window, origin: Span) -> NodeId {
        if window.is_whole() {
            return id;
        }
        match self.push_down(id, window, origin) {
            Some(id) => id,
            None => self.graph.trim(id, window, origin),
        }
    }

    /// Cuts a window out of a stream by reading only a part of the files; `None` if that is impossible.
    pub(in crate::passes) fn push_down(
        &mut self,
        id: NodeId,
        window: Window,
        origin: Span,
    ) -> Option<NodeId> {
        let node = self.graph.node(id).clone();
        let window = clamp(window, node.ty.duration());
        match &node.kind {
            // Only a conversion to CFR determines which frame is shown at the start of the window.
            NodeKind::Source { .. } if is_irregular(&node.ty) => None,
            NodeKind::Source { .. } => self.source(&node, window, origin),
            // A window of a window is a window.
            NodeKind::Trim { start, end } => {
                let outer = |time: Time| time + *start;
                let inner = Window {
                    start: outer(window.start),
                    end: window.end.map(outer).or(*end),
                };
                self.push_down(node.inputs[0], inner, origin)
            }
            // The gap before the delayed stream is not a part of it.
            NodeKind::Delay { by } if window.start >= *by => {
                let earlier = |time: Time| time - *by;
                let inner = Window {
                    start: earlier(window.start),
                    end: window.end.map(earlier),
                };
                self.push_down(node.inputs[0], inner, origin)
            }
            NodeKind::FixedLength { .. } => self.fixed_length(&node, window, origin),
            NodeKind::Concat => self.concat(&node, window, origin),
            NodeKind::Crossfade { overlap, offset, .. } => {
                self.crossfade(&node, window, (*offset, *overlap), origin)
            }
            NodeKind::Overlay { x, y, during } => self.overlay(&node, window, (*x, *y), *during, origin),
            NodeKind::Mix => self.mix(&node, window, origin),
            NodeKind::Filter(filter) if node.inputs.len() == 1 => self.filter(&node, filter, window, origin),
            _ => None,
        }
    }

    /// Narrows the window of a source, where the demuxer seeks exactly.
    fn source(&mut self, node: &Node, window: Window, origin: Span) -> Option<NodeId> {
        let NodeKind::Source {
            media,
            stream,
            window: read,
            offset,
        } = &node.kind
        else {
            return None;
        };
        let file = self.facts.media.get(media)?.as_ref().ok()?;
        let found = file.stream(*stream)?;
        let in_file = |time: Time| time + read.start;
        let part = Window {
            start: in_file(window.start),
            end: window.end.map(in_file).or(read.end),
        };
        let on_tick =
            |tick: Rational| found.is_in_order() && part.start.scale(tick.recip()).as_rational().is_integer();
        let is_inexact = found
            .time_base
            .is_some_and(|tick| Time::new(tick) > MAX_TICK && !on_tick(tick));
        let has_no_entry_point = part.start.is_positive() && gradual_decoder_refresh(found);
        let mut demuxers = file.format.split(',');
        if is_inexact || has_no_entry_point || !demuxers.any(|name| EXACT_SEEK_DEMUXERS.contains(&name)) {
            return None;
        }
        let kind = NodeKind::Source {
            media: media.clone(),
            stream: *stream,
            window: part,
            offset: *offset,
        };
        let ty = node.ty.with_duration(window_length(window));
        Some(self.graph.add(Node {
            kind,
            inputs: Vec::new(),
            ty,
            origin,
        }))
    }

    /// Possible where the window lies on the grid of frames or samples, and the input has the same grid and reaches into
    /// the window.
    fn fixed_length(&mut self, node: &Node, window: Window, origin: Span) -> Option<NodeId> {
        let input = node.inputs[0];
        let (inner, grid) = (self.graph.node(input).ty.clone(), node.ty.rate());
        if inner.rate() != grid || is_irregular(&inner) {
            return None;
        }
        let first = whole_frames(window.start, grid)?;
        let count = whole_frames(window.end?, grid)? - first;
        if inner.duration().is_some_and(|duration| duration <= window.start) {
            return None;
        }
        let part = clamp(window, inner.duration());
        let part = self.push_down(input, part, origin)?;
        Some(self.graph.fix_length(part, count, node.origin))
    }

    /// The inputs that the window overlaps; the first and the last may be cut.
    fn concat(&mut self, node: &Node, window: Window, origin: Span) -> Option<NodeId> {
        let end = window.end?;
        let (mut start, mut parts) = (Time::ZERO, Vec::new());
        for input in &node.inputs {
            let length = self.graph.node(*input).ty.duration()?;
            let next = start + length;
            if next > window.start {
                let (from, to) = ((window.start - start).max(Time::ZERO), (end - start).min(length));
                let end = (to < length).then_some(to);
                parts.push(self.cut(*input, Window { start: from, end }, origin));
            }
            if next >= end {
                break;
            }
            start = next;
        }
        match parts.as_slice() {
            [] => None,
            [only] => Some(*only),
            _ => Some(self.graph.concat(parts, node.origin)),
        }
    }

    /// Possible before the overlap, after it, or around all of it; not within.
    fn crossfade(
        &mut self,
        node: &Node,
        window: Window,
        (offset, overlap): (Time, Time),
        origin: Span,
    ) -> Option<NodeId> {
        let (first, second) = (node.inputs[0], node.inputs[1]);
        let NodeKind::Crossfade { transition, .. } = &node.kind else {
            return None;
        };
        if window.end.is_some_and(|end| end <= offset) {
            return Some(self.cut(first, window, origin));
        }
        let end = window.end.map(|end| end - offset);
        if window.start >= offset + overlap {
            return Some(self.cut(
                second,
                Window {
                    start: window.start - offset,
                    end,
                },
                origin,
            ));
        }
        if window.start > offset || end.is_some_and(|end| end < overlap) {
            return None;
        }
        let first = self.cut(
            first,
            Window {
                start: window.start,
                end: None,
            },
            origin,
        );
        let second = self.cut(
            second,
            clamp_end(end, self.graph.node(second).ty.duration()),
            origin,
        );
        Some(
            self.graph
                .crossfade((first, second), transition, overlap, node.origin),
        )
    }

    /// Each frame is drawn on its own, so background and inset are cut alike.
    fn overlay(
        &mut self,
        node: &Node,
        window: Window,
        corner: (i64, i64),
        during: Option<Window>,
        origin: Span,
    ) -> Option<NodeId> {
        let (background, inset) = (node.inputs[0], node.inputs[1]);
        let background = self.push_down(background, window, origin)?;
        let inset_ty = self.graph.node(inset).ty.clone();
        let is_still = matches!(&inset_ty, StreamType::Video(ty) if ty.still);
        let has_ended = !is_still
            && inset_ty
                .duration()
                .is_some_and(|duration| duration <= window.start);
        let visible = during.map(|during| Window {
            start: (during.start - window.start).max(Time::ZERO),
            end: during.end.map(|end| end - window.start),
        });
        let is_before = visible
            .and_then(|visible| visible.end)
            .is_some_and(|end| end <= Time::ZERO);
        let is_after = window_length(window)
            .zip(visible)
            .is_some_and(|(length, visible)| visible.start >= length);
        if has_ended || is_before || is_after {
            return Some(background);
        }
        let inset = match (is_still, self.start_of(inset)) {
            (true, _) => inset,
            (false, start) if start <= window.start => self.inset(inset, window, origin)?,
            (false, _) => self.shorten_delay(inset, window.start)?,
        };
        let visible = visible.filter(|visible| !visible.is_whole());
        Some(
            self.graph
                .overlay((background, inset), corner, visible, node.origin),
        )
    }

    /// Cuts an inset. A cut between two of its frames starts with an earlier one, shifted to before zero.
    fn inset(&mut self, id: NodeId, window: Window, origin: Span) -> Option<NodeId> {
        let ty = &self.graph.node(id).ty;
        if is_irregular(ty) {
            return None;
        }
        let grid = ty.rate();
        if whole_frames(window.start, grid).is_some() {
            return Some(self.cut(id, window, origin));
        }
        // Its frames may be slightly off the grid.
        let start = (window.start.floor_to(grid) - Time::from_frames(1, grid)).max(Time::ZERO);
        let part = self.cut(id, Window { start, ..window }, origin);
        Some(self.graph.delay(part, start - window.start, origin))
    }

    /// The time at which an inset starts; before it, a delay has no frames.
    fn start_of(&self, id: NodeId) -> Time {
        match self.graph.node(id).kind {
            NodeKind::Delay { by } => by,
            _ => Time::ZERO,
        }
    }

    /// Reduces the delay of an inset.
    fn shorten_delay(&mut self, id: NodeId, by: Time) -> Option<NodeId> {
        let node = self.graph.node(id).clone();
        let NodeKind::Delay { by: delay } = node.kind else {
            return None;
        };
        Some(self.graph.delay(node.inputs[0], delay - by, node.origin))
    }

    /// A window of the sum is the sum of the windows; an input that has ended adds nothing.
    fn mix(&mut self, node: &Node, window: Window, origin: Span) -> Option<NodeId> {
        let mut parts = vec![self.push_down(node.inputs[0], window, origin)?];
        for input in &node.inputs[1..] {
            let duration = self.graph.node(*input).ty.duration();
            if duration.is_none_or(|duration| duration > window.start) {
                parts.push(self.cut(*input, clamp(window, duration), origin));
            }
        }
        match parts.as_slice() {
            [only] => Some(*only),
            _ => Some(self.graph.mix(parts, node.origin)),
        }
    }

    /// Possible for filters that treat each frame or sample alone, and for filters that depend on the timestamp, which is
    /// set to the old time before them and back after them.
    fn filter(&mut self, node: &Node, filter: &Filter, window: Window, origin: Span) -> Option<NodeId> {
        if filter.is_rate_conversion() {
            return self.push_down_fps(node, window, origin);
        }
        if filter.is_deinterlacer() {
            return self.push_down_deinterlacer(node, window, origin);
        }
        if filter.timing == Timing::Stateful {
            return None;
        }
        let inner = self.push_down(node.inputs[0], window, origin)?;
        let mut filter = filter.clone();
        if filter.timing == Timing::Timestamp && window.start.is_positive() {
            let name = if matches!(node.ty, StreamType::Video(_)) {
                FilterName::Setpts
            } else {
                FilterName::Asetpts
            };
            let shift = |sign: char| FilterCall {
                origin: Some(node.origin),
                ..FilterCall::new(
                    name,
                    [("expr", format!("round(PTS{sign}{}/TB)", window.start.decimal()))],
                )
            };
            filter.calls.insert(0, shift('+'));
            filter.calls.push(shift('-'));
        }
        let earlier = |windows: Vec<Window>| {
            let windows = windows.into_iter();
            windows
                .filter_map(|active| active.earlier(window.start))
                .collect()
        };
        filter.active = filter.active.map(earlier);
        let ty = node.ty.with_duration(self.graph.node(inner).ty.duration());
        Some(self.graph.add(Node {
            kind: NodeKind::Filter(filter),
            inputs: vec![inner],
            ty,
            origin: node.origin,
        }))
    }

    /// A frame rate conversion moves each frame to the nearest point of its grid, so a shift by whole output frames before
    /// it equals the same shift after it. A few more frames are read before the window, because one of them may still be
    /// shown when it starts.
    fn push_down_fps(&mut self, node: &Node, window: Window, origin: Span) -> Option<NodeId> {
        let input = self.graph.node(node.inputs[0]).clone();
        if is_irregular(&input.ty) {
            return self.push_down_vfr(node, &input, window, origin);
        }
        let (from, to) = (input.ty.rate(), node.ty.rate());
        whole_frames(window.start, to)?;
        if let Some(end) = without_natural_end(window, node).end {
            whole_frames(end, to)?;
        }
        let frames = -Time::from_frames(-2, from).whole_frames(to) + 1;
        let margin = (Time::from_frames(frames, to), Time::from_frames(2, from));
        self.push_down_with_margin(node, window, margin, origin)
    }

    /// Each frame is interpolated from its neighbors, so a few more are read on either side.
    fn push_down_deinterlacer(&mut self, node: &Node, window: Window, origin: Span) -> Option<NodeId> {
        let grid = node.ty.rate();
        whole_frames(window.start, grid)?;
        let margin = Time::from_frames(DEINTERLACING_CONTEXT, grid);
        self.push_down_with_margin(node, window, (margin, margin), origin)
    }

    /// Pushes down a wider window, with a margin before and after it, and trims the margin off after the node.
    fn push_down_with_margin(
        &mut self,
        node: &Node,
        window: Window,
        (before, after): (Time, Time),
        origin: Span,
    ) -> Option<NodeId> {
        let end = without_natural_end(window, node).end;
        let before = before.min(window.start);
        let read = Window {
            start: window.start - before,
            end: end.map(|end| end + after),
        };
        let inner = self.push_down(node.inputs[0], read, origin)?;
        let ty = node.ty.with_duration(self.graph.node(inner).ty.duration());
        let wider = self.graph.add(Node {
            inputs: vec![inner],
            ty,
            ..node.clone()
        });
        let wanted = Window {
            start: before,
            end: end.map(|end| end - read.start),
        };
        Some(self.graph.trim(wider, wanted, origin))
    }

    /// For VFR input, the first frame of the window is the one shown when it starts.
    fn push_down_vfr(&mut self, rate: &Node, input: &Node, window: Window, origin: Span) -> Option<NodeId> {
        let grid = rate.ty.rate();
        whole_frames(window.start, grid)?;
        let inner = self.source(input, without_natural_end(window, rate), origin)?;
        let ty = rate.ty.with_duration(window_length(window));
        Some(self.graph.add(Node {
            inputs: vec![inner],
            ty,
            ..rate.clone()
        }))
    }
}

/// Drops the end of a window if it is the end of the node's stream: the filter then decides how many frames there are.
fn without_natural_end(window: Window, node: &Node) -> Window {
    Window {
        end: window.end.filter(|end| Some(*end) != node.ty.duration()),
        ..window
    }
}

/// Ends a window at the end of a stream of some duration at the latest.
fn clamp(window: Window, duration: Option<Time>) -> Window {
    Window {
        end: clamp_end(window.end, duration).end,
        ..window
    }
}

fn clamp_end(end: Option<Time>, duration: Option<Time>) -> Window {
    let end = match (end, duration) {
        (Some(end), Some(duration)) => Some(end.min(duration)),
        (end, duration) => end.or(duration),
    };
    Window {
        start: Time::ZERO,
        end,
    }
}

fn window_length(window: Window) -> Option<Time> {
    window.end.map(|end| end - window.start)
}

/// A time as a whole number of frames or samples; `None` if it lies between two.
fn whole_frames(time: Time, grid: Rational) -> Option<i64> {
    let count = time.frames(grid);
    (Time::from_frames(count, grid) == time).then_some(count)
}

fn is_irregular(ty: &StreamType) -> bool {
    matches!(ty, StreamType::Video(ty) if ty.variable_rate || ty.still)
}

/// Whether decoding from the middle of a stream shows broken frames for a while.
pub(super) fn gradual_decoder_refresh(stream: &Stream) -> bool {
    matches!(&stream.facts, StreamFacts::Video(video) if video.gradual_decoder_refresh)
}
