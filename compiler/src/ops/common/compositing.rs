//! Drawing one clip over another, for `overlay` and `pip`.

use vidc_dsl::{Diagnostic, Span};

use super::audio_format;
use crate::call::Call;
use crate::codes;
use crate::graph::{AudioType, Clip, NodeId, VideoType};
use crate::ops::audio::volume;
use crate::param::{Param, choice, decibels, number, word};
use crate::plan::FilterName;
use crate::time::{Rational, Time, Window};
use crate::value::Value;

choice! {
    /// The treatment of an overlay's audio.
    pub(crate) enum AudioMode {
        Mute = "mute",
        Mix = "mix",
    }
}

pub(in crate::ops) const OPACITY: Param<Rational> =
    Param::fraction("opacity", "opacity, from 0 (invisible) to 1 (opaque)").default(number(1));
pub(in crate::ops) const DURING: Param<Option<Window>> = Param::window(
    "during",
    "time range in which the overlay is shown; a video overlay starts playing at its beginning",
)
.optional();
pub(in crate::ops) const AUDIO: Param<AudioMode> =
    Param::choice("audio", "whether to drop the overlay's audio or mix it in")
        .default(word(AudioMode::Mute.word()));
pub(in crate::ops) const VOLUME: Param<Rational> =
    Param::gain("volume", "gain of the mixed-in audio").default(decibels(0));

/// A clip that is drawn over the input of a call.
pub(in crate::ops) struct Overlay {
    /// Its video, in final size and colors.
    pub(in crate::ops) video: NodeId,
    /// The clip it comes from, whose audio may be mixed in.
    pub(in crate::ops) clip: Clip,
    /// The place of the clip in the recipe.
    pub(in crate::ops) span: Span,
    /// The place in the recipe that determines the offset.
    pub(in crate::ops) position_span: Span,
}

/// Reads the time range `during`, rounded to frames of the base video. None inside for the whole duration.
///
/// Reports an error if the range starts after the end of the base video, and a warning if it ends after it.
pub(in crate::ops) fn time_range(
    call: &mut Call<'_>,
    param: &Param<Option<Window>>,
    base: &VideoType,
) -> Option<Option<Window>> {
    let Some(window) = call.get(param) else {
        return Some(None);
    };
    let at = call.arg_span(param);
    if let Some(duration) = base.duration
        && window.start >= duration
    {
        let message = format!(
            "`{}` starts at {}, but the clip ends at {duration}",
            param.spec.name, window.start
        );
        return call.fail(&codes::WINDOW_AFTER_END, at, message);
    }
    if let (Some(duration), Some(end)) = (base.duration, window.end)
        && end > duration + Time::millis(60)
    {
        let message = format!(
            "`{}` ends at {end}, but the clip ends at {duration}",
            param.spec.name
        );
        call.report(Diagnostic::new(&codes::WINDOW_CLAMPED, at, message));
    }
    let rate = base.frame_rate;
    Some(Some(Window {
        start: window.start.round_to(rate),
        end: window.end.map(|end| end.round_to(rate)),
    }))
}

/// Returns the input clip with an overlay drawn on `base`, its prepared video, and the overlay's audio mixed in if the
/// call asks for it.
pub(in crate::ops) fn draw(
    call: &mut Call<'_>,
    base: NodeId,
    overlay: Overlay,
    offset: (i64, i64),
    during: Option<Window>,
) -> Option<Value> {
    let span = call.span;
    let start = during.map(|window| window.start).unwrap_or_default();
    let length = during.and_then(|window| Some(window.end? - window.start));
    warn_if_outside(call, base, &overlay, offset);
    let visible = Window {
        start: Time::ZERO,
        end: length,
    };
    let graph = call.graph();
    let mut video = overlay.video;
    if graph.video(video).is_some_and(|ty| !ty.still) {
        if length.is_some() {
            video = graph.trim(video, visible, span);
        }
        if start.is_positive() {
            video = graph.delay(video, start, span);
        }
    }
    let composed = graph.overlay((base, video), offset, during, span);
    let mut result = Clip {
        video: Some(composed),
        ..call.clip()
    };
    if call.get(&AUDIO) == AudioMode::Mix {
        let (audio, _) = call.audio_of(&overlay.clip, Some(overlay.span))?;
        let gain = call.get(&VOLUME);
        let graph = call.graph();
        let audio = graph.trim(audio, visible, span);
        let mut audio = volume::apply(graph, audio, gain, span);
        if start.is_positive() {
            audio = graph.delay(audio, start, span);
        }
        let base = match result.audio {
            Some(base) => base,
            None => silence_for(call, composed, audio, span),
        };
        result.audio = Some(audio_format::mix(call, [base, audio], span));
    }
    Some(Value::Clip(result))
}

/// Warns if no pixel of the overlay is inside the base video.
fn warn_if_outside(call: &mut Call<'_>, base: NodeId, overlay: &Overlay, (x, y): (i64, i64)) {
    let graph = call.graph();
    let Some((base, size)) = graph.video(base).zip(graph.video(overlay.video)) else {
        return;
    };
    let (base, size) = (base.size(), size.size());
    let outside =
        |offset: i64, size: u32, base: u32| offset >= i64::from(base) || offset + i64::from(size) <= 0;
    if outside(x, size.width, base.width) || outside(y, size.height, base.height) {
        let message = format!("this is invisible: it is placed at {x},{y} of a frame of {base}");
        call.report(Diagnostic::new(&codes::OFF_FRAME, overlay.position_span, message));
    }
}

/// Silence in the format of `audio`, as long as `video`.
fn silence_for(call: &mut Call<'_>, video: NodeId, audio: NodeId, span: Span) -> NodeId {
    let graph = call.graph();
    let format = graph
        .audio(audio)
        .cloned()
        .unwrap_or_else(AudioType::stereo_48_khz);
    let duration = graph.video(video).and_then(|ty| ty.duration);
    graph.silence(&format, duration, span)
}

/// Converts an overlay to the color space of the base video, and reports what changes.
pub(in crate::ops) fn match_colors(call: &mut Call<'_>, video: NodeId, base: NodeId, at: Span) -> NodeId {
    let graph = call.graph();
    let (Some(ty), Some(base_ty)) = (graph.video(video), graph.video(base)) else {
        return video;
    };
    let (from, to, still) = (ty.color_space, base_ty.color_space, ty.still);
    let tone_mapped = from.is_hdr() && !to.is_hdr();
    let difference = match tone_mapped {
        true => Some("HDR becomes SDR".to_owned()),
        false => from.difference(to).filter(|_| !still),
    };
    if let Some(difference) = difference {
        let message = format!("the colors are converted to those of the video below: {difference}");
        call.report(Diagnostic::new(&codes::CONFORMED, at, message));
    }
    if tone_mapped {
        call.require_filter(FilterName::Zscale);
        return call.graph().tone_map(video, at);
    }
    match from.converts_implicitly_to(to) {
        // The overlay filter converts it.
        true => video,
        false => call.graph().match_color(video, base, at),
    }
}
