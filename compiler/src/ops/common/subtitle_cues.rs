//! Subtitle cues: retiming, and drawing them into a video.

use crate::ass::{self, CueStyle};
use crate::call::Call;
use crate::facts::{Cue, SubtitleFile, SubtitleFormat};
use crate::graph::{Filter, NodeId, SubtitleSource, SubtitleTrack};
use crate::plan::{Arg, FilterCall, FilterName};
use crate::time::{Time, Window};

/// Burns cues into a video. Cues of an ASS file keep their own style unless one is given.
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
            let default_style = CueStyle::default();
            ass::burn(ty.width, ty.height, &file.cues, style.unwrap_or(&default_style))
        }
    };
    let origin = call.span;
    let graph = call.graph();
    let document = graph.add_file("ass", document);
    let active = file.cues.iter().map(|cue| {
        let window = Window {
            start: cue.start,
            end: Some(cue.end),
        };
        window.widened(ty.frame_rate)
    });
    let active = active.collect();
    let draw = draw_filter(FilterName::Ass, document, ty.pixels.alpha);
    let filter = Filter::new(vec![draw]).active_during(active);
    Some(graph.filter_video(input, filter, origin, |_| {}))
}

/// The filter that draws a generated ASS document, a file of the graph by index.
pub(in crate::ops) fn draw_filter(filter: FilterName, document: usize, alpha: bool) -> FilterCall {
    let mut call = FilterCall::plain(filter);
    call.args.push(("filename".to_owned(), Arg::File(document)));
    if alpha {
        call.args.push(("alpha".to_owned(), Arg::Text("1".to_owned())));
    }
    call
}

/// Trims cues to a window, whose start becomes time zero.
pub(in crate::ops) fn trim(cues: &[Cue], window: Window) -> Vec<Cue> {
    cues.iter()
        .filter(|cue| cue.end > window.start && window.end.is_none_or(|end| cue.start < end))
        .map(|cue| Cue {
            start: (cue.start - window.start).max(Time::ZERO),
            end: window.end.map_or(cue.end, |end| cue.end.min(end)) - window.start,
            ..cue.clone()
        })
        .collect()
}

/// Delays cues by an offset; a negative offset moves them earlier and trims them at zero.
pub(in crate::ops) fn shift(cues: &[Cue], offset: Time) -> Vec<Cue> {
    let shifted = cues.iter().map(|cue| Cue {
        start: cue.start + offset,
        end: cue.end + offset,
        ..cue.clone()
    });
    trim(&shifted.collect::<Vec<_>>(), Window::default())
}

/// Retimes subtitle tracks. Tracks embedded in a media file cannot be retimed; they are dropped with a warning.
pub(in crate::ops) fn retime_tracks(
    call: &mut Call<'_>,
    tracks: Vec<SubtitleTrack>,
    retime: impl Fn(&[Cue]) -> Vec<Cue>,
) -> Vec<SubtitleTrack> {
    let span = call.span;
    let mut retimed = Vec::new();
    for track in tracks {
        match &track.source {
            SubtitleSource::Cues(cues) => {
                let source = SubtitleSource::Cues(retime(cues));
                retimed.push(SubtitleTrack { source, ..track });
            }
            SubtitleSource::Stream { media, .. } => call.warn_subtitles_dropped(media, span),
        }
    }
    retimed
}
