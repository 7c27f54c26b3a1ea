//! `cues`: draws subtitles that are written in the recipe.

use vidc_dsl::Span;

use crate::ass;
use crate::call::Call;
use crate::codes;
use crate::facts::{Cue, SubtitleFile, SubtitleFormat};
use crate::ops::common::square_pixels::square_pixels;
use crate::ops::common::{fonts, subtitle_cues, subtitle_style};
use crate::ops::{Group, Input, Operation};
use crate::param::{Fields, Param, ParamSpec, Record};
use crate::time::Window;
use crate::value::Value;

/// A cue of the list.
struct CueRecord {
    during: Window,
    text: String,
}

const DURING: Param<Window> = Param::window("during", "time range in which the text is shown");
const TEXT: Param<String> = Param::text("text", "text to show");

impl Record for CueRecord {
    const FIELDS: &'static [ParamSpec] = &[DURING.spec, TEXT.spec];

    fn from_fields(fields: &Fields<'_>) -> Option<CueRecord> {
        Some(CueRecord {
            during: fields.get(&DURING)?,
            text: fields.get(&TEXT)?,
        })
    }
}

const CUES: Param<Vec<(CueRecord, Span)>> = Param::records("cues", "texts with their times");

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "cues",
    group: Group::Text,
    summary: "Burn subtitles that are written in the recipe into the video.",
    input: Input::Clip,
    params: &subtitle_style::with_style::<1, 14>([CUES.spec]),
    examples: &["talk | cues([{during: 1s..3s, text: \"Hello\"}, {during: 3s..5s, text: \"and goodbye\"}])"],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let (video, ty) = square_pixels(call)?;
    let mut cues = Vec::new();
    for (record, at) in call.get(&CUES) {
        let start = record.during.start;
        let Some(end) = record.during.end.or(ty.duration) else {
            return call.fail(
                &codes::ENDLESS,
                at,
                "this cue has no end, and neither has the clip",
            );
        };
        if let Some(duration) = ty.duration.filter(|duration| start >= *duration) {
            let message = format!("this cue starts at {start}, but the clip ends at {duration}");
            return call.fail(&codes::WINDOW_AFTER_END, at, message);
        }
        fonts::warn_about_missing_glyphs(call, &record.text, at);
        cues.push(Cue {
            start,
            end,
            ass: ass::plain_cue(&record.text),
            ass_fields: None,
        });
    }
    let style = subtitle_style::style(call, &ty)?;
    let file = SubtitleFile {
        format: SubtitleFormat::Srt,
        charset: "UTF-8".to_owned(),
        charset_guessed: false,
        ass_header: String::new(),
        cues,
    };
    let video = subtitle_cues::burn(call, video, &file, Some(&style))?;
    call.with_video(video)
}
