use vidc_dsl::Diagnostic;

use crate::call::Call;
use crate::catalogue::{Bounds, Param, ParamType};
use crate::codes;
use crate::graph::{Clip, NodeId};
use crate::ops::common::cues;
use crate::ops::{Group, Input, Operation};
use crate::time::Time;
use crate::value::Value;

/// Memory for the pictures of a loop that cannot be read again from its file, in bytes.
const MAX_HELD: u64 = 512 << 20;

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "loop",
    group: Group::Time,
    summary: "The clip again and again.",
    input: Input::Clip,
    params: &[Param::optional(
        "count",
        ParamType::Int(Bounds { min: 1, max: 1000 }),
        "how many times it is played; without one it never ends",
    )],
    examples: &["theme | loop", "sting | loop(count: 3)"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let clip = call.clip();
    let (span, count) = (call.span, call.args.number("count").map(|n| n.to_integer()));
    let before = call.input_span().unwrap_or(span);
    let duration = call.duration_of(&clip, before)?;
    let subtitles = cues::retimed(call, clip.subtitles.clone(), |cues| {
        (0..count.unwrap_or(1))
            .flat_map(|round| cues::shifted(cues, duration * round))
            .collect()
    });
    let (video, audio) = aligned(call, &clip);
    let repeated = match count {
        Some(count) => {
            let times = |id: NodeId| vec![id; usize::try_from(count).unwrap_or(1)];
            let graph = call.graph();
            Clip {
                video: video.map(|id| graph.concat(times(id), span)),
                audio: audio.map(|id| graph.concat(times(id), span)),
                subtitles,
            }
        }
        None => {
            if let Some(video) = video {
                fits_memory(call, video)?;
            }
            let graph = call.graph();
            Clip {
                video: video.map(|id| graph.repeat(id, span)),
                audio: audio.map(|id| graph.repeat(id, span)),
                subtitles,
            }
        }
    };
    Some(Value::Clip(repeated))
}

/// Picture and sound equally long, or every round would move them apart.
fn aligned(call: &mut Call<'_>, clip: &Clip) -> (Option<NodeId>, Option<NodeId>) {
    let span = call.span;
    let graph = call.graph();
    let (Some(video), Some(audio)) = (clip.video, clip.audio) else {
        return (clip.video, clip.audio);
    };
    let Some(ty) = graph.video(video).cloned() else {
        return (clip.video, clip.audio);
    };
    let frames = ty.duration.unwrap_or_default().frames(ty.frame_rate).max(1);
    let video = graph.fix_length(video, frames, span);
    let samples = graph.audio(audio).map_or(0, |sound| {
        Time::from_frames(frames, ty.frame_rate).frames(sound.rate())
    });
    (Some(video), Some(graph.fix_length(audio, samples, span)))
}

fn fits_memory(call: &mut Call<'_>, video: NodeId) -> Option<()> {
    let span = call.span;
    let ty = call.graph().video(video)?.clone();
    let frames = u64::try_from(ty.duration.unwrap_or_default().frames(ty.frame_rate)).unwrap_or(0);
    let bytes = frames.saturating_mul(u64::from(ty.width) * u64::from(ty.height) * 3 / 2);
    if ty.still || bytes <= MAX_HELD {
        return Some(());
    }
    let diagnostic = Diagnostic::new(
        &codes::OUT_OF_RANGE,
        span,
        format!(
            "an endless loop keeps every frame of its picture in memory: {} MiB here",
            bytes >> 20
        ),
    )
    .help("say how many times: `loop(count: 3)` reads the clip again each time");
    call.report(diagnostic);
    None
}
