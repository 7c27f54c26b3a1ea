//! The closed kinds of nodes as FFmpeg's filters.

use crate::graph::{Graph, Node, NodeId, NodeKind, StreamType, Window};
use crate::plan::{Arg, FilterCall, FilterName, Timing};
use crate::time::{Rational, Time};

/// The filters of a node with one input: held, cut, moved, or counted.
pub(super) fn of_one(graph: &Graph, node: &Node) -> Vec<FilterCall> {
    match (&node.kind, &node.ty) {
        (NodeKind::StillToVideo { frame_rate }, _) => hold(*frame_rate),
        (NodeKind::Trim { .. }, StreamType::Video(ty)) if ty.still => Vec::new(),
        (NodeKind::Trim { start, end }, ty) => trim(ty, *start, *end),
        (NodeKind::Delay { by }, StreamType::Video(ty)) => {
            let mut calls = Vec::new();
            if by.round_to(ty.frame_rate) != *by {
                // Behind a change of rate, the clock's ticks are whole frames.
                calls.push(FilterCall::new(FilterName::Settb, [("expr", "AVTB")]));
            }
            calls.push(FilterCall::new(
                FilterName::Setpts,
                [("expr", format!("round(PTS+{}/TB)", by.decimal()))],
            ));
            calls
        }
        (NodeKind::Delay { by }, StreamType::Audio(ty)) => {
            // In samples (`S`), since whole milliseconds would be coarser than a frame of sound.
            vec![FilterCall::new(
                FilterName::Adelay,
                [
                    ("delays", format!("{}S", by.frames(ty.rate()))),
                    ("all", "1".into()),
                ],
            )]
        }
        (NodeKind::FixedLength { count }, StreamType::Video(ty)) => {
            let input = graph.node(node.inputs[0]);
            let mut calls = Vec::new();
            if !is_even(graph, input) {
                calls.extend(lasting(graph, input));
                calls.push(FilterCall::new(
                    FilterName::Fps,
                    [("fps", ty.frame_rate.to_string()), ("start_time", "0".to_owned())],
                ));
            }
            calls.extend(exact_frames(*count));
            calls
        }
        (NodeKind::FixedLength { count }, StreamType::Audio(_)) => vec![
            FilterCall::new(FilterName::Apad, [("whole_len", count.to_string())]),
            FilterCall::new(FilterName::Atrim, [("end_sample", count.to_string())]),
        ],
        _ => Vec::new(),
    }
}

/// One frame for ever. `loop` spaces frames by what the image's demuxer made of its duration, so the clock is set
/// anew: in microseconds first, because that demuxer counts in 25ths of a second.
fn hold(rate: Rational) -> Vec<FilterCall> {
    vec![
        FilterCall::new(FilterName::Settb, [("expr", "AVTB")]),
        FilterCall::new(FilterName::Loop, [("loop", "-1"), ("size", "1")]),
        clock(rate),
        FilterCall::new(
            FilterName::Fps,
            [("fps", rate.to_string()), ("start_time", "0".to_owned())],
        ),
    ]
}

/// Frames at a steady rate, by their number: `loop` makes up times by how long it takes the last frame to last.
fn clock(rate: Rational) -> FilterCall {
    FilterCall::new(
        FilterName::Setpts,
        [("expr", format!("N*{}/({}*TB)", rate.denom(), rate.numer()))],
    )
}

fn trim(ty: &StreamType, start: Time, end: Option<Time>) -> Vec<FilterCall> {
    let (trim, setpts) = match ty {
        StreamType::Video(_) => (FilterName::Trim, FilterName::Setpts),
        StreamType::Audio(_) => (FilterName::Atrim, FilterName::Asetpts),
    };
    let (from, until) = match ty {
        StreamType::Video(ty) if !ty.variable_rate => between_frames(ty.frame_rate, start, end),
        _ => (start, end),
    };
    let mut args = Vec::new();
    if from.is_positive() {
        args.push(("start", from.decimal()));
    }
    args.extend(until.map(|until| ("end", until.decimal())));
    let mut calls = Vec::new();
    if !args.is_empty() {
        calls.push(FilterCall::new(trim, args));
    }
    if start.is_positive() {
        // By the same amount for picture and sound: `PTS-STARTPTS` would move each by its own. Unrounded, a time between
        // two ticks would become the one before.
        calls.push(FilterCall::new(
            setpts,
            [("expr", format!("round(PTS-{}/TB)", start.decimal()))],
        ));
    }
    calls
}

