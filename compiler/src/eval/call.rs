//! Calls: their arguments against the catalogue, and what an operation sees of its own call.

use vidc_dsl::ast::{self, Arg};
use vidc_dsl::{Code, Diagnostic, Span};

use super::Evaluator;
use crate::catalogue::{self, Args, Input, Operation, ParamType};
use crate::codes;
use crate::facts::{Facts, SubtitleFile};
use crate::graph::{AudioType, Clip, Graph, NodeId, VideoType};
use crate::time::Time;
use crate::value::{Value, Variant};

/// One call of an operation: its arguments, checked and complete, and the graph it adds to.
pub struct Call<'c> {
    evaluator: &'c mut dyn BuildContext,
    /// The arguments.
    pub args: Args,
    /// The whole call.
    pub span: Span,
    input: Option<(Clip, Span)>,
}

/// What a call needs of the checker; it hides the checker's lifetime from operations.
pub(crate) trait BuildContext {
    fn graph(&mut self) -> &mut Graph;
    fn facts(&self) -> &Facts;
    fn report(&mut self, diagnostic: Diagnostic);
    fn media(&mut self, path: &str, span: Span) -> Option<Clip>;
    fn subtitle_file(&mut self, path: &str, charset: Option<&str>, span: Span) -> Option<SubtitleFile>;
}

impl BuildContext for Evaluator<'_> {
    fn graph(&mut self) -> &mut Graph {
        &mut self.graph
    }
    fn facts(&self) -> &Facts {
        self.facts
    }
    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }
    fn media(&mut self, path: &str, span: Span) -> Option<Clip> {
        self.open_media(path, span)
    }
    fn subtitle_file(&mut self, path: &str, charset: Option<&str>, span: Span) -> Option<SubtitleFile> {
        self.open_subtitles(path, charset, span)
    }
}

