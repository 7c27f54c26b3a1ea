use vidc_dsl::Diagnostic;

use crate::call::Call;
use crate::catalogue::{Param, ParamType, color, word};
use crate::codes;
use crate::graph::{BLACK, Clip, Filter, Window};
use crate::ops::common::cast;
use crate::ops::{Group, Input, Operation};
use crate::plan::{FilterCall, FilterName};
use crate::time::Time;
use crate::value::Value;

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "fade",
    group: Group::Time,
    summary: "Picture and sound come out of nothing, and go back to it.",
    input: Input::Clip,
    params: &[
        Param::optional("in", ParamType::Time, "how long coming in takes").by_name(),
        Param::optional(
            "out",
            ParamType::Time,
            "how long going out takes; it ends with the clip",
        ),
        Param::with_default(
            "color",
            ParamType::Color,
            color(0, 0, 0, 255),
            "what the picture fades from and to",
        ),
        Param::with_default(
            "track",
            ParamType::Enum(&["both", "video", "audio"]),
            word("both"),
            "what fades",
        ),
    ],
    examples: &["talk | fade(in: 500ms, out: 12f)", "theme | fade(out: 3s)"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let clip = call.clip();
    let (start, end) = (call.args.time("in"), call.args.time("out"));
    let color = call.args.color("color")?;
    let track = call.args.text("track")?.to_owned();
    let span = call.span;
    if start.is_none() && end.is_none() {
        let diagnostic = Diagnostic::new(
            &codes::MISSING_ARGUMENT,
            span,
            "`fade` needs `in`, `out`, or both",
        )
        .help("write `fade(in: 1s)`, `fade(out: 1s)`, or `fade(in: 1s, out: 1s)`");
        call.report(diagnostic);
        return None;
    }
    match track.as_str() {
        "video" => drop(call.video()?),
        "audio" => drop(call.audio()?),
        _ => {}
    }
    let duration = call.graph().duration(&clip);
    let total = start.unwrap_or_default() + end.unwrap_or_default();
    if end.is_some() && duration.is_none() {
        call.duration_of(&clip, span)?;
    }
    if let Some(duration) = duration.filter(|duration| total > *duration) {
        let message = format!("the fades take {total}, and the clip lasts only {duration}");
        return call.fail(&codes::OUT_OF_RANGE, span, message);
    }
    // Both ends are where the picture's are, so that sound and picture go together.
    let ramps = |name: FilterName, unit: &dyn Fn(Time) -> Vec<(&'static str, String)>| {
        let ramp = |direction: &str, from: Time, length: Time| {
            let mut args = vec![("type", direction.to_owned()), ("start_time", from.decimal())];
            args.push(("duration", length.decimal()));
            args.extend(unit(length));
            FilterCall::new(name, args)
        };
        let mut calls = Vec::new();
        calls.extend(start.map(|length| ramp("in", Time::ZERO, length)));
        calls.extend(end.map(|length| ramp("out", duration.unwrap_or_default() - length, length)));
        calls
    };
    let mut faded = clip.clone();
    if let Some(video) = clip.video.filter(|_| track != "audio") {
        // What is drawn on something else goes from and to nothing, not black.
        let see_through = color == BLACK && call.graph().video(video).is_some_and(|ty| ty.pixels.alpha);
        let color = call
            .graph()
            .video(video)
            .map_or(color, |ty| ty.color_space.fade_color(color));
        let calls = ramps(FilterName::Fade, &|_| match see_through {
            true => vec![("alpha", "1".to_owned())],
            false => vec![("color", cast::color(color))],
        });
        let begins = start.map(|length| Window {
            start: Time::ZERO,
            end: Some(length),
        });
        let ends = end.map(|length| Window {
            start: duration.unwrap_or_default() - length,
            end: None,
        });
        let graph = call.graph();
        let rate = graph.node(video).ty.rate();
        let active = begins.into_iter().chain(ends).map(|window| window.widened(rate));
        let filter = Filter::new(calls).active_during(active.collect());
        faded.video = Some(graph.filter_video(video, filter, span, |_| {}));
    }
    if let Some(audio) = clip.audio.filter(|_| track != "video") {
        let calls = ramps(FilterName::Afade, &|_| Vec::new());
        faded.audio = Some(call.graph().filter_audio(audio, Filter::new(calls), span, |_| {}));
    }
    Some(Value::Clip(Clip { ..faded }))
}