/// Where to cut so that all frames from one time to another stay: before them, for a file's clock may be too coarse for
/// frames, and each filter rounds once more. By less than half a frame, which is rounded to either where a tick is a frame.
fn between_frames(rate: Rational, start: Time, end: Option<Time>) -> (Time, Option<Time>) {
    let before = Time::from_frames(49, rate * 100);
    let frames = |length: Time| Time::from_frames(-(-length).whole_frames(rate), rate);
    (
        start - before,
        end.map(|end| start + frames(end - start) - before),
    )
}

fn exact_frames(count: i64) -> Vec<FilterCall> {
    vec![
        FilterCall::new(FilterName::Tpad, [("stop", "-1"), ("stop_mode", "clone")]),
        FilterCall::new(FilterName::Trim, [("end_frame", count.to_string())]),
    ]
}

/// A node's filters. A change of rate behind what ends with the time of its last frame would lose that frame.
pub(super) fn of_filter(graph: &Graph, node: &Node, calls: Vec<FilterCall>) -> Vec<FilterCall> {
    let paced = calls.iter().any(|call| call.name == FilterName::Fps);
    let more = node.inputs.first().filter(|_| paced);
    let more = more.and_then(|input| lasting(graph, graph.node(*input)));
    let (Some(more), Some(end)) = (more, node.ty.duration()) else {
        return calls;
    };
    let half = Time::from_frames(1, node.ty.rate() * 2);
    let end = FilterCall::new(FilterName::Trim, [("end", (end - half).decimal())]);
    std::iter::once(more).chain(calls).chain([end]).collect()
}

/// More frames behind a picture that does not tell its end, so that the last one lasts: as many as whoever cuts them off
/// wants, since behind `xfade` the first of them come with the times of earlier ones.
fn lasting(graph: &Graph, node: &Node) -> Option<FilterCall> {
    ends_at_last(graph, node)
        .then(|| FilterCall::new(FilterName::Tpad, [("stop", "-1"), ("stop_mode", "clone")]))
}

/// Whether a picture's end is told as the time of its last frame, by `overlay` and `freezeframes`, or as that of another
/// one, by `xfade` (FFmpeg 5.1, measured).
fn ends_at_last(graph: &Graph, node: &Node) -> bool {
    let input = match &node.kind {
        NodeKind::Concat
            if node
                .inputs
                .iter()
                .rev()
                .nth(1)
                .is_some_and(|id| is_single(graph, *id)) =>
        {
            return true;
        }
        NodeKind::Overlay { .. } | NodeKind::Crossfade { .. } => return true,
        NodeKind::Trim { .. } | NodeKind::Delay { .. } | NodeKind::Filter(_) => node.inputs.first(),
        NodeKind::Concat => node.inputs.last(),
        _ => None,
    };
    input.is_some_and(|input| ends_at_last(graph, graph.node(*input)))
}

/// Whether a node's frames are already evenly spaced from zero: by its last filter, or by one before that, where
/// those since treat each frame alone.
fn is_even(graph: &Graph, node: &Node) -> bool {
    match &node.kind {
        NodeKind::StillToVideo { .. } | NodeKind::FixedLength { .. } => true,
        NodeKind::Filter(filter)
            if filter
                .calls
                .last()
                .is_some_and(|call| call.name == FilterName::Fps) =>
        {
            true
        }
        NodeKind::Filter(filter) if filter.timing == Timing::PerFrame => {
            is_even(graph, graph.node(node.inputs[0]))
        }
        _ => false,
    }
}