impl Call<'_> {
    /// The graph.
    pub fn graph(&mut self) -> &mut Graph {
        self.evaluator.graph()
    }

    /// What is known of the world.
    pub fn facts(&self) -> &Facts {
        self.evaluator.facts()
    }

    /// The clip that flows in; empty for operations that take none.
    pub fn clip(&self) -> Clip {
        self.input
            .as_ref()
            .map(|(clip, _)| clip.clone())
            .unwrap_or_default()
    }

    /// Opens a media file as a clip; what is wrong with it is said at `span`.
    pub fn media(&mut self, path: &str, span: Span) -> Option<Clip> {
        self.evaluator.media(path, span)
    }

    /// Reads a subtitle file, in a character set if one is told; what is wrong with it is said at `span`.
    pub fn subtitle_file(&mut self, path: &str, charset: Option<&str>, span: Span) -> Option<SubtitleFile> {
        self.evaluator.subtitle_file(path, charset, span)
    }

    /// Where an argument stands.
    pub fn arg_span(&self, name: &str) -> Span {
        self.args.span(name).unwrap_or(self.span)
    }

    /// Where what flows in was made.
    pub fn input_span(&self) -> Option<Span> {
        self.input.as_ref().map(|(_, span)| *span)
    }

    /// Says that the subtitles inside a media file are left behind by what is done to its time.
    pub fn subtitles_dropped(&mut self, media: &str, span: Span) {
        let diagnostic = Diagnostic::new(
            &codes::SUBTITLES_DROPPED,
            span,
            format!("the subtitles inside `{media}` cannot be moved in time, and are left out from here on"),
        )
        .help("extract them to a file of their own and add that with `subtitles(…, mode: soft)`");
        self.report(diagnostic);
    }

    /// Says something.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.evaluator.report(diagnostic);
    }

    /// Says what is wrong, for an operation to return.
    pub fn fail<T>(&mut self, code: &'static Code, span: Span, message: impl Into<String>) -> Option<T> {
        self.report(Diagnostic::new(code, span, message));
        None
    }

    /// The picture that flows in; says so if there is none.
    pub fn video(&mut self) -> Option<(NodeId, VideoType)> {
        let clip = self.clip();
        self.video_of(&clip, self.input.as_ref().map(|(_, span)| *span))
    }

    /// The picture of a clip; says so if there is none.
    pub fn video_of(&mut self, clip: &Clip, of: Option<Span>) -> Option<(NodeId, VideoType)> {
        let found = clip
            .video
            .and_then(|id| Some((id, self.graph().video(id)?.clone())));
        if found.is_none() {
            self.lacks(&codes::NO_VIDEO, "a picture", of);
        }
        found
    }

    /// The sound that flows in; says so if there is none.
    pub fn audio(&mut self) -> Option<(NodeId, AudioType)> {
        let clip = self.clip();
        self.audio_of(&clip, self.input.as_ref().map(|(_, span)| *span))
    }

    /// The sound of a clip; says so if there is none.
    pub fn audio_of(&mut self, clip: &Clip, of: Option<Span>) -> Option<(NodeId, AudioType)> {
        let found = clip
            .audio
            .and_then(|id| Some((id, self.graph().audio(id)?.clone())));
        if found.is_none() {
            self.lacks(&codes::NO_AUDIO, "sound", of);
        }
        found
    }

    fn lacks(&mut self, code: &'static Code, what: &str, of: Option<Span>) {
        let mut diagnostic = Diagnostic::new(
            code,
            self.span,
            format!("this needs {what}, and the clip has none"),
        )
        .label(format!("needs {what}"));
        if let Some(span) = of {
            diagnostic = diagnostic.secondary(span, format!("has no {}", what.trim_start_matches("a ")));
        }
        self.report(diagnostic);
    }

    /// How long a clip is; says that it never ends if so.
    pub fn duration_of(&mut self, clip: &Clip, span: Span) -> Option<Time> {
        let duration = self.graph().duration(clip);
        if duration.is_none() {
            let diagnostic = Diagnostic::new(&codes::ENDLESS, span, "this clip never ends")
                .help("give it a duration, such as `image(\"card.png\", duration: 5s)`, or `| trim(..5s)`");
            self.report(diagnostic);
        }
        duration
    }

    /// The clip that flows in with another picture.
    pub fn with_video(&self, video: NodeId) -> Option<Value> {
        Some(Value::Clip(Clip {
            video: Some(video),
            ..self.clip()
        }))
    }

    /// The clip that flows in with another sound.
    pub fn with_audio(&self, audio: NodeId) -> Option<Value> {
        Some(Value::Clip(Clip {
            audio: Some(audio),
            ..self.clip()
        }))
    }

    /// Whether the target FFmpeg has a filter; says so if not.
    pub fn needs_filter(&mut self, filter: &str) -> Option<()> {
        if self.facts().ffmpeg.filters.contains(filter) {
            return Some(());
        }
        let version = self.facts().ffmpeg.version;
        let diagnostic = Diagnostic::new(
            &codes::NOT_IN_FFMPEG,
            self.span,
            format!("this needs the filter `{filter}`, which FFmpeg {version} here does not have"),
        )
        .help("install a full FFmpeg build; `vidc doctor` says what is missing");
        self.report(diagnostic);
        None
    }
}

