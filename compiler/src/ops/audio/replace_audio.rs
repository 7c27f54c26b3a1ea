use vidc_dsl::Diagnostic;

use crate::call::Call;
use crate::catalogue::{Param, ParamType, word};
use crate::codes;
use crate::graph::{Clip, Window};
use crate::ops::{Group, Input, Operation};
use crate::time::Time;
use crate::value::Value;

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "replace-audio",
    group: Group::Audio,
    summary: "Another sound in place of the clip's own.",
    input: Input::Clip,
    params: &[
        Param::required(
            "with",
            ParamType::Clip,
            "the other sound; its picture, if any, is not used",
        ),
        Param::with_default(
            "fit",
            ParamType::Enum(&["trim", "loop", "pad"]),
            word("trim"),
            "what is done if it is not as long as the picture: too long, it is always cut; too short, it is followed by silence (`pad`, and with a note `trim`) or by itself (`loop`)",
        ),
    ],
    examples: &[
        "talk | replace-audio(voice)",
        "timelapse | replace-audio(theme, fit: loop)",
    ],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let clip = call.clip();
    let (video, picture) = call.video()?;
    let with = call.args.clip("with")?.clone();
    let fit = call.args.text("fit")?.to_owned();
    let (span, at) = (call.span, call.arg_span("with"));
    let (audio, sound) = call.audio_of(&with, Some(at))?;
    let Some(duration) = picture.duration else {
        return Some(Value::Clip(Clip {
            video: Some(video),
            audio: Some(audio),
            ..clip
        }));
    };
    let window = Window {
        start: Time::ZERO,
        end: Some(duration),
    };
    let samples = duration.frames(sound.rate());
    let short = sound.duration.is_some_and(|length| length < duration);
    if fit == "trim"
        && sound
            .duration
            .is_some_and(|length| length + Time::millis(60) < duration)
    {
        let message = format!(
            "the new sound lasts {}, the picture {duration}; the rest is silent",
            sound.duration.unwrap_or_default()
        );
        let diagnostic = Diagnostic::new(&codes::SILENCE_ADDED, at, message)
            .help("`fit: loop` begins it anew, `fit: pad` says that silence is meant");
        call.report(diagnostic);
    }
    let graph = call.graph();
    let audio = match (short, fit.as_str()) {
        (true, "loop") => {
            let endless = graph.repeat(audio, span);
            graph.trim(endless, window, span)
        }
        (true, _) => graph.fix_length(audio, samples, span),
        (false, _) => graph.trim(audio, window, span),
    };
    Some(Value::Clip(Clip {
        audio: Some(audio),
        ..clip
    }))
}