/// How much of a file is read before the part that is wanted of its sound: MP3 borrows bits from packets before, AAC
/// overlaps with the one before, Opus wants 80 ms (RFC 7845, section 4.6).
pub(super) const PREROLL: Time = Time::new(Rational::new_raw(1, 5));

/// Cuts off what was read only for the sake of sound; and what is read too much of a picture: FFmpeg counts how long it
/// reads from the first frame, which may come a little after the time that was sought. Or it is `unsure` otherwise which
/// frames are read: it begins later than its file, or its clock is too coarse for its frames.
pub(super) fn after_reading(ty: &StreamType, read: Window, early: Time, unsure: bool) -> Vec<FilterCall> {
    let begins_with_a_frame = match ty {
        StreamType::Video(ty) => !ty.variable_rate && read.start.round_to(ty.frame_rate) == read.start,
        StreamType::Audio(_) => true,
    };
    let length = read.end.map(|end| end - read.start);
    let end = length.filter(|_| unsure || !begins_with_a_frame);
    match early.is_positive() || end.is_some() {
        true => trim(ty, early, end),
        false => Vec::new(),
    }
}

/// The frames that are seen in a window, of those that are read from so long before it on: the first is the one that is
/// seen when it begins, whenever it came. All before that take the same time, of which a change of rate keeps the last.
pub(super) fn seen_within(window: Window, early: Time) -> Vec<FilterCall> {
    let moved = format!("max(PTS-round({}/TB),0)", early.decimal());
    let mut calls = vec![FilterCall::new(FilterName::Setpts, [("expr", moved)])];
    if let Some(end) = window.end {
        calls.push(FilterCall::new(
            FilterName::Trim,
            [("end", (end - window.start).decimal())],
        ));
    }
    calls
}

/// Sound by its file's clock: silence where packets are missing, and nothing twice where they overlap, as they do where
/// files were put together packet by packet. One that begins later than its file has silence until then.
pub(super) fn by_the_clock(late: Time) -> FilterCall {
    // Containers that count milliseconds are off by less than this.
    let mut options = vec![("async", "1"), ("min_hard_comp", "0.01")];
    // Encoders' priming is less than this.
    if late > Time::millis(1) {
        options.push(("first_pts", "0"));
    }
    FilterCall::new(FilterName::Aresample, options)
}

/// Sound without what comes before zero.
pub(super) fn from_zero() -> FilterCall {
    FilterCall::new(FilterName::Atrim, [("start", "0")])
}

/// Times counted from the first frame.
pub(super) fn from_the_first() -> FilterCall {
    FilterCall::new(FilterName::Setpts, [("expr", "PTS-STARTPTS")])
}

/// Times that follow from the number of samples alone.
pub(super) fn by_the_samples() -> FilterCall {
    FilterCall::new(FilterName::Asetpts, [("expr", "N/SR/TB")])
}

/// Endless repetition of what is kept in memory.
pub(super) fn repeat(ty: &StreamType) -> Vec<FilterCall> {
    let count = ty.duration().unwrap_or_default().frames(ty.rate()).max(1);
    let (filter, size) = match ty {
        StreamType::Video(_) => (FilterName::Loop, count),
        StreamType::Audio(_) => (FilterName::Aloop, count),
    };
    let mut calls = vec![FilterCall::new(
        filter,
        [("loop", "-1".to_owned()), ("size", size.to_string())],
    )];
    if let StreamType::Video(ty) = ty {
        calls.push(clock(ty.frame_rate));
    }
    calls
}

/// What each input of a joint goes through: `xfade` wants one clock.
pub(super) fn before_joining(node: &Node) -> Vec<FilterCall> {
    match (&node.kind, &node.ty) {
        (NodeKind::Crossfade { .. }, StreamType::Video(_)) => {
            vec![FilterCall::new(FilterName::Settb, [("expr", "AVTB")])]
        }
        _ => Vec::new(),
    }
}

