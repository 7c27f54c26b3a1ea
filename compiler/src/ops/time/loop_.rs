//! `loop`: repeats a clip.

use vidc_dsl::Diagnostic;

use crate::call::Call;
use crate::codes;
use crate::graph::{Clip, NodeId};
use crate::ops::common::subtitle_cues;
use crate::ops::{Group, Input, Operation};
use crate::param::Param;
use crate::time::Time;
use crate::value::Value;

/// The maximum memory, in bytes, for the frames of an endless loop that cannot be read again from a file.
const MAX_BUFFERED: u64 = 512 << 20;

const COUNT: Param<Option<i64>> = Param::int(
    "count",
    1,
    1000,
    "number of times to play the clip; endless if omitted",
)
.optional();

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "loop",
    group: Group::Time,
    summary: "Repeat the clip.",
    input: Input::Clip,
    params: &[COUNT.spec],
    examples: &["theme | loop", "sting | loop(count: 3)"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let clip = call.clip();
    let (span, count) = (call.span, call.get(&COUNT));
    let input_span = call.input_span().unwrap_or(span);
    let duration = call.duration_of(&clip, input_span)?;
    let subtitles = subtitle_cues::retime_tracks(call, clip.subtitles.clone(), |cues| {
        (0..count.unwrap_or(1))
            .flat_map(|round| subtitle_cues::shift(cues, duration * round))
            .collect()
    });
    let (video, audio) = equal_lengths(call, &clip);
    let repeated = match count {
        Some(count) => {
            let repeat = |id: NodeId| vec![id; usize::try_from(count).unwrap_or(1)];
            let graph = call.graph();
            Clip {
                video: video.map(|id| graph.concat(repeat(id), span)),
                audio: audio.map(|id| graph.concat(repeat(id), span)),
                subtitles,
            }
        }
        None => {
            if let Some(video) = video {
                check_memory(call, video)?;
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

/// Makes audio exactly as long as the video. Otherwise they would drift apart with every repetition.
fn equal_lengths(call: &mut Call<'_>, clip: &Clip) -> (Option<NodeId>, Option<NodeId>) {
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
    let samples = graph.audio(audio).map_or(0, |audio_ty| {
        Time::from_frames(frames, ty.frame_rate).frames(audio_ty.rate())
    });
    (Some(video), Some(graph.fix_length(audio, samples, span)))
}

/// Reports an error if the frames of an endless loop exceed [`MAX_BUFFERED`].
fn check_memory(call: &mut Call<'_>, video: NodeId) -> Option<()> {
    let span = call.span;
    let ty = call.graph().video(video)?.clone();
    let frames = u64::try_from(ty.duration.unwrap_or_default().frames(ty.frame_rate)).unwrap_or(0);
    let bytes = frames.saturating_mul(u64::from(ty.width) * u64::from(ty.height) * 3 / 2);
    if ty.still || bytes <= MAX_BUFFERED {
        return Some(());
    }
    let message = format!(
        "an endless loop keeps all frames of the video in memory: {} MiB here, {} MiB at most",
        bytes >> 20,
        MAX_BUFFERED >> 20
    );
    let diagnostic = Diagnostic::new(&codes::OUT_OF_RANGE, span, message)
        .help("limit the repetitions: `loop(count: 3)` reads the clip again each time");
    call.report(diagnostic);
    None
}
