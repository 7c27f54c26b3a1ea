//! `trim`: keeps a time range of a clip.

use vidc_dsl::Diagnostic;

use crate::call::Call;
use crate::codes;
use crate::graph::{Clip, NodeId};
use crate::ops::common::subtitle_cues;
use crate::ops::{Group, Input, Operation};
use crate::param::Param;
use crate::time::{Time, Window};
use crate::value::Value;

const RANGE: Param<Window> = Param::window("range", "time range to keep");

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "trim",
    group: Group::Time,
    summary: "Keep a time range of the clip, cut at the nearest frames.",
    input: Input::Clip,
    params: &[RANGE.spec],
    examples: &["talk | trim(0:05..1:23.5)", "talk | trim(10s..)"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let clip = call.clip();
    let mut window = call.get(&RANGE);
    let (span, at) = (call.span, call.arg_span(&RANGE));
    if let Some(ty) = clip
        .video
        .and_then(|id| call.graph().video(id))
        .filter(|ty| !ty.still)
    {
        let rate = ty.frame_rate;
        window = Window {
            start: window.start.round_to(rate),
            end: window.end.map(|end| end.round_to(rate)),
        };
    }
    if window.end.is_some_and(|end| end <= window.start) {
        return call.fail(&codes::OUT_OF_RANGE, at, "the range is shorter than a frame");
    }
    let duration = call.graph().duration(&clip);
    if let Some(duration) = duration {
        if window.start >= duration {
            let diagnostic = Diagnostic::new(
                &codes::WINDOW_AFTER_END,
                at,
                format!(
                    "the range starts at {}, but the clip ends at {duration}",
                    window.start
                ),
            )
            .label("nothing would remain");
            call.report(match call.input_span() {
                Some(input) => diagnostic.secondary(input, format!("lasts {duration}")),
                None => diagnostic,
            });
            return None;
        }
        // Media ends with a packet, slightly before or after its nominal end.
        let tolerance = Time::millis(60);
        if let Some(end) = window.end
            && end > duration
        {
            if end > duration + tolerance {
                let message = format!("the range ends at {end}, but the clip ends at {duration}");
                call.report(Diagnostic::new(&codes::WINDOW_CLAMPED, at, message));
            }
            window.end = Some(duration);
        }
    }
    let video = clip.video.map(|id| call.graph().trim(id, window, span));
    let audio = clip.audio.map(|id| trim_audio(call, id, window));
    let subtitles = match window.is_whole() {
        true => clip.subtitles,
        false => subtitle_cues::retime_tracks(call, clip.subtitles, |cues| subtitle_cues::trim(cues, window)),
    };
    Some(Value::Clip(Clip {
        video,
        audio,
        subtitles,
    }))
}

/// Trims audio; the result is silent if the audio ends before the window starts.
fn trim_audio(call: &mut Call<'_>, id: NodeId, window: Window) -> NodeId {
    let span = call.span;
    let graph = call.graph();
    let Some(ty) = graph.audio(id).cloned() else {
        return id;
    };
    let Some(end) = ty.duration.filter(|duration| *duration <= window.start) else {
        return graph.trim(id, window, span);
    };
    let silence = graph.silence(&ty, window.end.map(|end| end - window.start), span);
    let message = format!(
        "the audio ends at {end}, before {}, so this part is silent",
        window.start
    );
    call.report(Diagnostic::new(&codes::SILENCE_ADDED, span, message));
    silence
}
