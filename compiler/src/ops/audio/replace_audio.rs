//! `replace-audio`: replaces the audio of a clip.

use vidc_dsl::Diagnostic;

use crate::call::Call;
use crate::codes;
use crate::graph::Clip;
use crate::ops::{Group, Input, Operation};
use crate::param::{Param, choice, word};
use crate::time::{Time, Window};
use crate::value::Value;

choice! {
    /// The treatment of new audio that is shorter than the video.
    enum LengthFit {
        /// Pad with silence, and report it.
        Trim = "trim",
        Loop = "loop",
        /// Pad with silence.
        Pad = "pad",
    }
}

const WITH: Param<Clip> = Param::clip("with", "clip that provides the new audio; its video is ignored");
const FIT: Param<LengthFit> = Param::choice(
    "fit",
    "treatment of audio that is shorter than the video: `loop` repeats it, `pad` adds silence, and `trim` adds silence with a note; longer audio is always cut",
)
.default(word(LengthFit::Trim.word()));

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "replace-audio",
    group: Group::Audio,
    summary: "Replace a clip's audio with that of another clip.",
    input: Input::Clip,
    params: &[WITH.spec, FIT.spec],
    examples: &[
        "talk | replace-audio(voice)",
        "timelapse | replace-audio(theme, fit: loop)",
    ],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let clip = call.clip();
    let (video, video_ty) = call.video()?;
    let with = call.get(&WITH);
    let fit = call.get(&FIT);
    let (span, at) = (call.span, call.arg_span(&WITH));
    let (audio, audio_ty) = call.audio_of(&with, Some(at))?;
    let Some(duration) = video_ty.duration else {
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
    if fit == LengthFit::Trim
        && let Some(length) = audio_ty.duration
        && length + Time::millis(60) < duration
    {
        let message = format!(
            "the new audio lasts {length} and the video {duration}; silence is added after the audio"
        );
        let diagnostic = Diagnostic::new(&codes::SILENCE_ADDED, at, message)
            .help("`fit: loop` repeats the audio; `fit: pad` adds silence without this note");
        call.report(diagnostic);
    }
    let is_shorter = audio_ty.duration.is_some_and(|length| length < duration);
    let graph = call.graph();
    let audio = match (is_shorter, fit) {
        (true, LengthFit::Loop) => {
            let looped = graph.repeat(audio, span);
            graph.trim(looped, window, span)
        }
        (true, LengthFit::Trim | LengthFit::Pad) => {
            graph.fix_length(audio, duration.frames(audio_ty.rate()), span)
        }
        (false, _) => graph.trim(audio, window, span),
    };
    Some(Value::Clip(Clip {
        audio: Some(audio),
        ..clip
    }))
}
