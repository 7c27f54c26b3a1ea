//! `subtitles`: adds the subtitles of a file.

use isolang::Language;
use vidc_dsl::{Diagnostic, Span};

use crate::call::Call;
use crate::codes;
use crate::facts::{SubtitleFile, SubtitleFormat};
use crate::graph::{SubtitleSource, SubtitleTrack};
use crate::ops::common::square_pixels::square_pixels;
use crate::ops::common::{fonts, subtitle_cues, subtitle_style};
use crate::ops::{Group, Input, Operation};
use crate::param::{Param, choice, millis, word};
use crate::time::{Time, Window};
use crate::value::Value;

choice! {
    enum Mode {
        Burn = "burn",
        Soft = "soft",
    }
}

const FILE: Param<String> = Param::subtitles(
    "file",
    &CHARSET,
    "subtitle file: SubRip (.srt), WebVTT (.vtt) or ASS/SSA (.ass, .ssa)",
);
const MODE: Param<Mode> = Param::choice(
    "mode",
    "`burn` draws the subtitles into the video, `soft` adds a track that players can turn off",
)
.default(word(Mode::Burn.word()));
const LANGUAGE: Param<Option<String>> = Param::text(
    "language",
    "language of a soft track, as an ISO 639 code such as `en` or `eng`",
)
.optional();
const TITLE: Param<Option<String>> = Param::text("title", "name of a soft track in player menus").optional();
const CHARSET: Param<Option<String>> = Param::text(
    "charset",
    "character encoding of the file, such as `windows-1251`; detected if omitted",
)
.optional();
const OFFSET: Param<Time> = Param::signed_time(
    "offset",
    "delay of the subtitles; a negative time shows them earlier",
)
.default(millis(0));

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "subtitles",
    group: Group::Text,
    summary: "Add subtitles from a file, burned into the video or as a separate track.",
    input: Input::Clip,
    params: &subtitle_style::with_style::<6, 19>([
        FILE.spec,
        MODE.spec,
        LANGUAGE.spec,
        TITLE.spec,
        CHARSET.spec,
        OFFSET.spec,
    ]),
    examples: &[
        "talk | subtitles(\"talk.srt\", size: 36px, outline: 3px)",
        "talk | subtitles(\"talk.srt\", mode: soft, language: \"eng\", title: \"English\")",
    ],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let at = call.arg_span(&FILE);
    let file = call.subtitle_file(&call.get(&FILE), call.get(&CHARSET).as_deref(), at)?;
    let file = SubtitleFile {
        cues: subtitle_cues::shift(&file.cues, call.get(&OFFSET)),
        ..file
    };
    let clip = call.clip();
    let duration = call.graph().duration(&clip);
    if let (Some(first), Some(duration)) = (file.cues.first(), duration)
        && first.start >= duration
    {
        let message = format!(
            "the first subtitle is at {}, but the clip ends at {duration}",
            first.start
        );
        return call.fail(&codes::WINDOW_AFTER_END, at, message);
    }
    match call.get(&MODE) {
        Mode::Burn => burn(call, &file, at),
        Mode::Soft => add_track(call, file, duration, at),
    }
}

/// Draws the subtitles into the video. Those of an ASS file keep their styles unless the call sets one.
fn burn(call: &mut Call<'_>, file: &SubtitleFile, at: Span) -> Option<Value> {
    let text: String = file.cues.iter().map(|cue| without_tags(&cue.ass)).collect();
    fonts::warn_about_missing_glyphs(call, &text, at);
    let (video, ty) = square_pixels(call)?;
    let keeps_styles = file.format == SubtitleFormat::Ass && !subtitle_style::has_style(&call.args);
    let style = match keeps_styles {
        true => None,
        false => Some(subtitle_style::style(call, &ty)?),
    };
    let video = subtitle_cues::burn(call, video, file, style.as_ref())?;
    call.with_video(video)
}

/// Adds the subtitles as a separate track. Warns about styles, which such a track does not keep.
fn add_track(call: &mut Call<'_>, file: SubtitleFile, duration: Option<Time>, at: Span) -> Option<Value> {
    let span = call.span;
    if subtitle_style::has_style(&call.args) {
        let message = "these style parameters have no effect: players draw a soft track in their own style";
        let diagnostic = Diagnostic::new(&codes::STYLE_UNUSED, span, message)
            .help("`mode: burn` draws the subtitles in this style");
        call.report(diagnostic);
    }
    if file.format == SubtitleFormat::Ass {
        let message =
            "a soft track keeps the text and times of an ASS file, but not its styles and positions";
        let diagnostic = Diagnostic::new(&codes::STYLE_UNUSED, at, message)
            .help("`mode: burn` draws the subtitles with their styles");
        call.report(diagnostic);
    }
    let window = Window {
        end: duration,
        ..Window::default()
    };
    let track = SubtitleTrack {
        source: SubtitleSource::Cues(subtitle_cues::trim(&file.cues, window)),
        language: language(call)?,
        title: call.get(&TITLE),
        origin: span,
    };
    let mut clip = call.clip();
    clip.subtitles.push(track);
    Some(Value::Clip(clip))
}

/// Removes `{…}` tags and `\N` breaks from the text of a cue.
fn without_tags(ass: &str) -> String {
    let mut depth = 0_u32;
    let text = ass.replace("\\N", " ").replace("\\n", " ").replace("\\h", " ");
    text.chars()
        .filter(|c| match c {
            '{' => {
                depth += 1;
                false
            }
            '}' => {
                depth = depth.saturating_sub(1);
                false
            }
            _ => depth == 0,
        })
        .collect()
}

/// Reads the language as the three-letter code that containers store; none inside if it is omitted. Reports an error if it is
/// not an ISO 639 code.
fn language(call: &mut Call<'_>) -> Option<Option<String>> {
    let Some(code) = call.get(&LANGUAGE) else {
        return Some(None);
    };
    let known = Language::from_639_1(&code).or_else(|| Language::from_639_3(&code));
    // ISO 639-2 has other three-letter codes for some languages, such as `ger`.
    let is_three_letters = code.len() == 3 && code.bytes().all(|letter| letter.is_ascii_lowercase());
    match known {
        Some(language) => return Some(Some(language.to_639_3().to_owned())),
        None if is_three_letters => return Some(Some(code)),
        None => {}
    }
    let at = call.arg_span(&LANGUAGE);
    let diagnostic = Diagnostic::new(
        &codes::UNKNOWN_WORD,
        at,
        format!("`{code}` is not a language code"),
    )
    .help("write an ISO 639 code of two or three letters, such as `en` or `eng`");
    let mut letters = code.chars();
    let capitalized = letters.next().map(|first| {
        first
            .to_uppercase()
            .chain(letters.flat_map(char::to_lowercase))
            .collect::<String>()
    });
    let named = capitalized.and_then(|name| Language::from_name(&name));
    call.report(match named {
        Some(language) => {
            let code = language.to_639_3();
            let message = format!("the code of {language} is `{code}`");
            diagnostic.suggest(at, format!("\"{code}\""), message)
        }
        None => diagnostic,
    });
    None
}
