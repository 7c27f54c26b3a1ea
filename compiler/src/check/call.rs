//! Calls: their arguments against the catalogue, and what an operation sees of its own call.

use vidc_dsl::ast::{self, Arg};
use vidc_dsl::{Code, Diagnostic, Span};

use super::Checker;
use crate::catalogue::{self, Args, Default, Input, Kind, Operation, Param, Refusal, VariantDef};
use crate::codes;
use crate::facts::{Facts, SubtitleFile};
use crate::graph::{AudioType, Clip, Graph, NodeId, VideoType};
use crate::time::{Rational, Time};
use crate::value::{Value, Variant};

/// One call of an operation: its arguments, checked and complete, and the graph it adds to.
pub struct Call<'c> {
    checker: &'c mut dyn Workshop,
    /// The arguments.
    pub args: Args,
    /// The whole call.
    pub span: Span,
    input: Option<(Clip, Span)>,
}

/// What a call needs of the checker; it hides the checker's lifetime from operations.
pub(crate) trait Workshop {
    fn graph(&mut self) -> &mut Graph;
    fn facts(&self) -> &Facts;
    fn report(&mut self, diagnostic: Diagnostic);
    fn media(&mut self, path: &str, span: Span) -> Option<Clip>;
    fn subtitle_file(&mut self, path: &str, charset: Option<&str>, span: Span) -> Option<SubtitleFile>;
}