impl Evaluator<'_> {
    /// A call, standing alone or as a stage behind `input`.
    pub(super) fn call(
        &mut self,
        call: &ast::Call,
        input: Option<(Value, Span)>,
        expected: Option<&'static ParamType>,
    ) -> Value {
        let name = call.name.name.as_str();
        if let Some(ParamType::Variant(variants)) = expected
            && let Some(variant) = variants.iter().find(|variant| variant.name == name)
        {
            let args = self.arguments(name, variant.params, &call.args, call.span, None);
            return match args {
                Some(args) => Value::Variant(Variant {
                    name: variant.name,
                    args,
                    span: call.span,
                }),
                None => Value::Unknown,
            };
        }
        let Some(operation) = catalogue::operation(name) else {
            return self.unknown_callable(call, expected);
        };
        if let (Some(kind @ ParamType::Variant(variants)), None) = (expected, &input) {
            let message = format!("expected {}, found the operation `{name}`", kind.describe());
            let diagnostic = Diagnostic::new(&codes::WRONG_TYPE, call.name.span, message);
            self.report(match variants.iter().any(|variant| variant.name == "xfade") {
                true => diagnostic.help("clips go over into each other by `xfade(fade, duration: 1s)`"),
                false => diagnostic,
            });
            return Value::Unknown;
        }
        self.operation(operation, &call.args, call.span, call.name.span, input)
    }

    /// A bare word that names an operation, where a value is expected.
    pub(super) fn call_without_arguments(&mut self, name: &str, span: Span) -> Value {
        match catalogue::operation(name) {
            Some(operation) => self.operation(operation, &[], span, span, None),
            None => Value::Unknown,
        }
    }

    fn operation(
        &mut self,
        operation: &'static Operation,
        args: &[Arg],
        span: Span,
        name_span: Span,
        input: Option<(Value, Span)>,
    ) -> Value {
        let name = operation.name;
        let input = match (operation.input, input) {
            (Input::Nothing, None) => None,
            (Input::Nothing, Some((_, before))) => {
                let diagnostic = Diagnostic::new(
                    &codes::MISPLACED_OPERATION,
                    name_span,
                    format!("`{name}` makes a clip from nothing, so nothing can flow into it"),
                )
                .secondary(before, "this would be lost")
                .help("put it at the start of a pipeline of its own");
                self.report(diagnostic);
                return Value::Unknown;
            }
            (Input::Clip, None) => {
                let diagnostic = Diagnostic::new(
                    &codes::MISPLACED_OPERATION,
                    name_span,
                    format!("`{name}` changes a clip, and none flows into it"),
                )
                .help(format!("write it behind one: `clip | {name}(…)`"));
                self.report(diagnostic);
                return Value::Unknown;
            }
            (Input::Clip, Some((Value::Clip(clip), before))) => Some((clip, before)),
            (Input::Clip, Some((Value::Unknown, _))) => {
                if let Some(args) = self.arguments(name, operation.params, args, span, None) {
                    self.open_ahead(operation, &args);
                }
                return Value::Unknown;
            }
            (Input::Clip, Some((other, before))) => {
                let message = format!("`{name}` changes a clip, and this is {}", other.describe());
                return self.fail(&codes::WRONG_TYPE, before, message);
            }
        };
        let frame_rate = input
            .as_ref()
            .and_then(|(clip, _)| self.graph.video(clip.video?))
            .map(|v| v.frame_rate);
        let Some(args) = self.arguments(name, operation.params, args, span, frame_rate) else {
            return Value::Unknown;
        };
        let mut call = Call {
            evaluator: self,
            args,
            span,
            input,
        };
        (operation.build)(&mut call).unwrap_or(Value::Unknown)
    }

    /// Opens the subtitles of an operation on a clip of which nothing is known yet, so that nobody waits for one file, or
    /// for its mistakes, because of another.
    fn open_ahead(&mut self, operation: &Operation, args: &Args) {
        for param in operation.params {
            if let ParamType::Subtitles { charset } = param.kind
                && let (Some(path), Some(span)) = (args.text(param.name), args.span(param.name))
            {
                self.open_subtitles(path, args.text(charset), span);
            }
        }
    }

    fn unknown_callable(&mut self, call: &ast::Call, expected: Option<&'static ParamType>) -> Value {
        let name = call.name.name.as_str();
        let (what, known): (&str, Vec<&str>) = match expected {
            Some(ParamType::Variant(variants)) => ("choice", variants.iter().map(|v| v.name).collect()),
            _ => ("operation", catalogue::operations().map(|o| o.name).collect()),
        };
        let mut diagnostic = Diagnostic::new(
            &codes::UNKNOWN_OPERATION,
            call.name.span,
            format!("there is no {what} `{name}` here"),
        )
        .did_you_mean(call.name.span, name, known.iter().copied());
        if let Some(ours) = catalogue::alias_of(name).filter(|_| what == "operation") {
            diagnostic = diagnostic.help(format!("here it is `{ours}`; `vidc ops {ours}` tells about it"));
        } else if diagnostic.suggestions.is_empty() {
            diagnostic = match what {
                "choice" => diagnostic.help(format!("one of: {}", known.join(", "))),
                _ => diagnostic.help("`vidc ops` lists every operation"),
            };
        }
        self.report(diagnostic);
        Value::Unknown
    }
}
