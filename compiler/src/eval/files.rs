//! The files a recipe names.

use std::collections::BTreeMap;

use vidc_dsl::ast::Input;
use vidc_dsl::{Diagnostic, Span};

use super::Evaluator;
use crate::codes;
use crate::facts::{Media, Problem, Stream, StreamFacts, SubtitleFile};
use crate::graph::{Clip, SubtitleSource, SubtitleTrack};
use crate::value::Value;

impl Evaluator<'_> {
    /// The value of an `input` statement: the file it names, or the one bound in its place.
    pub(super) fn input(&mut self, input: &Input) -> Value {
        if let Some(path) = self.bindings.inputs.get(&input.name.name) {
            return self.bound_input(input, path);
        }
        let path = match self.eval(&input.source, None) {
            Value::Unknown => return Value::Unknown,
            value => match value.as_text() {
                Some(path) => path,
                None => {
                    let message = format!("expected the path of a file, found {}", value.describe());
                    return self.fail(&codes::WRONG_TYPE, input.source.span, message);
                }
            },
        };
        self.open_media(&path, input.source.span)
            .map_or(Value::Unknown, Value::Clip)
    }

    /// The file that a job puts in an input's place: if it is not there, it is not the recipe that is to be changed.
    fn bound_input(&mut self, input: &Input, path: &str) -> Value {
        if let Some(Err(Problem::Missing)) = self.facts.media.get(path) {
            let message = format!(
                "there is no file `{path}`, which is bound to `{}`",
                input.name.name
            );
            return self.fail(&codes::MISSING_FILE, input.name.span, message);
        }
        self.open_media(path, input.source.span)
            .map_or(Value::Unknown, Value::Clip)
    }

    pub(super) fn open_media(&mut self, path: &str, span: Span) -> Option<Clip> {
        self.wanted.media.insert(path.to_owned());
        let facts = self.facts;
        match facts.media.get(path)? {
            Ok(media) => self.media_clip(path, media, span),
            Err(problem) => {
                self.problem(problem, path, span, there(&facts.media));
                None
            }
        }
    }

    pub(super) fn open_subtitles(
        &mut self,
        path: &str,
        charset: Option<&str>,
        span: Span,
    ) -> Option<SubtitleFile> {
        let told = charset.map(str::to_owned);
        let before = self.wanted.subtitles.insert(path.to_owned(), told.clone());
        if let Some(before) = before.filter(|before| *before != told) {
            let set = |told: Option<String>| match told {
                Some(name) => format!("as `{name}`"),
                None => "in the character set that is found out".to_owned(),
            };
            let message = format!(
                "`{path}` is read {} here, and {} elsewhere in the recipe",
                set(told),
                set(before)
            );
            let diagnostic = Diagnostic::new(&codes::CONFLICTING_PARAMETERS, span, message)
                .help("tell the same `charset` wherever the file is used");
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
                        "if that is right, say so: `charset: \"{}\"`; or save the file as UTF-8",
                        file.charset
                    ));
                    self.report(diagnostic);
                }
                Some(file.clone())
            }
            Err(problem) => {
                self.problem(problem, path, span, there(&facts.subtitles));
                None
            }
        }
    }

    fn problem<'f>(
        &mut self,
        problem: &Problem,
        path: &str,
        span: Span,
        there: impl Iterator<Item = &'f str>,
    ) {
        let diagnostic = match problem {
            Problem::Missing => {
                let diagnostic =
                    Diagnostic::new(&codes::MISSING_FILE, span, format!("there is no file `{path}`"))
                        .label("not found")
                        .help("paths are relative to the recipe's own folder");
                // In quotes, which YAML takes, too.
                match vidc_dsl::nearest(path, there) {
                    Some(near) => {
                        diagnostic.suggest(span, format!("\"{near}\""), format!("did you mean `{near}`?"))
                    }
                    None => diagnostic,
                }
            }
            Problem::Unreadable(reason) => Diagnostic::new(
                &codes::UNREADABLE_FILE,
                span,
                format!("`{path}` cannot be used: {reason}"),
            ),
        };
        self.report(diagnostic);
    }

    fn media_clip(&mut self, path: &str, media: &Media, span: Span) -> Option<Clip> {
        let video = media.video();
        let audio = media.audio();
        if video.is_none() && audio.is_none() {
            let message = format!("`{path}` has neither picture nor sound");
            self.fail(&codes::UNREADABLE_FILE, span, message);
            return None;
        }
        if let Some((_, facts)) = video
            && facts.rotation != 0
        {
            let message = format!(
                "`{path}` says to turn its picture by {}°, so it is {}x{}",
                facts.rotation, facts.width, facts.height
            );
            self.report(Diagnostic::new(&codes::ROTATED, span, message));
        }
        let used = [
            (video.map(|(stream, _)| stream), "picture"),
            (audio.map(|(stream, _)| stream), "sound"),
        ];
        for (stream, what) in used {
            if let Some(stream) = stream {
                self.tell_of_others(path, media, (stream, what), span);
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

    /// Says which of several streams of a kind is used.
    fn tell_of_others(&mut self, path: &str, media: &Media, (used, what): (&Stream, &str), span: Span) {
        let kind = std::mem::discriminant(&used.facts);
        let alike = |other: &&Stream| std::mem::discriminant(&other.facts) == kind;
        let count = media.streams.iter().filter(alike).count();
        if count > 1 {
            let language = used.language.as_ref();
            let language = language.map_or_else(String::new, |language| format!(", in `{language}`,"));
            let message = format!(
                "`{path}` has {count} {what}s; stream {}{language} is used",
                used.index
            );
            self.report(Diagnostic::new(&codes::OTHER_TRACKS, span, message));
        }
    }
}

/// The names of those files that are there.
fn there<T>(files: &BTreeMap<String, Result<T, Problem>>) -> impl Iterator<Item = &str> {
    files
        .iter()
        .filter(|(_, found)| !matches!(found, Err(Problem::Missing)))
        .map(|(name, _)| name.as_str())
}
