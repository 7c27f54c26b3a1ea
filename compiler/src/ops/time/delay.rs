use crate::call::Call;
use crate::catalogue::{Param, ParamType, word};
use crate::codes;
use crate::graph::{Clip, Filter, NodeId, Window};
use crate::ops::common::cues;
use crate::ops::{Group, Input, Operation};
use crate::plan::{FilterCall, FilterName};
use crate::time::Time;
use crate::value::Value;

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "delay",
    group: Group::Time,
    summary: "The sound later than the picture, or earlier; or both after a pause.",
    input: Input::Clip,
    params: &[
        Param::required(
            "by",
            ParamType::SignedTime,
            "how much later; earlier, if negative",
        ),
        Param::with_default(
            "track",
            ParamType::Enum(&["audio", "video", "both"]),
            word("audio"),
            "what is moved",
        ),
    ],
    examples: &[
        "talk | delay(200ms)",
        "talk | delay(-80ms)",
        "outro | delay(1s, track: both)",
    ],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let clip = call.clip();
    let by = call.args.time("by")?;
    let track = call.args.text("track")?.to_owned();
    let at = call.arg_span("by");
    match track.as_str() {
        "audio" => drop(call.audio()?),
        "video" => drop(call.video()?),
        _ => {}
    }
    let mut moved = clip.clone();
    let ends = |duration: Option<Time>| duration.is_some_and(|duration| duration <= -by);
    if let Some(id) = clip.audio.filter(|_| track != "video") {
        if ends(call.graph().audio(id).and_then(|ty| ty.duration)) {
            return call.fail(&codes::WINDOW_AFTER_END, at, "no sound would be left");
        }
        moved.audio = Some(audio(call, id, by));
    }
    if let Some(id) = clip.video.filter(|_| track != "audio") {
        if ends(call.graph().video(id).and_then(|ty| ty.duration)) {
            return call.fail(&codes::WINDOW_AFTER_END, at, "no picture would be left");
        }
        moved.video = Some(video(call, id, by));
    }
    if track != "audio" {
        moved.subtitles = cues::retimed(call, clip.subtitles, |cues| cues::shifted(cues, by));
    }
    Some(Value::Clip(Clip { ..moved }))
}

fn audio(call: &mut Call<'_>, id: NodeId, by: Time) -> NodeId {
    let span = call.span;
    match by < Time::ZERO {
        true => call.graph().trim(
            id,
            Window {
                start: -by,
                end: None,
            },
            span,
        ),
        false => call.graph().delay(id, by, span),
    }
}

/// Black before the picture, or its beginning cut off, by whole frames.
fn video(call: &mut Call<'_>, id: NodeId, by: Time) -> NodeId {
    let span = call.span;
    let graph = call.graph();
    let Some(rate) = graph.video(id).map(|ty| ty.frame_rate) else {
        return id;
    };
    let by = by.round_to(rate);
    if by < Time::ZERO {
        return graph.trim(
            id,
            Window {
                start: -by,
                end: None,
            },
            span,
        );
    }
    let args = [
        ("start", by.frames(rate).to_string()),
        ("start_mode", "add".to_owned()),
        ("color", "black".to_owned()),
    ];
    let pad = FilterCall::new(FilterName::Tpad, args);
    graph.filter_video(id, Filter::new(vec![pad]), span, |ty| {
        ty.duration = ty.duration.map(|duration| duration + by);
    })
}
