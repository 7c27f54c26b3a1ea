use vidc_dsl::Diagnostic;

use crate::call::Call;
use crate::catalogue::{Param, ParamType};
use crate::codes;
use crate::graph::{Clip, NodeId, Window};
use crate::ops::common::cues;
use crate::ops::{Group, Input, Operation};
use crate::time::Time;
use crate::value::Value;

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "trim",
    group: Group::Time,
    summary: "A part of the clip. Cuts fall on the nearest frame.",
    input: Input::Clip,
    params: &[Param::required("range", ParamType::Window, "what is kept")],
    examples: &["talk | trim(0:05..1:23.5)", "talk | trim(10s..)"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let clip = call.clip();
    let mut window = call.args.window("range")?;
    let (span, at) = (call.span, call.arg_span("range"));
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
                    "the range starts at {}, and the clip ends at {duration}",
                    window.start
                ),
            )
            .label("nothing would be left");
            call.report(match call.input_span() {
                Some(before) => diagnostic.secondary(before, format!("lasts {duration}")),
                None => diagnostic,
            });
            return None;
        }
        // Media ends on a packet, which may be a little before or after what people call its end.
        let slack = Time::millis(60);
        if let Some(end) = window.end
            && end > duration
        {
            if end > duration + slack {
                let message = format!("the range ends at {end}, and the clip at {duration}, where it is cut");
                call.report(Diagnostic::new(&codes::WINDOW_CLAMPED, at, message));
            }
            window.end = Some(duration);
        }
    }
    let video = clip.video.map(|id| call.graph().trim(id, window, span));
    let audio = clip.audio.map(|id| sound(call, id, window));
    let subtitles = match window.is_whole() {
        true => clip.subtitles,
        false => cues::retimed(call, clip.subtitles, |cues| cues::within(cues, window)),
    };
    Some(Value::Clip(Clip {
        video,
        audio,
        subtitles,
    }))
}

/// The sound in a window; silence where it ends before the window begins.
fn sound(call: &mut Call<'_>, id: NodeId, window: Window) -> NodeId {
    let span = call.span;
    let graph = call.graph();
    let Some(ty) = graph.audio(id).cloned() else {
        return id;
    };
    if ty.duration.is_none_or(|duration| duration > window.start) {
        return graph.trim(id, window, span);
    }
    let silence = graph.silence(&ty, window.end.map(|end| end - window.start), span);
    let message = format!("the sound ends before {}, so this part is silent", window.start);
    call.report(Diagnostic::new(&codes::SILENCE_ADDED, span, message));
    silence
}
