//! `concat`: joins clips.

use vidc_dsl::{Diagnostic, Span};

use crate::call::Call;
use crate::codes;
use crate::graph::{Clip, Graph, NodeId, SubtitleSource, SubtitleTrack};
use crate::ops::common::concat_format::{ConcatFormat, ConvertedClip, FormatOptions};
use crate::ops::common::object_fit::FitMode;
use crate::ops::common::subtitle_cues;
use crate::ops::common::transition::{TRANSITIONS, Transition};
use crate::ops::{Group, Input, Operation};
use crate::param::{Param, word};
use crate::time::{Rational, Time, Window};
use crate::value::{Size, Value, Variant};

const CLIPS: Param<Vec<(Clip, Span)>> = Param::clips("clips", "clips to join, in order");
const TRANSITION: Param<Variant> =
    Param::variant("transition", TRANSITIONS, "transition between clips").default(word("none"));
const FIT: Param<FitMode> = Param::choice(
    "fit",
    "way to fit clips of other aspect ratios into the common size, as in CSS `object-fit`",
)
.default(word(FitMode::Contain.word()));
const SIZE: Param<Option<Size>> =
    Param::size("size", "common frame size; that of the first video if omitted").optional();
const FPS: Param<Option<Rational>> = Param::frame_rate(
    "fps",
    "common frame rate; that of the first video that is not a still image if omitted",
)
.optional();

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "concat",
    group: Group::Time,
    summary: "Join clips end to end, converted to a common format, with optional transitions.",
    input: Input::Nothing,
    params: &[CLIPS.spec, TRANSITION.spec, FIT.spec, SIZE.spec, FPS.spec],
    examples: &[
        "let main = concat([intro, talk, outro])",
        "let main = concat([intro, talk], transition: xfade(fade, duration: 500ms))",
    ],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let span = call.span;
    let clips = call.get(&CLIPS);
    if clips.is_empty() {
        let at = call.arg_span(&CLIPS);
        return call.fail(
            &codes::OUT_OF_RANGE,
            at,
            "there is nothing to join: the list is empty",
        );
    }
    for (clip, at) in &clips {
        call.duration_of(clip, *at)?;
    }
    let options = FormatOptions {
        fit: call.get(&FIT),
        size: call.get(&SIZE),
        frame_rate: call.get(&FPS),
    };
    let format = ConcatFormat::new(call, &clips, &options);
    let transition = Transition::read(call, &call.get(&TRANSITION), format.grid())?;
    let parts = format.convert_all(call, &clips);
    if let Some(transition) = &transition {
        check_overlaps(call, transition, &parts, format.grid())?;
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
        let lost = Time::from_frames(overlap * (parts.len() as i64 - 1), format.grid());
        let message = match parts.len() - 1 {
            1 => format!("the transition shortens the result by {lost}"),
            count => format!("{count} transitions shorten the result by {lost}"),
        };
        call.report(Diagnostic::new(&codes::SHORTENED, transition.span, message));
    }
    let subtitles = joined_subtitles(call, &clips, &parts, &starts, format.grid());
    let graph = call.graph();
    let video = format.video.is_some().then(|| {
        let nodes: Vec<NodeId> = parts.iter().filter_map(|part| part.video).collect();
        match &transition {
            None => graph.concat(nodes, span),
            Some(transition) => {
                let overlap = Time::from_frames(transition.overlap, format.grid());
                crossfaded(graph, nodes, |_| overlap, &transition.name, span)
            }
        }
    });
    let audio = format.audio.as_ref().map(|audio| {
        // Each part starts at the sample nearest to its first video frame, so that rounding errors do not add up.
        let sample = |frame: i64| Time::from_frames(frame, format.grid()).frames(audio.rate());
        let mut nodes = Vec::new();
        for (part, start) in parts.iter().zip(&starts) {
            let count = sample(start + part.frames) - sample(*start);
            let node = part.audio.unwrap_or_else(|| {
                graph.silence(audio, Some(Time::from_frames(count, audio.rate())), part.span)
            });
            nodes.push(graph.fix_length(node, count, part.span));
        }
        match &transition {
            None => graph.concat(nodes, span),
            Some(_) => {
                let overlap = |join: usize| {
                    let end = sample(starts[join] + parts[join].frames);
                    Time::from_frames(end - sample(starts[join + 1]), audio.rate())
                };
                crossfaded(graph, nodes, overlap, "", span)
            }
        }
    });
    Some(Value::Clip(Clip {
        video,
        audio,
        subtitles,
    }))
}

/// Joins streams with a transition; `overlap` returns the duration of each one by its index.
fn crossfaded(
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
    nodes.enumerate().fold(first, |previous, (join, next)| {
        graph.crossfade((previous, next), transition, overlap(join), span)
    })
}

/// Reports every clip that is shorter than the transitions at its ends.
fn check_overlaps(
    call: &mut Call<'_>,
    transition: &Transition,
    parts: &[ConvertedClip],
    grid: Rational,
) -> Option<()> {
    let mut fits = true;
    for (index, part) in parts.iter().enumerate() {
        let transitions = i64::from(index > 0) + i64::from(index + 1 < parts.len());
        if part.frames < transition.overlap * transitions {
            fits = false;
            let overlap = Time::from_frames(transition.overlap, grid);
            let duration = Time::from_frames(part.frames, grid);
            let message = match transitions {
                1 => format!("the transition lasts {overlap}, but this clip lasts only {duration}"),
                _ => format!(
                    "the transitions before and after this clip last {overlap} each, but the clip lasts only {duration}"
                ),
            };
            let diagnostic = Diagnostic::new(&codes::TRANSITION_TOO_LONG, part.span, message)
                .label(format!("lasts {duration}"))
                .secondary(transition.span, format!("overlaps {overlap} of each clip"));
            call.report(diagnostic);
        }
    }
    fits.then_some(())
}

/// Joins the soft subtitles of all clips. Tracks of the same language and title become one.
fn joined_subtitles(
    call: &mut Call<'_>,
    clips: &[(Clip, Span)],
    parts: &[ConvertedClip],
    starts: &[i64],
    grid: Rational,
) -> Vec<SubtitleTrack> {
    let mut joined: Vec<SubtitleTrack> = Vec::new();
    for (((clip, _), part), start) in clips.iter().zip(parts).zip(starts) {
        let window = Window {
            start: Time::ZERO,
            end: Some(Time::from_frames(part.frames, grid)),
        };
        let start = Time::from_frames(*start, grid);
        let tracks = subtitle_cues::retime_tracks(call, clip.subtitles.clone(), |cues| {
            subtitle_cues::shift(&subtitle_cues::trim(cues, window), start)
        });
        for track in tracks {
            let existing = joined
                .iter_mut()
                .find(|existing| existing.language == track.language && existing.title == track.title);
            match (existing.map(|existing| &mut existing.source), &track.source) {
                (Some(SubtitleSource::Cues(cues)), SubtitleSource::Cues(more)) => {
                    cues.extend(more.iter().cloned());
                }
                _ => joined.push(track),
            }
        }
    }
    joined
}
