use isolang::Language;
use vidc_dsl::Diagnostic;

use crate::call::Call;
use crate::catalogue::{Param, ParamType, millis, word};
use crate::codes;
use crate::facts::{SubtitleFile, SubtitleFormat};
use crate::graph::{SubtitleSource, SubtitleTrack, Window};
use crate::ops::common::{cast, cues, style};
use crate::ops::{Group, Input, Operation};
use crate::value::Value;

pub(in crate::ops) static OPERATION: Operation = Operation {
    name: "subtitles",
    group: Group::Text,
    summary: "Subtitles from a file: drawn into the picture, or as a track beside it.",
    input: Input::Clip,
    params: &[
        Param::required(
            "file",
            ParamType::Subtitles { charset: "charset" },
            "the file: SubRip (.srt), WebVTT (.vtt) or ASS/SSA (.ass, .ssa)",
        ),
        Param::with_default(
            "mode",
            ParamType::Enum(&["burn", "soft"]),
            word("burn"),
            "drawn into the picture, or a track that a player can switch off",
        ),
        Param::optional(
            "language",
            ParamType::Text,
            "language of a soft track, its code by ISO 639, such as `en` or `eng`",
        ),
        Param::optional(
            "title",
            ParamType::Text,
            "what a player's menu calls a soft track",
        ),
        Param::optional(
            "charset",
            ParamType::Text,
            "the file's character set, such as `windows-1251`; found out if not told",
        ),
        Param::with_default(
            "offset",
            ParamType::SignedTime,
            millis(0),
            "how much later all of it is; earlier, if negative",
        ),
        style::FONT,
        style::SIZE,
        style::BOLD,
        style::ITALIC,
        style::COLOR,
        style::OUTLINE,
        style::OUTLINE_COLOR,
        style::SHADOW,
        style::BOX,
        style::PADDING,
        style::POSITION,
        style::MARGIN,
        style::LETTER_SPACING,
    ],
    examples: &[
        "talk | subtitles(\"talk.srt\", size: 36px, outline: 3px)",
        "talk | subtitles(\"talk.srt\", mode: soft, language: \"eng\", title: \"English\")",
    ],
    build,
};

fn build(call: &mut Call<'_>) -> Option<Value> {
    let path = call.args.text("file")?.to_owned();
    let charset = call.args.text("charset").map(str::to_owned);
    let (span, at) = (call.span, call.arg_span("file"));
    let offset = call.args.time("offset")?;
    let soft = call.args.text("mode") == Some("soft");
    let mut clip = call.clip();
    let file = call.subtitle_file(&path, charset.as_deref(), at)?;
    let file = SubtitleFile {
        cues: cues::shifted(&file.cues, offset),
        ..file
    };
    let duration = call.graph().duration(&clip);
    if let (Some(first), Some(duration)) = (file.cues.first(), duration)
        && first.start >= duration
    {
        let message = format!(
            "the first subtitle is at {}, when the clip of {duration} is over",
            first.start
        );
        return call.fail(&codes::WINDOW_AFTER_END, at, message);
    }
    let text: String = file.cues.iter().map(|cue| without_tags(&cue.ass)).collect();
    if soft {
        if style::is_given(&call.args) {
            let diagnostic = Diagnostic::new(
                &codes::STYLE_UNUSED,
                span,
                "a soft track is drawn by the player, in the player's own style",
            )
            .help("`mode: burn` draws subtitles with this style");
            call.report(diagnostic);
        }
        if file.format == SubtitleFormat::Ass {
            let message =
                "a soft track keeps what is said and when, not the styles and places of an ASS file";
            let diagnostic = Diagnostic::new(&codes::STYLE_UNUSED, at, message)
                .help("`mode: burn` draws them as the file says");
            call.report(diagnostic);
        }
        let cues = cues::within(
            &file.cues,
            Window {
                end: duration,
                ..Window::default()
            },
        );
        let source = SubtitleSource::Cues(cues);
        let language = language(call)?;
        let title = call.args.text("title").map(str::to_owned);
        clip.subtitles.push(SubtitleTrack {
            source,
            language,
            title,
            origin: span,
        });
        return Some(Value::Clip(clip));
    }
    style::glyphs_are_there(call, &text, at);
    let (video, ty) = cast::square(call)?;
    let own_look = file.format == SubtitleFormat::Ass && !style::is_given(&call.args);
    let style = if own_look {
        None
    } else {
        Some(style::of(call, &ty)?)
    };
    let video = cues::burn(call, video, &file, style.as_ref())?;
    call.with_video(video)
}

/// The text of a cue without its `{…}` tags and `\N` breaks.
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

/// The language's code of three letters, which containers take; none if it is not told. Says so if there is none.
fn language(call: &mut Call<'_>) -> Option<Option<String>> {
    let Some(told) = call.args.text("language").map(str::to_owned) else {
        return Some(None);
    };
    let by_letters = Language::from_639_1(&told).or_else(|| Language::from_639_3(&told));
    // ISO 639-2 has other codes for some, such as `ger`.
    let is_code = told.len() == 3 && told.bytes().all(|letter| letter.is_ascii_lowercase());
    match by_letters {
        Some(language) => return Some(Some(language.to_639_3().to_owned())),
        None if is_code => return Some(Some(told)),
        None => {}
    }
    let at = call.arg_span("language");
    let diagnostic = Diagnostic::new(
        &codes::UNKNOWN_WORD,
        at,
        format!("`{told}` is no code of a language"),
    )
    .help("ISO 639 has codes of two and of three letters, such as `en` and `eng`");
    let mut letters = told.chars();
    let capital = letters.next().map(|first| {
        first
            .to_uppercase()
            .chain(letters.flat_map(char::to_lowercase))
            .collect::<String>()
    });
    let named = capital.and_then(|name| Language::from_name(&name));
    call.report(match named {
        Some(language) => {
            let code = language.to_639_3();
            diagnostic.suggest(at, format!("\"{code}\""), format!("{language} is `{code}`"))
        }
        None => diagnostic,
    });
    None
}