impl Workshop for Checker<'_> {
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
        self.checker.graph()
    }

    /// What is known of the world.
    pub fn facts(&self) -> &Facts {
        self.checker.facts()
    }

    /// The clip that flows in; empty for operations that take none.
    pub fn clip(&self) -> Clip {
        self.input.as_ref().map(|(clip, _)| clip.clone()).unwrap_or_default()
    }

    /// Opens a media file as a clip; what is wrong with it is said at `span`.
    pub fn media(&mut self, path: &str, span: Span) -> Option<Clip> {
        self.checker.media(path, span)
    }

    /// Reads a subtitle file, in a character set if one is told; what is wrong with it is said at `span`.
    pub fn subtitle_file(&mut self, path: &str, charset: Option<&str>, span: Span) -> Option<SubtitleFile> {
        self.checker.subtitle_file(path, charset, span)
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
        self.checker.report(diagnostic);
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
        let found = clip.video.and_then(|id| Some((id, self.graph().video(id)?.clone())));
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
        let found = clip.audio.and_then(|id| Some((id, self.graph().audio(id)?.clone())));
        if found.is_none() {
            self.lacks(&codes::NO_AUDIO, "sound", of);
        }
        found
    }

    fn lacks(&mut self, code: &'static Code, what: &str, of: Option<Span>) {
        let mut diagnostic =
            Diagnostic::new(code, self.span, format!("this needs {what}, and the clip has none"))
                .label(format!("needs {what}"));
        if let Some(span) = of {
            diagnostic = diagnostic.also(span, format!("has no {}", what.trim_start_matches("a ")));
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
        Some(Value::Clip(Clip { video: Some(video), ..self.clip() }))
    }

    /// The clip that flows in with another sound.
    pub fn with_audio(&self, audio: NodeId) -> Option<Value> {
        Some(Value::Clip(Clip { audio: Some(audio), ..self.clip() }))
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

/// What can be given in a call.
#[derive(Clone, Copy)]
pub(super) struct Parameters {
    pub(super) params: &'static [Param],
    /// Whether the first may be given by position.
    pub(super) positional: bool,
}

impl Parameters {
    fn of(operation: &'static Operation) -> Self {
        Parameters { params: operation.params, positional: true }
    }
}

fn settings(variant: &'static VariantDef) -> Parameters {
    Parameters { params: variant.params, positional: variant.positional }
}

impl Checker<'_> {
    /// A call, standing alone or as a stage behind `input`.
    pub(super) fn call(
        &mut self,
        call: &ast::Call,
        input: Option<(Value, Span)>,
        expected: Option<&'static Kind>,
    ) -> Value {
        let name = call.name.name.as_str();
        if let Some(Kind::Variant(variants)) = expected
            && let Some(variant) = variants.iter().find(|variant| variant.name == name)
        {
            let args = self.arguments(name, settings(variant), &call.args, call.span, None);
            return match args {
                Some(args) => Value::Variant(Variant { name: variant.name, args, span: call.span }),
                None => Value::Unknown,
            };
        }
        let Some(operation) = catalogue::operation(name) else {
            return self.unknown_callable(call, expected);
        };
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
                    &codes::NOT_A_STAGE,
                    name_span,
                    format!("`{name}` makes a clip from nothing, so nothing can flow into it"),
                )
                .also(before, "this would be lost")
                .help("put it at the start of a pipeline of its own");
                self.report(diagnostic);
                return Value::Unknown;
            }
            (Input::Clip, None) => {
                let diagnostic = Diagnostic::new(
                    &codes::NOT_A_STAGE,
                    name_span,
                    format!("`{name}` changes a clip, and none flows into it"),
                )
                .help(format!("write it behind one: `clip | {name}(…)`"));
                self.report(diagnostic);
                return Value::Unknown;
            }
            (Input::Clip, Some((Value::Clip(clip), before))) => Some((clip, before)),
            (Input::Clip, Some((Value::Unknown, _))) => {
                self.arguments(name, Parameters::of(operation), args, span, None);
                return Value::Unknown;
            }
            (Input::Clip, Some((other, before))) => {
                let message = format!("`{name}` changes a clip, and this is {}", other.describe());
                return self.fail(&codes::WRONG_TYPE, before, message);
            }
        };
        let frame_rate = input.as_ref().and_then(|(clip, _)| self.graph.video(clip.video?)).map(|v| v.frame_rate);
        let Some(args) = self.arguments(name, Parameters::of(operation), args, span, frame_rate) else {
            return Value::Unknown;
        };
        let mut call = Call { checker: self, args, span, input };
        (operation.build)(&mut call).unwrap_or(Value::Unknown)
    }

    fn unknown_callable(&mut self, call: &ast::Call, expected: Option<&'static Kind>) -> Value {
        let name = call.name.name.as_str();
        let (what, known): (&str, Vec<&str>) = match expected {
            Some(Kind::Variant(variants)) => ("choice", variants.iter().map(|v| v.name).collect()),
            _ => ("operation", catalogue::operations().map(|o| o.name).collect()),
        };
        let mut diagnostic = Diagnostic::new(
            &codes::UNKNOWN_OPERATION,
            call.name.span,
            format!("there is no {what} `{name}` here"),
        )
        .did_you_mean(call.name.span, name, known.iter().copied());
        if diagnostic.suggestions.is_empty() {
            diagnostic = match what {
                "choice" => diagnostic.help(format!("one of: {}", known.join(", "))),
                _ => diagnostic.help("`vidc ops` lists every operation"),
            };
        }
        self.report(diagnostic);
        Value::Unknown
    }

    /// Checks arguments against parameters, and fills in defaults. None if any is wrong or unknown.
    pub(super) fn arguments(
        &mut self,
        callee: &str,
        parameters: Parameters,
        args: &[Arg],
        span: Span,
        frame_rate: Option<Rational>,
    ) -> Option<Args> {
        let Parameters { params, positional } = parameters;
        let mut checked = Args::default();
        let mut sound = true;
        for arg in args {
            let param = match &arg.name {
                None => params.first().filter(|_| positional),
                Some(name) => params.iter().find(|param| param.name == name.name),
            };
            let Some(param) = param else {
                self.unknown_parameter(callee, params, arg);
                sound = false;
                continue;
            };
            let value = self.eval(&arg.value, Some(&param.kind));
            let accepted = self.accept(&param.kind, value, arg.value.span, frame_rate);
            sound &= accepted.is_some();
            checked.insert(param.name, accepted.unwrap_or(Value::Unknown), arg.value.span);
        }
        for param in params {
            if checked.span(param.name).is_some() && checked.get(param.name).is_some() {
                continue;
            }
            match param.default {
                Default::Absent => {}
                Default::Value(constant) => {
                    let value = self.accept(&param.kind, constant.value(), span, frame_rate)?;
                    checked.replace(param.name, value, span);
                }
                Default::Required => {
                    sound = false;
                    let message = format!("`{callee}` needs `{}`", param.name);
                    let diagnostic = Diagnostic::new(&codes::MISSING_ARGUMENT, span, message)
                        .label(format!("`{}` is missing", param.name))
                        .help(format!("`{}`: {}; {}", param.name, param.help, param.kind.describe()));
                    self.report(diagnostic);
                }
            }
        }
        (sound && !checked.any_unknown()).then_some(checked)
    }

    fn unknown_parameter(&mut self, callee: &str, params: &[Param], arg: &Arg) {
        let known: Vec<&str> = params.iter().map(|param| param.name).collect();
        let (written, at) = match &arg.name {
            Some(name) => (name.name.as_str(), name.span),
            None => ("", arg.span),
        };
        let message = match written {
            "" if !params.is_empty() => format!("`{callee}` takes its settings by name"),
            "" => format!("`{callee}` takes nothing"),
            name => format!("`{callee}` has no parameter `{name}`"),
        };
        let mut diagnostic =
            Diagnostic::new(&codes::UNKNOWN_PARAMETER, at, message).did_you_mean(at, written, known.iter().copied());
        if diagnostic.suggestions.is_empty() && !known.is_empty() {
            diagnostic = diagnostic.help(format!("it has: {}", known.join(", ")));
        }
        self.report(diagnostic);
        // What it holds may be wrong as well, and is worth saying in the same run.
        self.eval(&arg.value, None);
    }

    /// What a parameter makes of a value; says why not.
    pub(super) fn accept(
        &mut self,
        kind: &'static Kind,
        value: Value,
        span: Span,
        frame_rate: Option<Rational>,
    ) -> Option<Value> {
        if matches!(value, Value::Unknown | Value::Null) {
            return Some(value);
        }
        match (kind, value) {
            (Kind::List(item), Value::List(values)) => {
                let mut accepted = Vec::new();
                let mut sound = true;
                for (value, span) in values {
                    match self.accept(item, value, span, frame_rate) {
                        Some(value) => accepted.push((value, span)),
                        None => sound = false,
                    }
                }
                sound.then_some(Value::List(accepted))
            }
            (Kind::Record(params), Value::Record(fields)) => self.accept_record(params, fields, span, frame_rate),
            (Kind::Variant(variants), Value::Symbol(name)) => {
                let Some(variant) = variants.iter().find(|variant| variant.name == name) else {
                    return self.refuse(kind, &Value::Symbol(name.clone()), span, Refusal::UnknownWord(name));
                };
                let args = self.arguments(variant.name, settings(variant), &[], span, frame_rate)?;
                Some(Value::Variant(Variant { name: variant.name, args, span }))
            }
            (Kind::Variant(variants), Value::Variant(variant))
                if variants.iter().any(|known| known.name == variant.name) =>
            {
                Some(Value::Variant(variant))
            }
            (kind, value) => match kind.accept(value.clone(), frame_rate) {
                Ok(value) => Some(value),
                Err(refusal) => self.refuse(kind, &value, span, refusal),
            },
        }
    }

    fn accept_record(
        &mut self,
        params: &'static [Param],
        fields: Vec<(String, Value, Span)>,
        span: Span,
        frame_rate: Option<Rational>,
    ) -> Option<Value> {
        let mut accepted = Vec::new();
        let mut sound = true;
        for (name, value, at) in fields {
            let Some(param) = params.iter().find(|param| param.name == name) else {
                let known = params.iter().map(|param| param.name);
                let diagnostic =
                    Diagnostic::new(&codes::UNKNOWN_PARAMETER, at, format!("there is no field `{name}` here"))
                        .help(format!("it has: {}", known.collect::<Vec<_>>().join(", ")));
                self.report(diagnostic);
                sound = false;
                continue;
            };
            match self.accept(&param.kind, value, at, frame_rate) {
                Some(value) => accepted.push((name, value, at)),
                None => sound = false,
            }
        }
        for param in params.iter().filter(|param| param.default == Default::Required) {
            if !accepted.iter().any(|(name, ..)| name == param.name) && sound {
                let message = format!("the field `{}` is missing", param.name);
                self.fail(&codes::MISSING_ARGUMENT, span, message);
                sound = false;
            }
        }
        sound.then_some(Value::Record(accepted))
    }

    fn refuse(&mut self, kind: &Kind, value: &Value, span: Span, refusal: Refusal) -> Option<Value> {
        let wanted = kind.describe();
        let diagnostic = match refusal {
            Refusal::Mismatch => Diagnostic::new(
                &codes::WRONG_TYPE,
                span,
                format!("expected {wanted}, found {}", value.describe()),
            ),
            Refusal::NeedsUnit(unit) => Diagnostic::new(
                &codes::MISSING_UNIT,
                span,
                format!("expected {wanted}, found a plain number"),
            )
            .suggest(Span { start: span.end, ..span }, unit, format!("write the unit: `{unit}`")),
            Refusal::OutOfRange(range) => {
                Diagnostic::new(&codes::OUT_OF_RANGE, span, format!("out of range: {range}"))
            }
            Refusal::UnknownWord(word) => {
                let words = kind.words();
                Diagnostic::new(&codes::UNKNOWN_WORD, span, format!("expected {wanted}, found `{word}`"))
                    .did_you_mean(span, &word, words.iter().copied())
            }
            Refusal::FramesWithoutClip => Diagnostic::new(
                &codes::WRONG_TYPE,
                span,
                "there is no clip here whose rate would say how long a frame is",
            )
            .help("write a time instead, such as `500ms`"),
            Refusal::EmptyRange => {
                Diagnostic::new(&codes::OUT_OF_RANGE, span, "the range ends before it starts, or at once")
            }
        };
        self.report(diagnostic);
        None
    }
}
