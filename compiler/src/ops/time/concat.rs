use vidc_dsl::{Diagnostic, Span};

use crate::call::Call;
use crate::catalogue::{Param, ParamType, TRANSITIONS, word};
use crate::codes;
use crate::graph::{Clip, Graph, NodeId};
use crate::ops::common::canvas::{Canvas, Part};
use crate::ops::common::{cues, fitting};
use crate::ops::{Group, Input, Operation};
use crate::time::{Rational, Time};
use crate::value::Value;

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "concat",
    group: Group::Time,
    summary: "Clips one after the other, brought to a common form, with a transition at the joints if asked for.",
    input: Input::Nothing,
    params: &[
        Param::required("clips", ParamType::List(&ParamType::Clip), "the clips, in order"),
        Param::with_default(
            "transition",
            ParamType::Variant(TRANSITIONS),
            word("none"),
            "what happens at each joint",
        ),
        Param::with_default(
            "fit",
            ParamType::Enum(fitting::MODES),
            word("contain"),
            "how clips of another shape are brought to the common size",
        ),
        Param::optional(
            "size",
            ParamType::Size,
            "the common size, usually that of the first picture",
        ),
        Param::optional(
            "fps",
            ParamType::FrameRate,
            "the common frame rate, usually that of the first moving picture",
        ),
    ],
    examples: &[
        "let main = concat([intro, talk, outro])",
        "let main = concat([intro, talk], transition: xfade(fade, duration: 500ms))",
    ],
    build,
};

/// What is done at the joints.
struct Transition {
    name: String,
    /// In frames, for pictures.
    overlap: i64,
    span: Span,
}

fn build(call: &mut Call<'_>) -> Option<Value> {
    let span = call.span;
    let at = call.arg_span("clips");
    let mut clips = Vec::new();
    for (value, at) in call.args.list("clips")?.to_vec() {
        if let Value::Clip(clip) = value {
            clips.push((clip, at));
        }
    }
    if clips.is_empty() {
        return call.fail(
            &codes::OUT_OF_RANGE,
            at,
            "there is nothing to join: the list is empty",
        );
    }
    for (clip, at) in &clips {
        call.duration_of(clip, *at)?;
    }
    let canvas = Canvas::of(call, &clips)?;
    let transition = transition(call, canvas.grid())?;
    let parts = canvas.parts(call, &clips);
    if let Some(transition) = &transition {
        overlaps_fit(call, transition, &parts, canvas.grid())?;
    }
    let overlap = transition.as_ref().map_or(0, |transition| transition.overlap);
    let starts: Vec<i64> = parts
        .iter()
        .scan(0, |next, part| {
            let start = *next;
            *next += part.frames - overlap;
            Some(start)
        })
        .collect();
    if let Some(transition) = transition.as_ref().filter(|_| parts.len() > 1) {
        let lost = Time::from_frames(overlap * (parts.len() as i64 - 1), canvas.grid());
        let message = match parts.len() - 1 {
            1 => format!("the transition makes the result {lost} shorter"),
            joints => format!("{joints} transitions make the result {lost} shorter"),
        };
        call.report(Diagnostic::new(&codes::SHORTENED, transition.span, message));
    }
    let subtitles = joined_subtitles(call, &clips, &parts, &starts, canvas.grid());
    let graph = call.graph();
    let video = canvas.video.is_some().then(|| {
        let nodes: Vec<NodeId> = parts.iter().filter_map(|part| part.video).collect();
        match &transition {
            None => graph.concat(nodes, span),
            Some(transition) => {
                let overlap = Time::from_frames(transition.overlap, canvas.grid());
                joined(graph, nodes, |_| overlap, &transition.name, span)
            }
        }
    });
    let audio = canvas.audio.clone().map(|form| {
        // Each part begins at the sample nearest to its picture's first frame, so that errors never add up.
        let sample = |frame: i64| Time::from_frames(frame, canvas.grid()).frames(form.rate());
        let mut nodes = Vec::new();
        for (part, start) in parts.iter().zip(&starts) {
            let count = sample(start + part.frames) - sample(*start);
            let sound = part.audio.unwrap_or_else(|| {
                graph.silence(&form, Some(Time::from_frames(count, form.rate())), part.span)
            });
            nodes.push(graph.fix_length(sound, count, part.span));
        }
        match &transition {
            None => graph.concat(nodes, span),
            Some(_) => {
                let overlap = |joint: usize| {
                    let end = sample(starts[joint] + parts[joint].frames);
                    Time::from_frames(end - sample(starts[joint + 1]), form.rate())
                };
                joined(graph, nodes, overlap, "", span)
            }
        }
    });
    Some(Value::Clip(Clip {
        video,
        audio,
        subtitles,
    }))
}

