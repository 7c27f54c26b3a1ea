//! A call of an operation: its checked arguments, its input clip, and the graph it adds nodes to.

use vidc_dsl::{Code, Diagnostic, Span};

use crate::codes;
use crate::facts::{Facts, SubtitleFile};
use crate::graph::{AudioType, Clip, Graph, NodeId, VideoType};
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

    /// The graph.
    pub fn graph(&mut self) -> &mut Graph {
        self.context.graph()
    }

    /// What is known of the world.
    pub fn facts(&self) -> &Facts {
        self.context.facts()
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
        self.context.media(path, span)
    }

    /// Reads a subtitle file, in a character set if one is told; what is wrong with it is said at `span`.
    pub fn subtitle_file(&mut self, path: &str, charset: Option<&str>, span: Span) -> Option<SubtitleFile> {
        self.context.subtitle_file(path, charset, span)
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
        self.context.report(diagnostic);
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
