//! Parts of streams, made by reading less of the files.

use vidc_dsl::Span;

use crate::facts::{Facts, Stream, StreamFacts};
use crate::graph::{Filter, Graph, Node, NodeId, NodeKind, StreamType, Window};
use crate::plan::{FilterCall, FilterName, Timing};
use crate::time::{Rational, Time};

/// Demuxers that seek by an index or by counting packets, never by guessing from the bit rate.
const EXACT: &[&str] = &[
    "mov", "mp4", "matroska", "webm", "wav", "flac", "avi", "mp3", "ogg",
];
/// FFmpeg moves what is read by whole ticks of each stream's clock. In AVI that is a frame, or a packet of sound; only
/// where a frame begins a picture is moved right.
const COARSEST: Time = Time::new(Rational::new_raw(1, 1000));

/// How many frames on either side what has lost half its lines is made anew from (FFmpeg documentation, "bwdif").
const BESIDE: i64 = 2;

/// Makes parts of streams out of parts of what they are made of.
pub(in crate::passes) struct Cutter<'g> {
    pub(in crate::passes) new: &'g mut Graph,
    pub(in crate::passes) facts: &'g Facts,
}

impl Cutter<'_> {
    /// The part of a stream in a window, by seeking if that can be, else by a trim.
    pub(in crate::passes) fn cut(&mut self, id: NodeId, window: Window, origin: Span) -> NodeId {
        if window.is_whole() {
            return id;
        }
        match self.push_down(id, window, origin) {
            Some(id) => id,
            None => self.new.trim(id, window, origin),
        }
    }

    /// The part of a stream in a window, made by reading less of a file; none if that cannot be.
    pub(in crate::passes) fn push_down(
        &mut self,
        id: NodeId,
        window: Window,
        origin: Span,
    ) -> Option<NodeId> {
        let node = self.new.node(id).clone();
        let window = clamp(window, node.ty.duration());
        match &node.kind {
            // Which frame is seen when the window begins, only a change of rate can tell.
            NodeKind::Source { .. } if is_irregular(&node.ty) => None,
            NodeKind::Source { .. } => self.source(&node, window, origin),
            // A part of a part is a part.
            NodeKind::Trim { start, end } => {
                let outer = |time: Time| time + *start;
                let inner = Window {
                    start: outer(window.start),
                    end: window.end.map(outer).or(*end),
                };
                self.push_down(node.inputs[0], inner, origin)
            }
            // What is before the delay is nothing, and cannot be cut out of the delayed stream.
            NodeKind::Delay { by } if window.start >= *by => {
                let earlier = |time: Time| time - *by;
                let inner = Window {
                    start: earlier(window.start),
                    end: window.end.map(earlier),
                };
                self.push_down(node.inputs[0], inner, origin)
            }
            NodeKind::FixedLength { .. } => self.exact(&node, window, origin),
            NodeKind::Concat => self.concat(&node, window, origin),
            NodeKind::Crossfade { overlap, offset, .. } => {
                self.crossfade(&node, window, (*offset, *overlap), origin)
            }
            NodeKind::Overlay { x, y, during } => self.compose(&node, window, (*x, *y), *during, origin),
            NodeKind::Mix => self.mix(&node, window, origin),
            NodeKind::Filter(filter) if node.inputs.len() == 1 => self.filter(&node, filter, window, origin),
            _ => None,
        }
    }

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
        let known = self.facts.media.get(media)?.as_ref().ok()?;
        let found = known.stream(*stream)?;
        let later = |time: Time| time + read.start;
        let part = Window {
            start: later(window.start),
            end: window.end.map(later).or(read.end),
        };
        let on_tick =
            |tick: Rational| found.is_in_order() && part.start.scale(tick.recip()).as_rational().is_integer();
        let coarse = found
            .time_base
            .is_some_and(|tick| Time::new(tick) > COARSEST && !on_tick(tick));
        let slow = part.start.is_positive() && gradual_decoder_refresh(found);
        if coarse || slow || !known.format.split(',').any(|name| EXACT.contains(&name)) {
            return None;
        }
        let kind = NodeKind::Source {
            media: media.clone(),
            stream: *stream,
            window: part,
            offset: *offset,
        };
        let ty = node.ty.with_duration(window_length(window));
        Some(self.new.add(Node {
            kind,
            inputs: Vec::new(),
            ty,
            origin,
        }))
    }

    /// On the grid of its frames or samples, and where its input has that grid, too, and does not end before.
    fn exact(&mut self, node: &Node, window: Window, origin: Span) -> Option<NodeId> {
        let input = node.inputs[0];
        let (inner, grid) = (self.new.node(input).ty.clone(), node.ty.rate());
        if inner.rate() != grid || is_irregular(&inner) {
            return None;
        }
        let first = whole_units(window.start, grid)?;
        let count = whole_units(window.end?, grid)? - first;
        if inner.duration().is_some_and(|duration| duration <= window.start) {
            return None;
        }
        let part = clamp(window, inner.duration());
        let part = self.push_down(input, part, origin)?;
        Some(self.new.fix_length(part, count, node.origin))
    }

    /// The parts that the window touches, the first and the last perhaps cut.
    fn concat(&mut self, node: &Node, window: Window, origin: Span) -> Option<NodeId> {
        let end = window.end?;
        let (mut start, mut parts) = (Time::ZERO, Vec::new());
        for input in &node.inputs {
            let length = self.new.node(*input).ty.duration()?;
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
            _ => Some(self.new.concat(parts, node.origin)),
        }
    }

    /// Before the overlap, after it, or around it; not within.
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
            clamp_end(end, self.new.node(second).ty.duration()),
            origin,
        );
        Some(
            self.new
                .crossfade((first, second), transition, overlap, node.origin),
        )
    }

    /// Each frame is drawn on its own, so what is drawn and what it is drawn on are cut alike.
    fn compose(
        &mut self,
        node: &Node,
        window: Window,
        corner: (i64, i64),
        during: Option<Window>,
        origin: Span,
    ) -> Option<NodeId> {
        let (ground, inset) = (node.inputs[0], node.inputs[1]);
        let ground = self.push_down(ground, window, origin)?;
        let inset_ty = self.new.node(inset).ty.clone();
        let is_still = matches!(&inset_ty, StreamType::Video(ty) if ty.still);
        let over = !is_still
            && inset_ty
                .duration()
                .is_some_and(|duration| duration <= window.start);
        let seen = during.map(|during| Window {
            start: (during.start - window.start).max(Time::ZERO),
            end: during.end.map(|end| end - window.start),
        });
        let gone = seen
            .and_then(|seen| seen.end)
            .is_some_and(|end| end <= Time::ZERO);
        let later = window_length(window)
            .zip(seen)
            .is_some_and(|(length, seen)| seen.start >= length);
        if over || gone || later {
            return Some(ground);
        }
        let inset = match (is_still, self.begins(inset)) {
            (true, _) => inset,
            (false, start) if start <= window.start => self.inset(inset, window, origin)?,
            (false, _) => self.earlier(inset, window.start)?,
        };
        let seen = seen.filter(|seen| !seen.is_whole());
        Some(self.new.overlay((ground, inset), corner, seen, node.origin))
    }

    /// What is drawn, cut where it may be between two of its own frames: then it begins with the one before, early.
    fn inset(&mut self, id: NodeId, window: Window, origin: Span) -> Option<NodeId> {
        let ty = &self.new.node(id).ty;
        if is_irregular(ty) {
            return None;
        }
        let grid = ty.rate();
        if whole_units(window.start, grid).is_some() {
            return Some(self.cut(id, window, origin));
        }
        // Its frames may lie a little beside the grid.
        let start = (window.start.floor_to(grid) - Time::from_frames(1, grid)).max(Time::ZERO);
        let part = self.cut(id, Window { start, ..window }, origin);
        Some(self.new.delay(part, start - window.start, origin))
    }

    /// When a picture that is drawn begins: a delay is nothing at all until then.
    fn begins(&self, id: NodeId) -> Time {
        match self.new.node(id).kind {
            NodeKind::Delay { by } => by,
            _ => Time::ZERO,
        }
    }

    /// A delayed picture less delayed.
    fn earlier(&mut self, id: NodeId, by: Time) -> Option<NodeId> {
        let node = self.new.node(id).clone();
        let NodeKind::Delay { by: delay } = node.kind else {
            return None;
        };
        Some(self.new.delay(node.inputs[0], delay - by, node.origin))
    }

    /// A sum of parts is a part of the sum; a sound that is over adds nothing.
    fn mix(&mut self, node: &Node, window: Window, origin: Span) -> Option<NodeId> {
        let mut parts = vec![self.push_down(node.inputs[0], window, origin)?];
        for input in &node.inputs[1..] {
            let duration = self.new.node(*input).ty.duration();
            if duration.is_none_or(|duration| duration > window.start) {
                parts.push(self.cut(*input, clamp(window, duration), origin));
            }
        }
        match parts.as_slice() {
            [only] => Some(*only),
            _ => Some(self.new.mix(parts, node.origin)),
        }
    }

    /// Filters that treat each frame or sample alone; and those that go by the clock, which is set to the old time
    /// for them.
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
            let set = |sign: char| FilterCall {
                origin: Some(node.origin),
                ..FilterCall::new(
                    name,
                    [("expr", format!("round(PTS{sign}{}/TB)", window.start.decimal()))],
                )
            };
            filter.calls.insert(0, set('+'));
            filter.calls.push(set('-'));
        }
        let earlier = |windows: Vec<Window>| {
            let windows = windows.into_iter();
            windows
                .filter_map(|active| active.earlier(window.start))
                .collect()
        };
        filter.active = filter.active.map(earlier);
        let ty = node.ty.with_duration(self.new.node(inner).ty.duration());
        Some(self.new.add(Node {
            kind: NodeKind::Filter(filter),
            inputs: vec![inner],
            ty,
            origin: node.origin,
        }))
    }

    /// A change of rate moves each frame to the nearest of its own times, so moving all by whole frames before is moving
    /// them behind. A few more are read in front, of which one may still be shown when the cut begins.
    fn push_down_fps(&mut self, node: &Node, window: Window, origin: Span) -> Option<NodeId> {
        let input = self.new.node(node.inputs[0]).clone();
        if is_irregular(&input.ty) {
            return self.push_down_vfr(node, &input, window, origin);
        }
        let (from, to) = (input.ty.rate(), node.ty.rate());
        whole_units(window.start, to)?;
        if let Some(end) = without_natural_end(window, node).end {
            whole_units(end, to)?;
        }
        let frames = -Time::from_frames(-2, from).whole_frames(to) + 1;
        let more = (Time::from_frames(frames, to), Time::from_frames(2, from));
        self.push_down_with_margin(node, window, more, origin)
    }

    /// Each frame is made from itself and the ones beside it, so some more are read on either side.
    fn push_down_deinterlacer(&mut self, node: &Node, window: Window, origin: Span) -> Option<NodeId> {
        let grid = node.ty.rate();
        whole_units(window.start, grid)?;
        let beside = Time::from_frames(BESIDE, grid);
        self.push_down_with_margin(node, window, (beside, beside), origin)
    }

    /// A part made from so much more in front and behind, and then cut out.
    fn push_down_with_margin(
        &mut self,
        node: &Node,
        window: Window,
        (front, behind): (Time, Time),
        origin: Span,
    ) -> Option<NodeId> {
        let end = without_natural_end(window, node).end;
        let early = front.min(window.start);
        let read = Window {
            start: window.start - early,
            end: end.map(|end| end + behind),
        };
        let inner = self.push_down(node.inputs[0], read, origin)?;
        let ty = node.ty.with_duration(self.new.node(inner).ty.duration());
        let made = self.new.add(Node {
            inputs: vec![inner],
            ty,
            ..node.clone()
        });
        let shown = Window {
            start: early,
            end: end.map(|end| end - read.start),
        };
        Some(self.new.trim(made, shown, origin))
    }

    /// Of unevenly spaced frames, the window's first is the one that is seen when it begins.
    fn push_down_vfr(&mut self, rate: &Node, input: &Node, window: Window, origin: Span) -> Option<NodeId> {
        let grid = rate.ty.rate();
        whole_units(window.start, grid)?;
        let inner = self.source(input, without_natural_end(window, rate), origin)?;
        let ty = rate.ty.with_duration(window_length(window));
        Some(self.new.add(Node {
            inputs: vec![inner],
            ty,
            ..rate.clone()
        }))
    }
}

/// The window, without its end where that is the end of all: how many frames there are is the filter's own affair then.
fn without_natural_end(window: Window, node: &Node) -> Window {
    Window {
        end: window.end.filter(|end| Some(*end) != node.ty.duration()),
        ..window
    }
}

/// The window up to where a stream of that length ends.
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

/// A time as a whole number of frames or samples; none if it lies between two.
fn whole_units(time: Time, grid: Rational) -> Option<i64> {
    let count = time.frames(grid);
    (Time::from_frames(count, grid) == time).then_some(count)
}

fn is_irregular(ty: &StreamType) -> bool {
    matches!(ty, StreamType::Video(ty) if ty.variable_rate || ty.still)
}

/// Whether decoders that begin in the middle of it show wrong pictures for a while.
pub(super) fn gradual_decoder_refresh(stream: &Stream) -> bool {
    matches!(&stream.facts, StreamFacts::Video(video) if video.gradual_decoder_refresh)
}
