//! Drawing one clip on another: what `overlay` and `pip` share.

use vidc_dsl::{Diagnostic, Span};

use super::sound;
use crate::call::Call;
use crate::codes;
use crate::graph::{AudioType, Clip, Filter, Graph, NodeId, VideoType, Window};
use crate::plan::{FilterCall, FilterName};
use crate::time::{Rational, Time};
use crate::value::Value;

use super::cast;

/// When an inset is seen, on the frame grid of what it is drawn on. A clip plays from its beginning then.
pub(in crate::ops) fn during(call: &mut Call<'_>, ground: &VideoType) -> Option<Option<Window>> {
    let Some(window) = call.args.window("during") else {
        return Some(None);
    };
    let at = call.arg_span("during");
    if let Some(duration) = ground.duration
        && window.start >= duration
    {
        let message = format!(
            "this starts at {}, when the clip it is drawn on, of {duration}, is over",
            window.start
        );
        return call.fail(&codes::WINDOW_AFTER_END, at, message);
    }
    if let (Some(duration), Some(end)) = (ground.duration, window.end)
        && end > duration + Time::millis(60)
    {
        let message = format!("this ends at {end}, and the clip it is drawn on at {duration}");
        call.report(Diagnostic::new(&codes::WINDOW_CLAMPED, at, message));
    }
    let rate = ground.frame_rate;
    Some(Some(Window {
        start: window.start.round_to(rate),
        end: window.end.map(|end| end.round_to(rate)),
    }))
}

/// The clip that flows in with an inset's prepared picture drawn on it, and its sound mixed in if that is asked for.
pub(in crate::ops) fn draw(
    call: &mut Call<'_>,
    ground: NodeId,
    inset: (NodeId, &Clip, Span),
    corner: (i64, i64),
    during: Option<Window>,
) -> Option<Value> {
    let (picture, clip, at) = inset;
    let span = call.span;
    let start = during.map(|window| window.start).unwrap_or_default();
    let graph = call.graph();
    let moving = graph.video(picture).is_some_and(|ty| !ty.still);
    let length = during.and_then(|window| Some(window.end? - window.start));
    let sizes = graph.video(ground).zip(graph.video(picture));
    if let Some((ground, inset)) = sizes.map(|(ground, inset)| (ground.size(), inset.size())) {
        let outside =
            |at: i64, inset: u32, ground: u32| at >= i64::from(ground) || at + i64::from(inset) <= 0;
        if outside(corner.0, inset.width, ground.width) || outside(corner.1, inset.height, ground.height) {
            let (x, y) = corner;
            let message = format!("nothing of this is seen: it is drawn at {x},{y} of a picture of {ground}");
            let place = call.arg_span("position");
            call.report(Diagnostic::new(&codes::OFF_FRAME, place, message));
        }
    }
    let graph = call.graph();
    let mut picture = picture;
    if moving && length.is_some() {
        picture = graph.trim(
            picture,
            Window {
                start: Time::ZERO,
                end: length,
            },
            span,
        );
    }
    if moving && start.is_positive() {
        picture = graph.delay(picture, start, span);
    }
    let drawn = graph.overlay((ground, picture), corner, during, span);
    let mut result = Clip {
        video: Some(drawn),
        ..call.clip()
    };
    if call.args.text("audio") == Some("mix") {
        let (audio, _) = call.audio_of(clip, Some(at))?;
        let gain = call.args.gain("volume").unwrap_or_default();
        let graph = call.graph();
        let audio = graph.trim(
            audio,
            Window {
                start: Time::ZERO,
                end: length,
            },
            span,
        );
        let audio = volume(graph, audio, gain, span);
        let audio = match start.is_positive() {
            true => graph.delay(audio, start, span),
            false => audio,
        };
        let below = result.audio;
        result.audio = Some(mixed(call, below, audio, drawn, span));
    }
    Some(Value::Clip(result))
}

/// What will be drawn, in the colors of what it will be drawn on; what is done to them is said.
pub(in crate::ops) fn in_colors_of(call: &mut Call<'_>, picture: NodeId, ground: NodeId, at: Span) -> NodeId {
    let graph = call.graph();
    let (Some(ty), Some(to)) = (graph.video(picture), graph.video(ground)) else {
        return picture;
    };
    let (from, to, still) = (ty.color_space, to.color_space, ty.still);
    let tone_mapped = from.is_hdr() && !to.is_hdr();
    let done = match tone_mapped {
        true => Some("HDR becomes SDR".to_owned()),
        false => from.difference(to).filter(|_| !still),
    };
    if let Some(done) = done {
        let message = format!("this is brought to the colors of what it is drawn on: {done}");
        call.report(Diagnostic::new(&codes::CONFORMED, at, message));
    }
    if tone_mapped {
        call.require_filter(FilterName::Zscale);
        return call.graph().tone_map(picture, at);
    }
    match from.converts_implicitly_to(to) {
        // When it is drawn.
        true => picture,
        false => call.graph().match_color(picture, ground, at),
    }
}

/// Sounds together; where there is none below, silence as long as the picture takes its place.
fn mixed(call: &mut Call<'_>, below: Option<NodeId>, audio: NodeId, video: NodeId, span: Span) -> NodeId {
    let graph = call.graph();
    let usual = graph
        .audio(audio)
        .cloned()
        .unwrap_or_else(AudioType::stereo_48_khz);
    let duration = graph.video(video).and_then(|ty| ty.duration);
    let below = below.unwrap_or_else(|| graph.silence(&usual, duration, span));
    let mut notes = Vec::new();
    let canvas = sound::canvas([below, audio].iter().filter_map(|id| graph.audio(*id))).unwrap_or(usual);
    let below = sound::conform(graph, below, &canvas, span, &mut notes);
    let audio = sound::conform(graph, audio, &canvas, span, &mut notes);
    let mixed = graph.mix(vec![below, audio], span);
    for note in notes {
        call.report(note);
    }
    mixed
}

/// A sound louder or quieter by some decibels.
pub(in crate::ops) fn volume(graph: &mut Graph, audio: NodeId, gain: Rational, origin: Span) -> NodeId {
    let call = FilterCall::new(
        FilterName::Volume,
        [("volume", format!("{}dB", cast::number(gain)))],
    );
    let filter = Filter::new(vec![call]).identity_if(gain == Rational::ZERO);
    graph.filter_audio(audio, filter, origin, |_| {})
}
