//! Cues: burned into a picture, or moved in time beside it.

use vidc_dsl::Span;

use crate::ass::{self, CueStyle};
use crate::call::Call;
use crate::facts::{Cue, SubtitleFile, SubtitleFormat};
use crate::graph::{Filter, NodeId, SubtitleSource, SubtitleTrack, Window};
use crate::plan::{Arg, FilterCall, FilterName};
use crate::time::Time;

/// Burns cues into a picture of a size. Cues of an ASS file keep their own look unless a style is given.
pub(in crate::ops) fn burn(
    call: &mut Call<'_>,
    input: NodeId,
    file: &SubtitleFile,
    style: Option<&CueStyle>,
) -> Option<NodeId> {
    call.require_filter(FilterName::Ass)?;
    let ty = call.graph().video(input)?.clone();
    let document = match (file.format, style) {
        (SubtitleFormat::Ass, None) => ass::rewrite(&file.ass_header, &file.cues),
        (_, style) => {
            let usual = CueStyle::default();
            ass::burn(ty.width, ty.height, &file.cues, style.unwrap_or(&usual))
        }
    };
    let origin = call.span;
    let graph = call.graph();
    let index = graph.add_file("ass", document);
    let seen = file.cues.iter().map(|cue| Window {
        start: cue.start,
        end: Some(cue.end),
    });
    let seen = seen.map(|window| window.widened(ty.frame_rate)).collect();
    let filter = Filter::new(vec![drawing(FilterName::Ass, index, ty.pixels.alpha)]).active_during(seen);
    Some(graph.filter_video(input, filter, origin, |_| {}))
}

/// The filter that draws a generated ASS document.
pub(in crate::ops) fn drawing(filter: FilterName, file: usize, alpha: bool) -> FilterCall {
    let mut call = FilterCall::plain(filter);
    call.args.push(("filename".to_owned(), Arg::File(file)));
    if alpha {
        call.args.push(("alpha".to_owned(), Arg::Text("1".to_owned())));
    }
    call
}

/// Cues in a window, on a clock that starts with it. Those that the window cuts are cut.
pub(in crate::ops) fn within(cues: &[Cue], window: Window) -> Vec<Cue> {
    cues.iter()
        .filter(|cue| cue.end > window.start && window.end.is_none_or(|end| cue.start < end))
        .map(|cue| Cue {
            start: (cue.start - window.start).max(Time::ZERO),
            end: window.end.map_or(cue.end, |end| cue.end.min(end)) - window.start,
            ..cue.clone()
        })
        .collect()
}

/// Cues later by some time (earlier, if it is negative).
pub(in crate::ops) fn shifted(cues: &[Cue], by: Time) -> Vec<Cue> {
    let moved = cues.iter().map(|cue| Cue {
        start: cue.start + by,
        end: cue.end + by,
        ..cue.clone()
    });
    within(&moved.collect::<Vec<_>>(), Window::default())
}

/// The subtitle tracks beside a clip whose time `change`s. Those inside a media file cannot change; that is said.
pub(in crate::ops) fn retimed(
    call: &mut Call<'_>,
    tracks: Vec<SubtitleTrack>,
    change: impl Fn(&[Cue]) -> Vec<Cue>,
) -> Vec<SubtitleTrack> {
    let span = call.span;
    let mut kept = Vec::new();
    for track in tracks {
        match &track.source {
            SubtitleSource::Cues(cues) => {
                let source = SubtitleSource::Cues(change(cues));
                kept.push(SubtitleTrack { source, ..track });
            }
            SubtitleSource::Stream { media, .. } => {
                let media = media.clone();
                call.warn_subtitles_dropped(&media, span);
            }
        }
    }
    kept
}

/// Literal cues, of a recipe.
pub(in crate::ops) fn written(cues: Vec<(Window, String, Span)>) -> SubtitleFile {
    let cues = cues.into_iter().map(|(during, text, _)| Cue {
        start: during.start,
        end: during.end.unwrap_or(during.start),
        ass: ass::plain_cue(&text),
        ass_fields: None,
    });
    SubtitleFile {
        format: SubtitleFormat::Srt,
        charset: "UTF-8".to_owned(),
        charset_guessed: false,
        ass_header: String::new(),
        cues: cues.collect(),
    }
}
