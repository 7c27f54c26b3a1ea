//! The FFmpeg filters of each closed node kind with one input, and of measured loudness.

use super::last_frame::{extend_last_frame, is_cfr_from_zero, repeat_last_frame};
use crate::graph::{Graph, Node, NodeKind, StreamType};
use crate::plan::{Arg, FilterCall, FilterName};
use crate::time::{Rational, Time};

/// The filters of a node that holds, cuts, delays, or counts the frames of one input.
pub(super) fn for_single_input(graph: &Graph, node: &Node) -> Vec<FilterCall> {
    match (&node.kind, &node.ty) {
        (NodeKind::StillToVideo { frame_rate }, _) => hold_still(*frame_rate),
        (NodeKind::Trim { .. }, StreamType::Video(ty)) if ty.still => Vec::new(),
        (NodeKind::Trim { start, end }, ty) => trim(ty, *start, *end),
        (NodeKind::Delay { by }, StreamType::Video(ty)) => {
            let mut calls = Vec::new();
            if by.round_to(ty.frame_rate) != *by {
                // After `fps` a tick is a whole frame.
                calls.push(set_microseconds());
            }
            calls.push(FilterCall::new(
                FilterName::Setpts,
                [("expr", format!("round(PTS+{}/TB)", by.decimal()))],
            ));
            calls
        }
        (NodeKind::Delay { by }, StreamType::Audio(ty)) => {
            // In samples (`S`), because whole milliseconds are coarser than an audio frame.
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
            if !is_cfr_from_zero(graph, input) {
                calls.extend(extend_last_frame(graph, input));
                calls.push(convert_rate(ty.frame_rate));
            }
            calls.push(repeat_last_frame());
            calls.push(FilterCall::new(
                FilterName::Trim,
                [("end_frame", count.to_string())],
            ));
            calls
        }
        (NodeKind::FixedLength { count }, StreamType::Audio(_)) => vec![
            FilterCall::new(FilterName::Apad, [("whole_len", count.to_string())]),
            FilterCall::new(FilterName::Atrim, [("end_sample", count.to_string())]),
        ],
        _ => Vec::new(),
    }
}

/// The calls of a [`NodeKind::Filter`]. If they convert the frame rate of an input that does not know its end, the last
/// frame is extended before and cut to its duration after.
pub(super) fn for_filter(graph: &Graph, node: &Node, calls: Vec<FilterCall>) -> Vec<FilterCall> {
    let converts_rate = calls.iter().any(|call| call.name == FilterName::Fps);
    let input = node.inputs.first().filter(|_| converts_rate);
    let extend = input.and_then(|input| extend_last_frame(graph, graph.node(*input)));
    let (Some(extend), Some(end)) = (extend, node.ty.duration()) else {
        return calls;
    };
    let half_a_frame = Time::from_frames(1, node.ty.rate() * 2);
    let end = FilterCall::new(FilterName::Trim, [("end", (end - half_a_frame).decimal())]);
    std::iter::once(extend).chain(calls).chain([end]).collect()
}

/// Cuts a stream and moves its start to zero.
pub(super) fn trim(ty: &StreamType, start: Time, end: Option<Time>) -> Vec<FilterCall> {
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
        // `PTS-STARTPTS` would shift video and audio by different amounts. Without `round`, a time between two ticks would
        // be truncated to the earlier one.
        calls.push(FilterCall::new(
            setpts,
            [("expr", format!("round(PTS-{}/TB)", start.decimal()))],
        ));
    }
    calls
}

/// Times between frames at which a cut keeps all frames from one time to another, even if the file's clock is too coarse for
/// frames and each filter rounds once more. They precede the frames by less than half a frame, which rounds to either side
/// where a tick is a frame.
fn between_frames(rate: Rational, start: Time, end: Option<Time>) -> (Time, Option<Time>) {
    let margin = Time::from_frames(49, rate * 100);
    let whole_frames = |duration: Time| Time::from_frames(-(-duration).whole_frames(rate), rate);
    (
        start - margin,
        end.map(|end| start + whole_frames(end - start) - margin),
    )
}

/// Repeats one frame without end. `loop` spaces its copies by the duration that the image demuxer gave the frame, so PTS are
/// set by frame number; and in microseconds, because that demuxer's time base is 1/25 s.
fn hold_still(rate: Rational) -> Vec<FilterCall> {
    vec![
        set_microseconds(),
        FilterCall::new(FilterName::Loop, [("loop", "-1"), ("size", "1")]),
        number_frames(rate),
        convert_rate(rate),
    ]
}

/// Repeats a stream without end from memory.
pub(super) fn loop_in_memory(ty: &StreamType) -> Vec<FilterCall> {
    let size = ty.duration().unwrap_or_default().frames(ty.rate()).max(1);
    let args = [("loop", "-1".to_owned()), ("size", size.to_string())];
    match ty {
        StreamType::Video(ty) => vec![
            FilterCall::new(FilterName::Loop, args),
            number_frames(ty.frame_rate),
        ],
        StreamType::Audio(_) => vec![FilterCall::new(FilterName::Aloop, args)],
    }
}

/// Sets PTS by frame number. `loop` estimates them from the duration of the last frame.
fn number_frames(rate: Rational) -> FilterCall {
    FilterCall::new(
        FilterName::Setpts,
        [("expr", format!("N*{}/({}*TB)", rate.denom(), rate.numer()))],
    )
}

/// Converts to a constant frame rate, from zero on.
fn convert_rate(rate: Rational) -> FilterCall {
    FilterCall::new(
        FilterName::Fps,
        [("fps", rate.to_string()), ("start_time", "0".to_owned())],
    )
}

/// Sets the time base to microseconds.
pub(super) fn set_microseconds() -> FilterCall {
    FilterCall::new(FilterName::Settb, [("expr", "AVTB")])
}

/// Measures loudness. The summary suffices; a line for every 100 ms would fill the log.
pub(super) fn measure_loudness() -> FilterCall {
    FilterCall::new(FilterName::Ebur128, [("framelog", "verbose")])
}

/// Applies one gain to the whole, as an earlier stage measured it, which preserves dynamics; and limits peaks that are then
/// too high. The limiter works at 192 kHz, where peaks between samples show (ITU-R BS.1770, annex 2).
pub(super) fn normalize_loudness(
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
