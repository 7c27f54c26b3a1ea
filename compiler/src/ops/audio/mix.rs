use crate::call::Call;
use crate::catalogue::{Param, ParamType, decibels, millis, word};
use crate::codes;
use crate::graph::{Clip, Filter, NodeId, Window};
use crate::ops::audio::duck;
use crate::ops::common::inset;
use crate::ops::common::sound::{self, Envelope};
use crate::ops::{Group, Input, Operation};
use crate::plan::{FilterCall, FilterName};
use crate::time::{Rational, Time};
use crate::value::Value;

/// How quickly music makes way for speech, and comes back, milliseconds.
const ENVELOPE: Envelope = Envelope {
    attack: Rational::new_raw(20, 1),
    release: Rational::new_raw(400, 1),
};

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "mix",
    group: Group::Audio,
    summary: "Another sound under the clip's own.",
    input: Input::Clip,
    params: &[
        Param::required(
            "with",
            ParamType::Clip,
            "the other sound; its picture, if any, is not used",
        ),
        Param::with_default(
            "volume",
            ParamType::Gain,
            decibels(0),
            "how much louder or quieter the other is made",
        ),
        Param::with_default("start", ParamType::Time, millis(0), "when the other begins"),
        Param::with_default(
            "loop",
            ParamType::Bool,
            crate::catalogue::Constant::Flag(false),
            "whether it begins anew when it is over",
        ),
        Param::optional(
            "duck",
            ParamType::Gain,
            "how much quieter it is while the clip's own sound is heard",
        ),
        Param::optional("fade-in", ParamType::Time, "how long it takes to come in"),
        Param::optional(
            "fade-out",
            ParamType::Time,
            "how long it takes to go out, ending with the clip or with itself",
        ),
        Param::with_default(
            "duration",
            ParamType::Enum(&["first", "longest"]),
            word("first"),
            "how long a result without picture is; one with a picture is as long as that",
        ),
    ],
    examples: &[
        "talk | mix(theme, volume: -12dB, duck: 10dB, loop: true)",
        "talk | mix(sting, start: 3s)",
    ],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let clip = call.clip();
    let with = call.args.clip("with")?.clone();
    let (span, at) = (call.span, call.arg_span("with"));
    let (other, _) = call.audio_of(&with, Some(at))?;
    let start = call.args.time("start")?;
    let depth = match call.args.gain("duck") {
        Some(_) => Some(duck::depth(call, "duck")?),
        None => None,
    };
    let own = own_sound(call, &clip, other)?;
    let duration = match clip.video {
        Some(video) => call.graph().video(video).and_then(|ty| ty.duration),
        None => call.graph().audio(own).and_then(|ty| ty.duration),
    };
    if duration.is_some_and(|duration| start >= duration) {
        let at = call.arg_span("start");
        let message = format!(
            "this starts at {start}, when the clip of {} is over",
            duration.unwrap_or_default()
        );
        return call.fail(&codes::WINDOW_AFTER_END, at, message);
    }
    let other = looped(call, other);
    let other = faded(call, other, start, duration)?;
    let gain = call.args.gain("volume")?;
    let longest = call.args.text("duration") == Some("longest") && clip.video.is_none();

    let graph = call.graph();
    let other = inset::volume(graph, other, gain, span);
    let other = if start.is_positive() {
        graph.delay(other, start, span)
    } else {
        other
    };
    let mut notes = Vec::new();
    let usual = crate::graph::AudioType::stereo_48_khz();
    let canvas = sound::canvas([own, other].iter().filter_map(|id| graph.audio(*id))).unwrap_or(usual);
    let own = sound::conform(graph, own, &canvas, span, &mut notes);
    let other = sound::conform(graph, other, &canvas, span, &mut notes);
    let other = match depth {
        Some(depth) => sound::duck(graph, other, own, depth, ENVELOPE, span),
        None => other,
    };
    let own = match (longest, graph.node(other).ty.duration(), duration) {
        (true, Some(length), Some(duration)) if length > duration => {
            graph.fix_length(own, length.frames(canvas.rate()), span)
        }
        _ => own,
    };
    let mixed = graph.mix(vec![own, other], span);
    for note in notes {
        call.report(note);
    }
    Some(Value::Clip(Clip {
        audio: Some(mixed),
        ..clip
    }))
}

/// The clip's own sound, as long as its picture; silence, if it has none.
fn own_sound(call: &mut Call<'_>, clip: &Clip, other: NodeId) -> Option<NodeId> {
    let span = call.span;
    let Some(video) = clip.video else {
        return call.audio().map(|(id, _)| id);
    };
    let graph = call.graph();
    let duration = graph.video(video).and_then(|ty| ty.duration);
    match (clip.audio, duration) {
        (Some(audio), Some(duration)) => {
            let samples = graph.audio(audio).map_or(0, |ty| duration.frames(ty.rate()));
            Some(graph.fix_length(audio, samples, span))
        }
        (Some(audio), None) => Some(audio),
        (None, duration) => {
            let like = graph.audio(other)?.clone();
            Some(graph.silence(&like, duration, span))
        }
    }
}

fn looped(call: &mut Call<'_>, other: NodeId) -> NodeId {
    let span = call.span;
    let repeat = call.args.flag("loop");
    let graph = call.graph();
    let ends = graph.node(other).ty.duration().is_some();
    if repeat && ends {
        graph.repeat(other, span)
    } else {
        other
    }
}

/// The other sound cut to what is heard of it, with its fades.
fn faded(call: &mut Call<'_>, other: NodeId, start: Time, duration: Option<Time>) -> Option<NodeId> {
    let (fade_in, fade_out) = (call.args.time("fade-in"), call.args.time("fade-out"));
    let longest = call.args.text("duration") == Some("longest") && call.clip().video.is_none();
    let span = call.span;
    let graph = call.graph();
    let length = graph.node(other).ty.duration();
    let heard = duration.filter(|_| !longest).map(|duration| duration - start);
    let end = match (length, heard) {
        (Some(length), Some(heard)) => Some(length.min(heard)),
        (length, heard) => length.or(heard),
    };
    let cut = match (end, length) {
        (Some(end), length) if length != Some(end) => graph.trim(
            other,
            Window {
                start: Time::ZERO,
                end: Some(end),
            },
            span,
        ),
        _ => other,
    };
    let ramp = |kind: &str, from: Time, length: Time| {
        FilterCall::new(
            FilterName::Afade,
            [
                ("type", kind.to_owned()),
                ("start_time", from.decimal()),
                ("duration", length.decimal()),
            ],
        )
    };
    let mut calls = Vec::new();
    calls.extend(fade_in.map(|length| ramp("in", Time::ZERO, length)));
    if let Some(length) = fade_out {
        let Some(end) = end else {
            return call.fail(
                &codes::ENDLESS,
                span,
                "neither sound ends, so there is nothing to fade out from",
            );
        };
        calls.push(ramp("out", (end - length).max(Time::ZERO), length));
    }
    if calls.is_empty() {
        return Some(cut);
    }
    Some(graph.filter_audio(cut, Filter::new(calls), span, |_| {}))
}