fn joined(
    graph: &mut Graph,
    nodes: Vec<NodeId>,
    overlap: impl Fn(usize) -> Time,
    transition: &str,
    span: Span,
) -> NodeId {
    let mut nodes = nodes.into_iter();
    let first = nodes
        .next()
        .unwrap_or_else(|| unreachable!("the list of clips is not empty"));
    nodes.enumerate().fold(first, |before, (joint, next)| {
        graph.crossfade((before, next), transition, overlap(joint), span)
    })
}

fn transition(call: &mut Call<'_>, grid: Rational) -> Option<Option<Transition>> {
    let variant = call.args.variant("transition")?.clone();
    if variant.name == "none" {
        return Some(None);
    }
    let kind = variant.args.text("kind")?.to_owned();
    let known = &call.facts().ffmpeg.transitions;
    if !known.contains(&kind) {
        let version = call.facts().ffmpeg.version;
        let at = variant.args.span("kind").unwrap_or(variant.span);
        let diagnostic = Diagnostic::new(
            &codes::NOT_IN_FFMPEG,
            at,
            format!("FFmpeg {version} here has no transition `{kind}`"),
        )
        .help(format!(
            "it has: {}",
            known.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
        ));
        call.report(diagnostic);
        return None;
    }
    let overlap = variant.args.time("duration")?.frames(grid);
    if overlap < 1 {
        return call.fail(
            &codes::OUT_OF_RANGE,
            variant.span,
            "a transition takes at least one frame",
        );
    }
    Some(Some(Transition {
        name: kind,
        overlap,
        span: variant.span,
    }))
}

fn overlaps_fit(call: &mut Call<'_>, transition: &Transition, parts: &[Part], grid: Rational) -> Option<()> {
    let mut fits = true;
    for (index, part) in parts.iter().enumerate() {
        let sides = i64::from(index > 0) + i64::from(index + 1 < parts.len());
        if part.frames < transition.overlap * sides {
            fits = false;
            let taken = Time::from_frames(transition.overlap, grid);
            let lasts = Time::from_frames(part.frames, grid);
            let message = match sides {
                1 => format!("the transition takes {taken}, and this clip lasts only {lasts}"),
                _ => format!(
                    "the transitions on both sides take {taken} each, and this clip lasts only {lasts}"
                ),
            };
            let diagnostic = Diagnostic::new(&codes::TRANSITION_TOO_LONG, part.span, message)
                .label(format!("lasts {lasts}"))
                .secondary(transition.span, format!("takes {taken} of each clip"));
            call.report(diagnostic);
        }
    }
    fits.then_some(())
}

/// The soft subtitles of all clips; tracks of the same language and title become one.
fn joined_subtitles(
    call: &mut Call<'_>,
    clips: &[(Clip, Span)],
    parts: &[Part],
    starts: &[i64],
    grid: Rational,
) -> Vec<crate::graph::SubtitleTrack> {
    use crate::graph::{SubtitleSource, SubtitleTrack, Window};
    let mut joined: Vec<SubtitleTrack> = Vec::new();
    for (((clip, _), part), start) in clips.iter().zip(parts).zip(starts) {
        let window = Window {
            start: Time::ZERO,
            end: Some(Time::from_frames(part.frames, grid)),
        };
        let start = Time::from_frames(*start, grid);
        let tracks = cues::retimed(call, clip.subtitles.clone(), |cues| {
            cues::shifted(&cues::within(cues, window), start)
        });
        for track in tracks {
            let same = joined
                .iter_mut()
                .find(|known| known.language == track.language && known.title == track.title);
            match (same.map(|known| &mut known.source), &track.source) {
                (Some(SubtitleSource::Cues(cues)), SubtitleSource::Cues(more)) => {
                    cues.extend(more.iter().cloned())
                }
                _ => joined.push(track),
            }
        }
    }
    joined
}
