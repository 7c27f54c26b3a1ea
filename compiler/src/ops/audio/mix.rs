//! `mix`: mixes in the audio of another clip, such as background music.

use crate::call::Call;
use crate::codes;
use crate::graph::{Clip, Filter, NodeId};
use crate::ops::audio::volume;
use crate::ops::common::audio_format;
use crate::ops::common::ducking::{self, Envelope};
use crate::ops::{Group, Input, Operation};
use crate::param::{Constant, Param, choice, decibels, millis, word};
use crate::plan::{FilterCall, FilterName};
use crate::time::{Rational, Time, Window};
use crate::value::Value;

/// The attack and release of music that is ducked under speech, in milliseconds.
const ENVELOPE: Envelope = Envelope {
    attack: Rational::new_raw(20, 1),
    release: Rational::new_raw(400, 1),
};

choice! {
    /// The duration of the result, as in FFmpeg's `amix`.
    enum DurationMode {
        First = "first",
        Longest = "longest",
    }
}

const WITH: Param<Clip> = Param::clip("with", "clip whose audio is mixed in; its video is ignored");
const VOLUME: Param<Rational> = Param::gain("volume", "gain of the mixed-in audio").default(decibels(0));
const START: Param<Time> = Param::time("start", "time at which the mixed-in audio starts").default(millis(0));
const LOOP: Param<bool> = Param::flag("loop", "whether the mixed-in audio repeats until the clip ends")
    .default(Constant::Flag(false));
const DUCK: Param<Option<Rational>> = Param::gain(
    "duck",
    "reduction of the mixed-in audio while the clip's own audio is audible",
)
.optional();
const FADE_IN: Param<Option<Time>> =
    Param::time("fade-in", "duration of the fade-in of the mixed-in audio").optional();
const FADE_OUT: Param<Option<Time>> = Param::time(
    "fade-out",
    "duration of the fade-out of the mixed-in audio, which ends with it or with the clip",
)
.optional();
const DURATION: Param<DurationMode> = Param::choice(
    "duration",
    "duration of the result if the clip has no video: that of the clip or of the longest audio; with video, that of the video",
)
.default(word(DurationMode::First.word()));

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "mix",
    group: Group::Audio,
    summary: "Mix another clip's audio into the clip's own, for example as background music.",
    input: Input::Clip,
    params: &[
        WITH.spec,
        VOLUME.spec,
        START.spec,
        LOOP.spec,
        DUCK.spec,
        FADE_IN.spec,
        FADE_OUT.spec,
        DURATION.spec,
    ],
    examples: &[
        "talk | mix(theme, volume: -12dB, duck: 10dB, loop: true)",
        "talk | mix(sting, start: 3s)",
    ],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let clip = call.clip();
    let with = call.get(&WITH);
    let (span, at) = (call.span, call.arg_span(&WITH));
    let (added, _) = call.audio_of(&with, Some(at))?;
    let start = call.get(&START);
    let duck_depth = match call.get(&DUCK) {
        Some(depth) => Some(ducking::checked_depth(call, depth, &DUCK)?),
        None => None,
    };
    let own = own_audio(call, &clip, added)?;
    let duration = match clip.video {
        Some(video) => call.graph().video(video).and_then(|ty| ty.duration),
        None => call.graph().audio(own).and_then(|ty| ty.duration),
    };
    if let Some(duration) = duration.filter(|duration| start >= *duration) {
        let at = call.arg_span(&START);
        let message = format!("`start` is {start}, but the clip ends at {duration}");
        return call.fail(&codes::WINDOW_AFTER_END, at, message);
    }
    let longest = call.get(&DURATION) == DurationMode::Longest && clip.video.is_none();
    let available = duration.filter(|_| !longest).map(|duration| duration - start);
    let added = looped(call, added);
    let added = trimmed_and_faded(call, added, available)?;
    let gain = call.get(&VOLUME);
    let graph = call.graph();
    let mut added = volume::apply(graph, added, gain, span);
    if start.is_positive() {
        added = graph.delay(added, start, span);
    }
    let [mut own, mut added] = audio_format::to_common_format(call, [own, added], span);
    let graph = call.graph();
    if let Some(depth) = duck_depth {
        added = ducking::duck(graph, added, own, depth, ENVELOPE, span);
    }
    if let (true, Some(length), Some(duration)) = (longest, graph.node(added).ty.duration(), duration)
        && length > duration
        && let Some(rate) = graph.audio(own).map(|ty| ty.rate())
    {
        own = graph.fix_length(own, length.frames(rate), span);
    }
    let mixed = graph.mix(vec![own, added], span);
    call.with_audio(mixed)
}

/// The clip's own audio, trimmed or padded to its video; silence if it has none.
fn own_audio(call: &mut Call<'_>, clip: &Clip, added: NodeId) -> Option<NodeId> {
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
            let format = graph.audio(added)?.clone();
            Some(graph.silence(&format, duration, span))
        }
    }
}

fn looped(call: &mut Call<'_>, added: NodeId) -> NodeId {
    let span = call.span;
    let repeats = call.get(&LOOP);
    let graph = call.graph();
    let ends = graph.node(added).ty.duration().is_some();
    if repeats && ends {
        graph.repeat(added, span)
    } else {
        added
    }
}

/// Trims the added audio to the `available` time, and fades it in and out.
fn trimmed_and_faded(call: &mut Call<'_>, added: NodeId, available: Option<Time>) -> Option<NodeId> {
    let (fade_in, fade_out) = (call.get(&FADE_IN), call.get(&FADE_OUT));
    let span = call.span;
    let graph = call.graph();
    let length = graph.node(added).ty.duration();
    let end = match (length, available) {
        (Some(length), Some(available)) => Some(length.min(available)),
        (length, available) => length.or(available),
    };
    let trimmed = match end {
        Some(end) if length != Some(end) => graph.trim(
            added,
            Window {
                start: Time::ZERO,
                end: Some(end),
            },
            span,
        ),
        _ => added,
    };
    let fade = |direction: &str, start: Time, length: Time| {
        FilterCall::new(
            FilterName::Afade,
            [
                ("type", direction.to_owned()),
                ("start_time", start.decimal()),
                ("duration", length.decimal()),
            ],
        )
    };
    let mut calls = Vec::new();
    calls.extend(fade_in.map(|length| fade("in", Time::ZERO, length)));
    if let Some(length) = fade_out {
        let Some(end) = end else {
            return call.fail(
                &codes::ENDLESS,
                span,
                "`fade-out` needs an end, but neither audio ends",
            );
        };
        calls.push(fade("out", (end - length).max(Time::ZERO), length));
    }
    if calls.is_empty() {
        return Some(trimmed);
    }
    Some(graph.filter_audio(trimmed, Filter::new(calls), span, |_| {}))
}
