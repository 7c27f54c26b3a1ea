//! Opens the media and subtitle files that a recipe names, and reports their problems.

use std::collections::BTreeMap;

use vidc_dsl::ast::Input;
use vidc_dsl::{Diagnostic, Span};

use super::Evaluator;
use crate::codes;
use crate::facts::{Media, Problem, Stream, StreamFacts, SubtitleFile};
use crate::graph::{Clip, SubtitleSource, SubtitleTrack};
use crate::value::Value;

impl Evaluator<'_> {
    /// The value of an `input` statement: the file it names, or the file that the job binds to it.
    pub(super) fn input(&mut self, input: &Input) -> Value {
        if let Some(path) = self.bindings.inputs.get(&input.name.name) {
            return self.bound_input(input, path);
        }
        let path = match self.eval(&input.source, None) {
            Value::Unknown => return Value::Unknown,
            value => match value.as_text() {
                Some(path) => path,
                None => {
                    let message = format!("expected a file path, found {}", value.describe());
                    return self.fail(&codes::WRONG_TYPE, input.source.span, message);
                }
            },
        };
        self.open_media(&path, input.source.span)
            .map_or(Value::Unknown, Value::Clip)
    }

    /// The file that a job binds to an input. If it is missing, the binding is at fault, not the recipe.
    fn bound_input(&mut self, input: &Input, path: &str) -> Value {
        if let Some(Err(Problem::Missing)) = self.facts.media.get(path) {
            let message = format!(
                "the file `{path}`, bound to the input `{}`, does not exist",
                input.name.name
            );
            return self.fail(&codes::MISSING_FILE, input.name.span, message);
        }
        self.open_media(path, input.source.span)
            .map_or(Value::Unknown, Value::Clip)
    }

    /// Opens a media file as a clip; `None` if it has a problem or is not probed yet.
    pub(super) fn open_media(&mut self, path: &str, span: Span) -> Option<Clip> {
        self.required.media.insert(path.to_owned());
        let facts = self.facts;
        match facts.media.get(path)? {
            Ok(media) => self.media_clip(path, media, span),
            Err(problem) => {
                self.report_problem(problem, path, span, existing_files(&facts.media));
                None
            }
        }
    }

    /// Opens a subtitle file; `None` if it has a problem or is not read yet.
    pub(super) fn open_subtitles(
        &mut self,
        path: &str,
        charset: Option<&str>,
        span: Span,
    ) -> Option<SubtitleFile> {
        let charset = charset.map(str::to_owned);
        let previous = self.required.subtitles.insert(path.to_owned(), charset.clone());
        if let Some(previous) = previous.filter(|previous| *previous != charset) {
            let phrase = |charset: Option<String>| match charset {
                Some(name) => format!("as `{name}`"),
                None => "without a `charset`".to_owned(),
            };
            let message = format!(
                "`{path}` is read {} here, but {} elsewhere in the recipe",
                phrase(charset),
                phrase(previous)
            );
            let diagnostic = Diagnostic::new(&codes::CONFLICTING_PARAMETERS, span, message)
                .help("use the same `charset` everywhere the file is used");
            self.report(diagnostic);
            return None;
        }
        let facts = self.facts;
        match facts.subtitles.get(path)? {
            Ok(file) => {
                if file.charset_guessed {
                    let diagnostic = Diagnostic::new(
                        &codes::CHARSET_GUESSED,
                        span,
                        format!("`{path}` is not UTF-8; it was read as {}", file.charset),
                    )
                    .help(format!(
                        "if that is right, add `charset: \"{}\"`; or save the file as UTF-8",
                        file.charset
                    ));
                    self.report(diagnostic);
                }
                Some(file.clone())
            }
            Err(problem) => {
                self.report_problem(problem, path, span, existing_files(&facts.subtitles));
                None
            }
        }
    }

    /// Reports why a file cannot be used, suggesting one of the `existing` files if it is missing.
    fn report_problem<'f>(
        &mut self,
        problem: &Problem,
        path: &str,
        span: Span,
        existing: impl Iterator<Item = &'f str>,
    ) {
        let diagnostic = match problem {
            Problem::Missing => {
                let diagnostic =
                    Diagnostic::new(&codes::MISSING_FILE, span, format!("there is no file `{path}`"))
                        .label("not found")
                        .help("paths are relative to the recipe's folder");
                // YAML accepts the quotes as well.
                match vidc_dsl::nearest(path, existing) {
                    Some(nearest) => diagnostic.suggest(
                        span,
                        format!("\"{nearest}\""),
                        format!("did you mean `{nearest}`?"),
                    ),
                    None => diagnostic,
                }
            }
            Problem::Unreadable(reason) => Diagnostic::new(
                &codes::UNREADABLE_FILE,
                span,
                format!("cannot read `{path}`: {reason}"),
            ),
        };
        self.report(diagnostic);
    }

    /// Adds sources for a file's default video and audio stream, and collects its subtitle streams.
    fn media_clip(&mut self, path: &str, media: &Media, span: Span) -> Option<Clip> {
        let video = media.video();
        let audio = media.audio();
        if video.is_none() && audio.is_none() {
            let message = format!("`{path}` has neither video nor audio");
            self.fail(&codes::UNREADABLE_FILE, span, message);
            return None;
        }
        if let Some((_, facts)) = video
            && facts.rotation != 0
        {
            let message = format!(
                "`{path}` is marked to be displayed rotated by {}°, so its size is {}x{}",
                facts.rotation, facts.width, facts.height
            );
            self.report(Diagnostic::new(&codes::ROTATED, span, message));
        }
        let used = [
            (video.map(|(stream, _)| stream), "video"),
            (audio.map(|(stream, _)| stream), "audio"),
        ];
        for (stream, kind) in used {
            if let Some(stream) = stream {
                self.note_other_tracks(path, media, (stream, kind), span);
            }
        }
        let video = video.map(|(stream, facts)| self.graph.video_source(path, media, stream, facts, span));
        let audio = audio.map(|(stream, facts)| self.graph.audio_source(path, media, stream, facts, span));
        let subtitles = media
            .streams
            .iter()
            .filter(|stream| stream.facts == StreamFacts::Subtitle)
            .map(|stream| SubtitleTrack {
                source: SubtitleSource::Stream {
                    media: path.to_owned(),
                    stream: stream.index,
                    codec: stream.codec.clone(),
                },
                language: stream.language.clone(),
                title: stream.title.clone(),
                origin: span,
            })
            .collect();
        Some(Clip {
            video,
            audio,
            subtitles,
        })
    }

    /// Reports which of several streams of a kind is used.
    fn note_other_tracks(&mut self, path: &str, media: &Media, (used, kind): (&Stream, &str), span: Span) {
        let discriminant = std::mem::discriminant(&used.facts);
        let is_same_kind = |other: &&Stream| std::mem::discriminant(&other.facts) == discriminant;
        let count = media.streams.iter().filter(is_same_kind).count();
        if count > 1 {
            let language = used.language.as_ref();
            let language = language.map_or_else(String::new, |language| format!(" (`{language}`)"));
            let message = format!(
                "`{path}` has {count} {kind} tracks; stream {}{language} is used",
                used.index
            );
            self.report(Diagnostic::new(&codes::OTHER_TRACKS, span, message));
        }
    }
}

/// The names of the files that exist.
fn existing_files<T>(files: &BTreeMap<String, Result<T, Problem>>) -> impl Iterator<Item = &str> {
    files
        .iter()
        .filter(|(_, found)| !matches!(found, Err(Problem::Missing)))
        .map(|(name, _)| name.as_str())
}
