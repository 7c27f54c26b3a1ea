//! `speed`: plays a clip faster or slower.

use crate::call::Call;
use crate::codes;
use crate::facts::Cue;
use crate::graph::{Clip, Filter};
use crate::ops::common::{filter_value, subtitle_cues};
use crate::ops::{Group, Input, Operation};
use crate::param::{Param, choice, word};
use crate::plan::{FilterCall, FilterName};
use crate::time::Rational;
use crate::value::Value;

choice! {
    enum Pitch {
        Keep = "keep",
        Shift = "shift",
    }
}

const FACTOR: Param<Rational> = Param::number(
    "factor",
    0,
    100,
    "speed factor, at least 0.01; 2 doubles the speed and 0.5 halves it",
);
const PITCH: Param<Pitch> = Param::choice(
    "pitch",
    "whether to keep the pitch of the audio or shift it with the speed",
)
.default(word(Pitch::Keep.word()));

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "speed",
    group: Group::Time,
    summary: "Speed up or slow down the clip.",
    input: Input::Clip,
    params: &[FACTOR.spec, PITCH.spec],
    examples: &[
        "talk | trim(2s..10s) | speed(4)",
        "talk | speed(0.5, pitch: shift)",
    ],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let clip = call.clip();
    let factor = call.get(&FACTOR);
    let pitch = call.get(&PITCH);
    let span = call.span;
    if factor < Rational::new(1, 100) {
        let at = call.arg_span(&FACTOR);
        let message = format!(
            "`factor` is {}, but must be from 0.01 to 100",
            filter_value::number(factor)
        );
        return call.fail(&codes::OUT_OF_RANGE, at, message);
    }
    let time_scale = factor.recip();
    let subtitles = subtitle_cues::retime_tracks(call, clip.subtitles, |cues| {
        cues.iter()
            .map(|cue| Cue {
                start: cue.start.scale(time_scale),
                end: cue.end.scale(time_scale),
                ..cue.clone()
            })
            .collect()
    });
    let graph = call.graph();
    let video = clip.video.map(|id| {
        if graph.video(id).is_some_and(|ty| ty.still) {
            return id;
        }
        let rate = graph
            .video(id)
            .map(|ty| ty.frame_rate.to_string())
            .unwrap_or_default();
        let calls = vec![
            // After `fps`, the time base is one frame, too coarse for the scaled timestamps.
            FilterCall::new(FilterName::Settb, [("expr", "AVTB")]),
            FilterCall::new(
                FilterName::Setpts,
                [(
                    "expr",
                    format!("round(PTS*{}/{})", time_scale.numer(), time_scale.denom()),
                )],
            ),
            FilterCall::new(FilterName::Fps, [("fps", rate), ("start_time", "0".to_owned())]),
        ];
        graph.filter_video(id, Filter::new(calls), span, |ty| {
            ty.duration = ty.duration.map(|duration| duration.scale(time_scale));
        })
    });
    let audio = clip.audio.map(|id| {
        let rate = graph.audio(id).map_or(48_000, |ty| ty.sample_rate);
        let calls = match pitch {
            Pitch::Keep => tempo(factor),
            Pitch::Shift => changed_sample_rate(factor, rate),
        };
        graph.filter_audio(id, Filter::new(calls), span, |ty| {
            ty.duration = ty.duration.map(|duration| duration.scale(time_scale));
        })
    });
    Some(Value::Clip(Clip {
        video,
        audio,
        subtitles,
    }))
}

/// Changes speed and pitch together, by playing the samples at another rate.
fn changed_sample_rate(factor: Rational, rate: u32) -> Vec<FilterCall> {
    let playback_rate = (factor * Rational::from_integer(rate.into()))
        .round()
        .to_integer();
    vec![
        FilterCall::new(FilterName::Asetrate, [("sample_rate", playback_rate.to_string())]),
        FilterCall::new(FilterName::Aresample, [("osr", rate.to_string())]),
    ]
}

/// Changes the speed and keeps the pitch.
///
/// `atempo` blends samples only between half and double speed (FFmpeg documentation, "atempo") and skips them beyond, so
/// that larger factors take several steps.
fn tempo(mut factor: Rational) -> Vec<FilterCall> {
    let (half, double) = (Rational::new(1, 2), Rational::from_integer(2));
    let step =
        |tempo: Rational| FilterCall::new(FilterName::Atempo, [("tempo", filter_value::number(tempo))]);
    let mut calls = Vec::new();
    while factor > double {
        calls.push(step(double));
        factor /= double;
    }
    while factor < half {
        calls.push(step(half));
        factor /= half;
    }
    calls.push(step(factor));
    calls
}
