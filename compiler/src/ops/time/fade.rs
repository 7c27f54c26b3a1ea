//! `fade`: fades a clip in and out.

use vidc_dsl::Diagnostic;
use vidc_dsl::ast::Color;

use crate::call::Call;
use crate::codes;
use crate::graph::{BLACK, Filter};
use crate::ops::common::filter_value;
use crate::ops::{Group, Input, Operation};
use crate::param::{Param, choice, color, word};
use crate::plan::{FilterCall, FilterName};
use crate::time::{Time, Window};
use crate::value::Value;

choice! {
    enum Track {
        Both = "both",
        Video = "video",
        Audio = "audio",
    }
}

const IN: Param<Option<Time>> = Param::time("in", "duration of the fade-in").optional().by_name();
const OUT: Param<Option<Time>> =
    Param::time("out", "duration of the fade-out, which ends with the clip").optional();
const COLOR: Param<Color> =
    Param::color("color", "color that the video fades from and to").default(color(0, 0, 0, 255));
const TRACK: Param<Track> = Param::choice("track", "track to fade").default(word(Track::Both.word()));

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "fade",
    group: Group::Time,
    summary: "Fade video and audio in and out.",
    input: Input::Clip,
    params: &[IN.spec, OUT.spec, COLOR.spec, TRACK.spec],
    examples: &["talk | fade(in: 500ms, out: 12f)", "theme | fade(out: 3s)"],
    build,
};

/// The fades of a clip. Audio fades at the same times as video, even if it is shorter or longer.
struct Fades {
    fade_in: Option<Time>,
    fade_out: Option<Time>,
    /// The start of the fade-out.
    fade_out_start: Time,
}

impl Fades {
    /// The calls of a fade filter, with additional options.
    fn calls(&self, filter: FilterName, options: &[(&'static str, String)]) -> Vec<FilterCall> {
        let fade = |direction: &str, start: Time, length: Time| {
            let mut args = vec![
                ("type", direction.to_owned()),
                ("start_time", start.decimal()),
                ("duration", length.decimal()),
            ];
            args.extend_from_slice(options);
            FilterCall::new(filter, args)
        };
        let fade_in = self.fade_in.map(|length| fade("in", Time::ZERO, length));
        let fade_out = self
            .fade_out
            .map(|length| fade("out", self.fade_out_start, length));
        fade_in.into_iter().chain(fade_out).collect()
    }

    /// The time ranges in which the fades change frames.
    fn windows(&self) -> impl Iterator<Item = Window> {
        let fade_in = self.fade_in.map(|length| Window {
            start: Time::ZERO,
            end: Some(length),
        });
        let fade_out = self.fade_out.map(|_| Window {
            start: self.fade_out_start,
            end: None,
        });
        fade_in.into_iter().chain(fade_out)
    }
}

fn build(call: &mut Call<'_>) -> Option<Value> {
    let clip = call.clip();
    let (fade_in, fade_out) = (call.get(&IN), call.get(&OUT));
    let color = call.get(&COLOR);
    let track = call.get(&TRACK);
    let span = call.span;
    if fade_in.is_none() && fade_out.is_none() {
        let diagnostic = Diagnostic::new(
            &codes::MISSING_ARGUMENT,
            span,
            "`fade` needs `in`, `out`, or both",
        )
        .help("write `fade(in: 1s)`, `fade(out: 1s)`, or `fade(in: 1s, out: 1s)`");
        call.report(diagnostic);
        return None;
    }
    match track {
        Track::Video => drop(call.video()?),
        Track::Audio => drop(call.audio()?),
        Track::Both => {}
    }
    let duration = call.graph().duration(&clip);
    let total = fade_in.unwrap_or_default() + fade_out.unwrap_or_default();
    if fade_out.is_some() && duration.is_none() {
        call.duration_of(&clip, span)?;
    }
    if let Some(duration) = duration.filter(|duration| total > *duration) {
        let message = format!("the fades last {total}, but the clip lasts only {duration}");
        return call.fail(&codes::OUT_OF_RANGE, span, message);
    }
    let fades = Fades {
        fade_in,
        fade_out,
        fade_out_start: duration.unwrap_or_default() - fade_out.unwrap_or_default(),
    };
    let mut faded = clip.clone();
    if let Some(video) = clip.video.filter(|_| track != Track::Audio) {
        let graph = call.graph();
        // A video with alpha, which will be an overlay, fades from and to transparency instead of black.
        let fades_alpha = color == BLACK && graph.video(video).is_some_and(|ty| ty.pixels.alpha);
        let color = graph
            .video(video)
            .map_or(color, |ty| ty.color_space.fade_color(color));
        let option = match fades_alpha {
            true => ("alpha", "1".to_owned()),
            false => ("color", filter_value::color(color)),
        };
        let calls = fades.calls(FilterName::Fade, &[option]);
        let rate = graph.node(video).ty.rate();
        let active = fades.windows().map(|window| window.widened(rate)).collect();
        let filter = Filter::new(calls).active_during(active);
        faded.video = Some(graph.filter_video(video, filter, span, |_| {}));
    }
    if let Some(audio) = clip.audio.filter(|_| track != Track::Video) {
        let calls = fades.calls(FilterName::Afade, &[]);
        faded.audio = Some(call.graph().filter_audio(audio, Filter::new(calls), span, |_| {}));
    }
    Some(Value::Clip(faded))
}
