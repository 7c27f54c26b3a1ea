//! `delay`: shifts audio or video in time.

use crate::call::Call;
use crate::codes;
use crate::graph::{Filter, NodeId};
use crate::ops::common::subtitle_cues;
use crate::ops::{Group, Input, Operation};
use crate::param::{Param, choice, word};
use crate::plan::{FilterCall, FilterName};
use crate::time::{Time, Window};
use crate::value::Value;

choice! {
    enum Track {
        Audio = "audio",
        Video = "video",
        Both = "both",
    }
}

const BY: Param<Time> = Param::signed_time("by", "delay; a negative time shifts the track earlier");
const TRACK: Param<Track> = Param::choice("track", "track to shift").default(word(Track::Audio.word()));

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "delay",
    group: Group::Time,
    summary: "Delay the audio or the video, or both, to fix sync or insert a pause.",
    input: Input::Clip,
    params: &[BY.spec, TRACK.spec],
    examples: &[
        "talk | delay(200ms)",
        "talk | delay(-80ms)",
        "outro | delay(1s, track: both)",
    ],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let clip = call.clip();
    let by = call.get(&BY);
    let track = call.get(&TRACK);
    let at = call.arg_span(&BY);
    match track {
        Track::Audio => drop(call.audio()?),
        Track::Video => drop(call.video()?),
        Track::Both => {}
    }
    let mut shifted = clip.clone();
    let is_removed = |duration: Option<Time>| duration.filter(|duration| *duration <= -by);
    let message = |stream: &str, duration: Time| {
        format!("shifting the {stream} of {duration} by {by} leaves nothing of it")
    };
    if let Some(id) = clip.audio.filter(|_| track != Track::Video) {
        if let Some(duration) = is_removed(call.graph().audio(id).and_then(|ty| ty.duration)) {
            return call.fail(&codes::WINDOW_AFTER_END, at, message("audio", duration));
        }
        shifted.audio = Some(shift_audio(call, id, by));
    }
    if let Some(id) = clip.video.filter(|_| track != Track::Audio) {
        if let Some(duration) = is_removed(call.graph().video(id).and_then(|ty| ty.duration)) {
            return call.fail(&codes::WINDOW_AFTER_END, at, message("video", duration));
        }
        shifted.video = Some(shift_video(call, id, by));
    }
    if track != Track::Audio {
        shifted.subtitles =
            subtitle_cues::retime_tracks(call, clip.subtitles, |cues| subtitle_cues::shift(cues, by));
    }
    Some(Value::Clip(shifted))
}

fn shift_audio(call: &mut Call<'_>, id: NodeId, by: Time) -> NodeId {
    let span = call.span;
    match by < Time::ZERO {
        true => call.graph().trim(id, from(-by), span),
        false => call.graph().delay(id, by, span),
    }
}

/// Inserts black frames before a video, or cuts frames off its beginning.
fn shift_video(call: &mut Call<'_>, id: NodeId, by: Time) -> NodeId {
    let span = call.span;
    let graph = call.graph();
    let Some(rate) = graph.video(id).map(|ty| ty.frame_rate) else {
        return id;
    };
    let by = by.round_to(rate);
    if by < Time::ZERO {
        return graph.trim(id, from(-by), span);
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

fn from(start: Time) -> Window {
    Window { start, end: None }
}