/// What a picture goes through to make room for a frame before it, and then with that frame to have it there.
pub(super) fn behind_a_frame() -> [Vec<FilterCall>; 2] {
    let room = [("start", "1"), ("start_mode", "clone")];
    let first = [("first", "0"), ("last", "0"), ("replace", "0")];
    [
        vec![FilterCall::new(FilterName::Tpad, room)],
        vec![FilterCall::new(FilterName::Freezeframes, first)],
    ]
}

/// Whether a picture is one frame long.
pub(super) fn is_single(graph: &Graph, id: NodeId) -> bool {
    let ty = &graph.node(id).ty;
    ty.duration().is_some_and(|length| length.frames(ty.rate()) == 1)
}

/// The filter that so many streams flow into.
pub(super) fn joining(graph: &Graph, node: &Node, count: usize) -> Vec<FilterCall> {
    let call = match (&node.kind, &node.ty) {
        (NodeKind::Concat, StreamType::Video(_)) => FilterCall::new(
            FilterName::Concat,
            [("n", count.to_string()), ("v", "1".into()), ("a", "0".into())],
        ),
        (NodeKind::Concat, StreamType::Audio(_)) => FilterCall::new(
            FilterName::Concat,
            [("n", count.to_string()), ("v", "0".into()), ("a", "1".into())],
        ),
        (
            NodeKind::Crossfade {
                transition,
                overlap,
                offset,
            },
            StreamType::Video(_),
        ) => FilterCall::new(
            FilterName::Xfade,
            [
                ("transition", transition.clone()),
                ("duration", overlap.decimal()),
                ("offset", offset.decimal()),
            ],
        ),
        (NodeKind::Crossfade { overlap, .. }, StreamType::Audio(ty)) => FilterCall::new(
            FilterName::Acrossfade,
            [("nb_samples", overlap.frames(ty.rate()).max(1).to_string())],
        ),
        (NodeKind::Overlay { x, y, during }, StreamType::Video(ty)) => {
            let inset = graph.video(node.inputs[1]);
            let still = inset.is_some_and(|inset| inset.still);
            let mut args = vec![
                ("x", x.to_string()),
                ("y", y.to_string()),
                (
                    "format",
                    ty.pixels.overlay_in_10_bits().unwrap_or("auto").to_owned(),
                ),
                // A still is one frame that stays; a clip that is over is gone.
                ("eof_action", if still { "repeat" } else { "pass" }.to_owned()),
            ];
            if let Some(window) = during {
                // Half a frame early, so that no rounding of a frame's time decides.
                let half = Time::from_frames(1, ty.frame_rate * 2);
                let mut enable = format!("gte(t,{})", (window.start - half).decimal());
                if let Some(end) = window.end {
                    enable.push_str(&format!("*lt(t,{})", (end - half).decimal()));
                }
                args.push(("enable", enable));
            }
            FilterCall::new(FilterName::Overlay, args)
        }
        _ => FilterCall::new(
            FilterName::Amix,
            [
                ("inputs", count.to_string()),
                ("duration", "first".to_owned()),
                ("dropout_transition", "0".to_owned()),
                ("normalize", "0".to_owned()),
            ],
        ),
    };
    vec![call]
}

/// One gain for the whole, from what was measured, so that dynamics stay as they are; and a limiter for what is then
/// too high. It works at 192 kHz, where peaks between samples show (ITU-R BS.1770, annex 2).
pub(super) fn loudness(
    target: Rational,
    true_peak: Rational,
    stage: usize,
    rate: Rational,
) -> Vec<FilterCall> {
    let mut volume = FilterCall::plain(FilterName::Volume);
    volume.args = vec![("volume".to_owned(), Arg::GainTo { stage, target })];
    let peak = *true_peak.numer() as f64 / *true_peak.denom() as f64;
    let limit = format!("{:.6}", 10_f64.powf(peak / 20.0));
    vec![
        volume,
        FilterCall::new(FilterName::Aresample, [("osr", "192000")]),
        FilterCall::new(
            FilterName::Alimiter,
            [("limit", limit.as_str()), ("level", "0"), ("latency", "1")],
        ),
        FilterCall::new(FilterName::Aresample, [("osr", rate.to_integer().to_string())]),
    ]
}
