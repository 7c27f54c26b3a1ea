//! A call of an operation: its checked arguments, its input clip, and the graph it adds nodes to.

use vidc_dsl::{Code, Diagnostic, Span};

use crate::codes;
use crate::facts::{Facts, SubtitleFile};
use crate::graph::{AudioType, Clip, Graph, NodeId, VideoType};
use crate::param::{FromValue, Param};
use crate::plan::FilterName;
use crate::time::Time;
use crate::value::{Args, Value};

/// A call of an operation: its checked arguments, its input clip, and the graph it adds nodes to.
pub struct Call<'c> {
    context: &'c mut dyn BuildContext,
    /// The arguments, with defaults filled in.
    pub args: Args,
    /// The whole call.
    pub span: Span,
    input: Option<(Clip, Span)>,
}

/// The parts of the evaluator that operations use to build their nodes.
///
/// A trait object hides the evaluator's lifetime from operations.
pub(crate) trait BuildContext {
    fn graph(&mut self) -> &mut Graph;
    fn facts(&self) -> &Facts;
    fn report(&mut self, diagnostic: Diagnostic);
    fn media(&mut self, path: &str, span: Span) -> Option<Clip>;
    fn subtitle_file(&mut self, path: &str, charset: Option<&str>, span: Span) -> Option<SubtitleFile>;
}

impl<'c> Call<'c> {
    /// A call at `span`, with the clip that flows into it and the span of that clip's expression.
    pub(crate) fn new(
        context: &'c mut dyn BuildContext,
        args: Args,
        span: Span,
        input: Option<(Clip, Span)>,
    ) -> Self {
        Call {
            context,
            args,
            span,
            input,
        }
    }

    /// The graph under construction.
    pub fn graph(&mut self) -> &mut Graph {
        self.context.graph()
    }

    /// The probed media, fonts and FFmpeg capabilities.
    pub fn facts(&self) -> &Facts {
        self.context.facts()
    }

    /// The input clip; empty for operations that take none.
    pub fn clip(&self) -> Clip {
        self.input
            .as_ref()
            .map(|(clip, _)| clip.clone())
            .unwrap_or_default()
    }

    /// Opens a media file as a clip; problems are reported at `span`.
    pub fn media(&mut self, path: &str, span: Span) -> Option<Clip> {
        self.context.media(path, span)
    }

    /// Opens a subtitle file, decoding it from `charset` if given; problems are reported at `span`.
    pub fn subtitle_file(&mut self, path: &str, charset: Option<&str>, span: Span) -> Option<SubtitleFile> {
        self.context.subtitle_file(path, charset, span)
    }

    /// Reads an argument.
    pub fn get<T: FromValue>(&self, param: &Param<T>) -> T {
        self.args.get(param)
    }

    /// The span of an argument, or of the whole call if the argument is a default.
    pub fn arg_span<T>(&self, param: &Param<T>) -> Span {
        self.args.span_of(param).unwrap_or(self.span)
    }

    /// The span of the expression that yields the input clip.
    pub fn input_span(&self) -> Option<Span> {
        self.input.as_ref().map(|(_, span)| *span)
    }

    /// Warns that the subtitles embedded in a media file are dropped because this call changes their timing.
    pub fn warn_subtitles_dropped(&mut self, media: &str, span: Span) {
        let diagnostic = Diagnostic::new(
            &codes::SUBTITLES_DROPPED,
            span,
            format!("the subtitles embedded in `{media}` cannot be retimed and are dropped from here on"),
        )
        .help("extract them to a separate file and add it with `subtitles(…, mode: soft)`");
        self.report(diagnostic);
    }

    /// Reports a diagnostic.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.context.report(diagnostic);
    }

    /// Reports an error at `span` and returns `None`, which fails the operation.
    pub fn fail<T>(&mut self, code: &'static Code, span: Span, message: impl Into<String>) -> Option<T> {
        self.report(Diagnostic::new(code, span, message));
        None
    }

    /// The input clip's video stream; reports an error if it has none.
    pub fn video(&mut self) -> Option<(NodeId, VideoType)> {
        let clip = self.clip();
        self.video_of(&clip, self.input.as_ref().map(|(_, span)| *span))
    }

    /// A clip's video stream; reports an error if it has none, pointing also at `clip_span`.
    pub fn video_of(&mut self, clip: &Clip, clip_span: Option<Span>) -> Option<(NodeId, VideoType)> {
        let found = clip
            .video
            .and_then(|id| Some((id, self.graph().video(id)?.clone())));
        if found.is_none() {
            self.report_missing_stream(&codes::NO_VIDEO, "video", clip_span);
        }
        found
    }

    /// The input clip's audio stream; reports an error if it has none.
    pub fn audio(&mut self) -> Option<(NodeId, AudioType)> {
        let clip = self.clip();
        self.audio_of(&clip, self.input.as_ref().map(|(_, span)| *span))
    }

    /// A clip's audio stream; reports an error if it has none, pointing also at `clip_span`.
    pub fn audio_of(&mut self, clip: &Clip, clip_span: Option<Span>) -> Option<(NodeId, AudioType)> {
        let found = clip
            .audio
            .and_then(|id| Some((id, self.graph().audio(id)?.clone())));
        if found.is_none() {
            self.report_missing_stream(&codes::NO_AUDIO, "audio", clip_span);
        }
        found
    }

    fn report_missing_stream(&mut self, code: &'static Code, kind: &str, clip_span: Option<Span>) {
        let mut diagnostic = Diagnostic::new(
            code,
            self.span,
            format!("this needs {kind}, but the clip has none"),
        )
        .label(format!("needs {kind}"));
        if let Some(span) = clip_span {
            diagnostic = diagnostic.secondary(span, format!("has no {kind}"));
        }
        self.report(diagnostic);
    }

    /// A clip's duration; reports an error if it never ends.
    pub fn duration_of(&mut self, clip: &Clip, span: Span) -> Option<Time> {
        let duration = self.graph().duration(clip);
        if duration.is_none() {
            let diagnostic = Diagnostic::new(&codes::ENDLESS, span, "this clip never ends").help(
                "give it a duration, such as `image(\"card.png\", duration: 5s)`, or add `| trim(..5s)`",
            );
            self.report(diagnostic);
        }
        duration
    }

    /// The input clip with its video stream replaced.
    pub fn with_video(&self, video: NodeId) -> Option<Value> {
        Some(Value::Clip(Clip {
            video: Some(video),
            ..self.clip()
        }))
    }

    /// The input clip with its audio stream replaced.
    pub fn with_audio(&self, audio: NodeId) -> Option<Value> {
        Some(Value::Clip(Clip {
            audio: Some(audio),
            ..self.clip()
        }))
    }

    /// Reports an error and returns `None` if the target FFmpeg does not have a filter.
    pub fn require_filter(&mut self, filter: FilterName) -> Option<()> {
        if self.facts().ffmpeg.has_filter(filter) {
            return Some(());
        }
        let version = self.facts().ffmpeg.version;
        let diagnostic = Diagnostic::new(
            &codes::NOT_IN_FFMPEG,
            self.span,
            format!("this needs the filter `{filter}`, which the installed FFmpeg {version} does not have"),
        )
        .help("install a full FFmpeg build; `vidc doctor` lists what is missing");
        self.report(diagnostic);
        None
    }
}
