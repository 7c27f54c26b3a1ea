use crate::call::Call;
use crate::catalogue::{Bounds, Param, ParamType, word};
use crate::codes;
use crate::graph::{Clip, Filter};
use crate::ops::common::{cast, cues};
use crate::ops::{Group, Input, Operation};
use crate::plan::{FilterCall, FilterName};
use crate::time::Rational;
use crate::value::Value;

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "speed",
    group: Group::Time,
    summary: "The clip slower or faster.",
    input: Input::Clip,
    params: &[
        Param::required(
            "factor",
            ParamType::Number(Bounds { min: 0, max: 100 }),
            "2 is twice as fast, 0.5 half; at least 0.01",
        ),
        Param::with_default(
            "pitch",
            ParamType::Enum(&["keep", "shift"]),
            word("keep"),
            "whether voices keep their pitch",
        ),
    ],
    examples: &[
        "talk | trim(2s..10s) | speed(4)",
        "talk | speed(0.5, pitch: shift)",
    ],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let clip = call.clip();
    let factor = call.args.number("factor")?;
    let shift = call.args.text("pitch") == Some("shift");
    let span = call.span;
    if factor < Rational::new(1, 100) {
        let at = call.arg_span("factor");
        return call.fail(&codes::OUT_OF_RANGE, at, "out of range: 0.01 to 100");
    }
    let slower = factor.recip();
    let subtitles = cues::retimed(call, clip.subtitles, |cues| {
        cues.iter()
            .map(|cue| crate::facts::Cue {
                start: cue.start.scale(slower),
                end: cue.end.scale(slower),
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
            // Behind a change of rate, the clock's ticks are whole frames.
            FilterCall::new(FilterName::Settb, [("expr", "AVTB")]),
            FilterCall::new(
                FilterName::Setpts,
                [(
                    "expr",
                    format!("round(PTS*{}/{})", slower.numer(), slower.denom()),
                )],
            ),
            FilterCall::new(FilterName::Fps, [("fps", rate), ("start_time", "0".to_owned())]),
        ];
        graph.filter_video(id, Filter::new(calls), span, |ty| {
            ty.duration = ty.duration.map(|duration| duration.scale(slower));
        })
    });
    let audio = clip.audio.map(|id| {
        let rate = graph.audio(id).map_or(48_000, |ty| ty.sample_rate);
        let calls = if shift {
            resampled(factor, rate)
        } else {
            tempo(factor)
        };
        graph.filter_audio(id, Filter::new(calls), span, |ty| {
            ty.duration = ty.duration.map(|duration| duration.scale(slower));
        })
    });
    Some(Value::Clip(Clip {
        video,
        audio,
        subtitles,
    }))
}

fn resampled(factor: Rational, rate: u32) -> Vec<FilterCall> {
    let played = (factor * Rational::from_integer(rate.into()))
        .round()
        .to_integer();
    vec![
        FilterCall::new(FilterName::Asetrate, [("sample_rate", played.to_string())]),
        FilterCall::new(FilterName::Aresample, [("osr", rate.to_string())]),
    ]
}

/// `atempo` blends only between half and double speed (FFmpeg documentation, "atempo"); beyond, it skips samples.
fn tempo(mut factor: Rational) -> Vec<FilterCall> {
    let (half, double) = (Rational::new(1, 2), Rational::from_integer(2));
    let step = |tempo: Rational| FilterCall::new(FilterName::Atempo, [("tempo", cast::number(tempo))]);
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
