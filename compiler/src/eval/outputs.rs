//! Evaluates `output` statements: chooses the container and decides how each track is written.

use vidc_dsl::ast::Output;
use vidc_dsl::{Diagnostic, Span};

use super::Evaluator;
use super::encoding::{self, ChosenEncoder};
use crate::catalogue::codecs::{MPEG4_QUALITY, PCM_BITS, VIDEO_BITRATE, X26X_CRF};
use crate::catalogue::output;
use crate::codes;
use crate::graph::{Clip, CopyObstacle, NodeId};
use crate::output::{CONTAINERS, Container, Encoder, Encoding, MediaKind, OutputSpec, TrackCodec, TrackSpec};
use crate::value::{Args, Variant};

impl Evaluator<'_> {
    pub(super) fn outputs(&mut self) {
        let recipe = self.recipe;
        let mut names: Vec<(String, Span)> = Vec::new();
        for output in &recipe.outputs {
            self.output(output, &mut names);
        }
    }

    /// Evaluates one statement; `names` are those of the outputs before it.
    fn output(&mut self, output: &Output, names: &mut Vec<(String, Span)>) -> Option<()> {
        let args = self.arguments("output", output::OUTPUT, &output.args, output.span, None)?;
        let name = args.get(&output::TO);
        let name_span = args.span_of(&output::TO).unwrap_or(output.span);
        let container = self.container(&name, name_span);
        self.check_unique_name(&name, name_span, names);
        let clip = args.get(&output::FROM);
        let target = Target {
            container: container?,
            span: output.span,
            clip_span: args.span_of(&output::FROM).unwrap_or(output.span),
        };
        let video = self.track(MediaKind::Video, &clip, &args.get(&output::VIDEO), &target, None)?;
        let audio = args.get(&output::AUDIO);
        let audio = self.track(MediaKind::Audio, &clip, &audio, &target, video.as_ref())?;
        if video.is_none() && audio.is_none() {
            let reason = match (clip.video.is_some(), clip.audio.is_some()) {
                (true, false) => "the clip has only video",
                (false, true) => "the clip has only audio",
                _ => "both the video and the audio of the clip are left out",
            };
            let message = format!("`{name}` would be empty: {reason}");
            self.fail(&codes::NOTHING_TO_WRITE, output.span, message);
            return None;
        }
        let subtitles = self.subtitle_tracks(&clip, &target);
        let title = args.get(&output::TITLE);
        self.graph.outputs.push(OutputSpec {
            name,
            container: target.container,
            video,
            audio,
            subtitles,
            title,
            clock: None,
            origin: output.span,
        });
        Some(())
    }

    /// The container for an output's name; reports an error if the name is invalid or the container cannot be written.
    fn container(&mut self, name: &str, span: Span) -> Option<&'static Container> {
        let parts = || name.split(['/', '\\']);
        if name.starts_with(['/', '\\'])
            || parts().any(|part| part == ".." || part == ".")
            || name.contains('\0')
        {
            let message = format!("`{name}` is not a path inside the output folder");
            let diagnostic = Diagnostic::new(&codes::BAD_OUTPUT_NAME, span, message)
                .help("give a file name; `-o DIR` sets the output folder");
            self.report(diagnostic);
            return None;
        }
        let Some(container) = Container::for_file_name(name) else {
            let known = CONTAINERS.iter().map(|container| container.extension);
            let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
            let message = match extension {
                "" => format!("`{name}` has no file extension, which selects the container"),
                extension => format!("vidc cannot write `.{extension}` files"),
            };
            let diagnostic = Diagnostic::new(&codes::UNKNOWN_CONTAINER, span, message).help(format!(
                "use one of these extensions: {}",
                known.collect::<Vec<_>>().join(", ")
            ));
            self.report(diagnostic);
            return None;
        };
        if !self.facts.ffmpeg.muxers.contains(container.muxer.name()) {
            let version = self.facts.ffmpeg.version;
            let message = format!(
                "the installed FFmpeg {version} cannot write `.{}` files",
                container.extension
            );
            let diagnostic = Diagnostic::new(&codes::NOT_IN_FFMPEG, span, message).help(FULL_BUILD);
            self.report(diagnostic);
            return None;
        }
        Some(container)
    }

    fn check_unique_name(&mut self, name: &str, span: Span, names: &mut Vec<(String, Span)>) {
        // File systems that ignore case would overwrite one with the other.
        match names.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some((_, first)) => {
                let diagnostic = Diagnostic::new(
                    &codes::DUPLICATE_OUTPUT,
                    span,
                    format!("`{name}` is written twice"),
                )
                .label("written again here")
                .secondary(*first, "first written here");
                self.report(diagnostic);
            }
            None => names.push((name.to_owned(), span)),
        }
    }

    /// The output's track of a kind: `Some(None)` if it has none, `None` after an error.
    ///
    /// `variant` is the codec that the recipe asks for. Audio gets the length of `video`, the output's video track.
    fn track(
        &mut self,
        kind: MediaKind,
        clip: &Clip,
        variant: &Variant,
        target: &Target,
        video: Option<&TrackSpec>,
    ) -> Option<Option<TrackSpec>> {
        let container = target.container;
        let codecs = container.codecs(kind);
        let node = match kind {
            MediaKind::Video => clip.video,
            MediaKind::Audio => clip.audio,
        };
        let Some(node) = node else {
            return self.missing_track(kind, variant, target);
        };
        let is_auto = variant.name == "auto";
        let is_left_out = codecs.is_empty() || (kind == MediaKind::Audio && container.still);
        if variant.name == "none" || (is_auto && is_left_out) {
            return Some(None);
        }
        if kind == MediaKind::Video && (container.still || variant.name == "frame") {
            return self.still_track(node, variant, target).map(Some);
        }
        let node = self.graph.skip_no_ops(node);
        self.check_settings(variant)?;
        let copyable = self.graph.check_copy(node, container, self.facts);
        if variant.name == "copy" {
            return self.copied_track(node, copyable, variant, target).map(Some);
        }
        let codec = match is_auto {
            true => *codecs.first()?,
            false => TrackCodec::from_name(kind, variant.name)?,
        };
        self.check_codec(&codecs, codec, variant, target)?;
        if video.is_none() {
            self.check_duration(node, target)?;
        }
        let encoding = if is_auto { Encoding::Auto } else { Encoding::Encode };
        if is_auto && copyable.is_ok() {
            let mut chosen =
                encoding::encoder(codec, &Args::default(), container, &self.graph.node(node).ty)?;
            // Warnings are about encoding, and the track is about to be copied.
            chosen.warnings.clear();
            let encoder = self.available_encoder(chosen, variant.span)?;
            return Some(Some(TrackSpec {
                node,
                encoding: encoding(encoder),
            }));
        }
        let node = match codec {
            TrackCodec::Video(codec) => self.prepare_video(node, codec, variant, target),
            TrackCodec::Audio(codec) => self.prepare_audio(node, codec, variant, video, target),
        };
        let chosen = encoding::encoder(codec, &variant.args, container, &self.graph.node(node).ty)?;
        let encoder = self.available_encoder(chosen, variant.span)?;
        Some(Some(TrackSpec {
            node,
            encoding: encoding(encoder),
        }))
    }

    /// Handles a clip without the stream for a track, which is an error only if the recipe asks for that track.
    fn missing_track(
        &mut self,
        kind: MediaKind,
        variant: &Variant,
        target: &Target,
    ) -> Option<Option<TrackSpec>> {
        if matches!(variant.name, "auto" | "none") {
            return Some(None);
        }
        let code = match kind {
            MediaKind::Video => &codes::NO_VIDEO,
            MediaKind::Audio => &codes::NO_AUDIO,
        };
        let kind = kind.name();
        let message = format!("`{}` was requested, but the clip has no {kind}", variant.name);
        let diagnostic = Diagnostic::new(code, variant.span, message)
            .secondary(target.clip_span, format!("has no {kind}"));
        self.report(diagnostic);
        None
    }

    /// Reports an error if `codec` is not one of the container's `codecs`.
    fn check_codec(
        &mut self,
        codecs: &[TrackCodec],
        codec: TrackCodec,
        variant: &Variant,
        target: &Target,
    ) -> Option<()> {
        if codecs.contains(&codec) {
            return Some(());
        }
        let message = format!(
            "`.{}` does not support `{}`",
            target.container.extension,
            codec.name()
        );
        let encodable: Vec<&str> = codecs
            .iter()
            .map(|codec| codec.name())
            .filter(|name| crate::catalogue::variants_named(name).next().is_some())
            .collect();
        let help = match encodable.is_empty() {
            true => "remove this argument, or choose another container".to_owned(),
            false => format!("use {}, or choose another container", encodable.join(", ")),
        };
        self.report(Diagnostic::new(&codes::CODEC_NOT_IN_CONTAINER, variant.span, message).help(help));
        None
    }

    /// Reports codec settings that contradict each other, or that no encoder supports.
    fn check_settings(&mut self, variant: &Variant) -> Option<()> {
        let args = &variant.args;
        // MP3 has the same two parameters as MPEG-4, and VP9 the same as H.264.
        for quality in [&X26X_CRF, &MPEG4_QUALITY] {
            if args.has(&quality.spec) && args.has(&VIDEO_BITRATE.spec) {
                let message = format!(
                    "`{}` and `bitrate` cannot be combined: one sets the quality, the other the file size",
                    quality.spec.name
                );
                let mut diagnostic = Diagnostic::new(&codes::CONFLICTING_PARAMETERS, variant.span, message);
                for param in [quality, &VIDEO_BITRATE] {
                    if let Some(span) = args.span_of(param) {
                        diagnostic = diagnostic.secondary(span, format!("`{}`", param.spec.name));
                    }
                }
                self.report(diagnostic);
                return None;
            }
        }
        let bits = args.get(&PCM_BITS);
        if !matches!(bits, 16 | 24 | 32) {
            let span = args.span_of(&PCM_BITS).unwrap_or(variant.span);
            let message = format!("`bits` must be 16, 24 or 32, not {bits}");
            self.fail(&codes::OUT_OF_RANGE, span, message);
            return None;
        }
        Some(())
    }

    /// The chosen encoder, with its warnings reported; reports an error if the target FFmpeg does not have it.
    fn available_encoder(&mut self, chosen: ChosenEncoder, span: Span) -> Option<Encoder> {
        if self.facts.ffmpeg.encoders.contains(chosen.encoder.name) {
            for warning in chosen.warnings {
                self.report(Diagnostic::new(&codes::DEPTH_REDUCED, span, warning));
            }
            return Some(chosen.encoder);
        }
        let version = self.facts.ffmpeg.version;
        let message = format!(
            "the installed FFmpeg {version} does not have the encoder `{}`",
            chosen.encoder.name
        );
        self.report(Diagnostic::new(&codes::NOT_IN_FFMPEG, span, message).help(FULL_BUILD));
        None
    }

    /// A stream-copied track; reports an error if the stream cannot be copied.
    fn copied_track(
        &mut self,
        node: NodeId,
        copyable: Result<(), CopyObstacle>,
        variant: &Variant,
        target: &Target,
    ) -> Option<TrackSpec> {
        let extension = target.container.extension;
        let (message, span, label) = match copyable {
            Ok(()) => {
                return Some(TrackSpec {
                    node,
                    encoding: Encoding::Copy,
                });
            }
            Err(CopyObstacle::Codec(codec)) => (
                format!("`{codec}` cannot be copied into `.{extension}`"),
                target.clip_span,
                format!("this is `{codec}`"),
            ),
            Err(CopyObstacle::Rotated(angle)) => (
                format!("`.{extension}` cannot store the rotation of copied video"),
                target.clip_span,
                match angle {
                    0 => "this is displayed mirrored".to_owned(),
                    angle => format!("this is displayed rotated by {angle}°"),
                },
            ),
            Err(CopyObstacle::TrimmedStart) => (
                format!("`.{extension}` cannot hide the beginning of a copied track"),
                target.clip_span,
                "the start of this was trimmed without re-encoding".to_owned(),
            ),
            Err(CopyObstacle::TrimmedEnd) => (
                "a copy would restore the end of the track, which the file hides".to_owned(),
                target.clip_span,
                "the end of this was trimmed without re-encoding".to_owned(),
            ),
            Err(CopyObstacle::Changed) => (
                "a track that the recipe changes cannot be copied".to_owned(),
                self.graph.node(node).origin,
                "changed here".to_owned(),
            ),
        };
        let diagnostic = Diagnostic::new(&codes::CANNOT_COPY, variant.span, message)
            .secondary(span, label)
            .help("use `auto`, which copies what it can and encodes the rest");
        self.report(diagnostic);
        None
    }
}

/// Help for everything that an FFmpeg build was compiled without.
const FULL_BUILD: &str = "install a full FFmpeg build; `vidc doctor` lists what is missing";

/// The destination of a track.
pub(super) struct Target {
    pub(super) container: &'static Container,
    /// The span of the `output` statement.
    pub(super) span: Span,
    /// The span of its `from` argument.
    pub(super) clip_span: Span,
}
