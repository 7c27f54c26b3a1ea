//! The `output` statements: what is to be made, and whether that is possible.

use vidc_dsl::ast::Output;
use vidc_dsl::{Diagnostic, Span};

use super::Evaluator;
use super::encoding::{self, Chosen};
use crate::catalogue::OUTPUT;
use crate::codes;
use crate::graph::{Clip, NodeId, Obstacle};
use crate::output::{CONTAINERS, Container, Encoding, OutputSpec, TrackSpec};
use crate::value::Variant;

impl Evaluator<'_> {
    pub(super) fn outputs(&mut self) {
        let recipe = self.recipe;
        let mut names: Vec<(String, Span)> = Vec::new();
        for output in &recipe.outputs {
            self.output(output, &mut names);
        }
    }

    fn output(&mut self, output: &Output, names: &mut Vec<(String, Span)>) -> Option<()> {
        let args = self.arguments("output", OUTPUT, &output.args, output.span, None)?;
        let name = args.text("to")?.to_owned();
        let at = args.span("to").unwrap_or(output.span);
        let container = self.container(&name, at);
        self.is_new(&name, at, names);
        let clip = args.clip("from")?.clone();
        let from = args.span("from").unwrap_or(output.span);
        let container = container?;
        let target = Target {
            container,
            span: output.span,
            from,
        };
        let video = self.video_track(&clip, args.variant("video")?, &target)?;
        let audio = self.audio_track(&clip, args.variant("audio")?, &target, video.as_ref())?;
        if video.is_none() && audio.is_none() {
            let has = match (clip.video.is_some(), clip.audio.is_some()) {
                (true, false) => "only a picture",
                (false, true) => "only sound",
                _ => "both, and both are left out",
            };
            let message = format!("`{name}` would hold nothing: the clip has {has}");
            self.fail(&codes::NOTHING_TO_WRITE, output.span, message);
            return None;
        }
        let subtitles = self.subtitle_tracks(&clip, &target);
        let title = args.text("title").map(str::to_owned);
        self.graph.outputs.push(OutputSpec {
            name,
            container,
            video,
            audio,
            subtitles,
            title,
            clock: None,
            origin: output.span,
        });
        Some(())
    }

    fn container(&mut self, name: &str, at: Span) -> Option<&'static Container> {
        let parts = || name.split(['/', '\\']);
        if name.starts_with(['/', '\\'])
            || parts().any(|part| part == ".." || part == ".")
            || name.contains('\0')
        {
            let diagnostic = Diagnostic::new(
                &codes::BAD_OUTPUT_NAME,
                at,
                format!("`{name}` is not a path below the output folder"),
            )
            .help("name the file alone; `-o DIR` says where it goes");
            self.report(diagnostic);
            return None;
        }
        let Some(container) = Container::for_file_name(name) else {
            let known = CONTAINERS.iter().map(|container| container.extension);
            let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
            let message = match extension {
                "" => format!("`{name}` has no extension to say which container it is"),
                extension => format!("`.{extension}` is no container that vidc writes"),
            };
            let diagnostic = Diagnostic::new(&codes::UNKNOWN_CONTAINER, at, message)
                .help(format!("it writes {}", known.collect::<Vec<_>>().join(", ")));
            self.report(diagnostic);
            return None;
        };
        if !self.facts.ffmpeg.muxers.contains(container.muxer) {
            let version = self.facts.ffmpeg.version;
            let message = format!("FFmpeg {version} here cannot write `.{}`", container.extension);
            self.fail(&codes::NOT_IN_FFMPEG, at, message);
            return None;
        }
        Some(container)
    }

    fn is_new(&mut self, name: &str, at: Span, names: &mut Vec<(String, Span)>) {
        // File systems that ignore case would overwrite one with the other.
        match names.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some((_, first)) => {
                let diagnostic =
                    Diagnostic::new(&codes::DUPLICATE_OUTPUT, at, format!("`{name}` is written twice"))
                        .label("written again here")
                        .secondary(*first, "first written here");
                self.report(diagnostic);
            }
            None => names.push((name.to_owned(), at)),
        }
    }

    /// The picture's track, if the output has one. None if something is wrong.
    fn video_track(&mut self, clip: &Clip, variant: &Variant, target: &Target) -> Option<Option<TrackSpec>> {
        let container = target.container;
        let Some(id) = clip.video else {
            return self.missing(variant, "picture", &codes::NO_VIDEO, target);
        };
        if variant.name == "none" || (variant.name == "auto" && container.video.is_empty()) {
            return Some(None);
        }
        if container.still || variant.name == "frame" {
            return self.poster(id, variant, target).map(Some);
        }
        let id = self.graph.without_noops(id);
        self.settings_agree(variant)?;
        let copyable = self.graph.copyable(id, container, self.facts);
        if variant.name == "copy" {
            return self.copied(id, copyable, variant, target).map(Some);
        }
        let codec = if variant.name == "auto" {
            container.video[0]
        } else {
            variant.name
        };
        self.goes_into(container, container.video, codec, variant)?;
        self.ends(id, target)?;
        let automatic = variant.name == "auto" && copyable.is_ok();
        if automatic {
            let ty = self.graph.video(id)?.clone();
            let mut chosen = encoding::video(codec, None, container, &ty);
            // It is about to be copied.
            chosen.warnings.clear();
            let encoder = self.has_encoder(chosen, variant.span)?;
            return Some(Some(TrackSpec {
                node: id,
                encoding: Encoding::Auto(encoder),
            }));
        }
        let node = self.for_video_encoder(id, codec, variant, target);
        let ty = self.graph.video(node)?.clone();
        let chosen = encoding::video(codec, Some(&variant.args), container, &ty);
        let encoder = self.has_encoder(chosen, variant.span)?;
        let encoding = match variant.name {
            "auto" => Encoding::Auto(encoder),
            _ => Encoding::Encode(encoder),
        };
        Some(Some(TrackSpec { node, encoding }))
    }

    fn audio_track(
        &mut self,
        clip: &Clip,
        variant: &Variant,
        target: &Target,
        video: Option<&TrackSpec>,
    ) -> Option<Option<TrackSpec>> {
        let container = target.container;
        let still = container.still;
        let Some(id) = clip.audio else {
            return self.missing(variant, "sound", &codes::NO_AUDIO, target);
        };
        if variant.name == "none" || (variant.name == "auto" && (container.audio.is_empty() || still)) {
            return Some(None);
        }
        let id = self.graph.without_noops(id);
        self.settings_agree(variant)?;
        let copyable = self.graph.copyable(id, container, self.facts);
        if variant.name == "copy" {
            return self.copied(id, copyable, variant, target).map(Some);
        }
        let codec = if variant.name == "auto" {
            container.audio[0]
        } else {
            variant.name
        };
        self.goes_into(container, container.audio, codec, variant)?;
        if video.is_none() {
            self.ends(id, target)?;
        }
        let ty = self.graph.audio(id)?.clone();
        if variant.name == "auto" && copyable.is_ok() {
            let encoder = self.has_encoder(encoding::audio(codec, None, &ty), variant.span)?;
            return Some(Some(TrackSpec {
                node: id,
                encoding: Encoding::Auto(encoder),
            }));
        }
        let node = self.as_long_as_picture(id, video, target);
        let form = encoding::audio_form(codec, &ty);
        if let Some(difference) = ty.difference(&form) {
            let message = format!("`{codec}` does not have the sound's form: {difference}");
            self.report(Diagnostic::new(&codes::CONFORMED, variant.span, message));
        }
        let node = self.graph.resample(node, &form, target.span);
        let ty = self.graph.audio(node)?.clone();
        let encoder = self.has_encoder(encoding::audio(codec, Some(&variant.args), &ty), variant.span)?;
        let encoding = match variant.name {
            "auto" => Encoding::Auto(encoder),
            _ => Encoding::Encode(encoder),
        };
        Some(Some(TrackSpec { node, encoding }))
    }

    /// The clip lacks what a track would carry: fine, unless it was asked for.
    fn missing(
        &mut self,
        variant: &Variant,
        what: &str,
        code: &'static vidc_dsl::Code,
        target: &Target,
    ) -> Option<Option<TrackSpec>> {
        if matches!(variant.name, "auto" | "none") {
            return Some(None);
        }
        let message = format!("`{}` is asked for, and the clip has no {what}", variant.name);
        let diagnostic =
            Diagnostic::new(code, variant.span, message).secondary(target.from, format!("has no {what}"));
        self.report(diagnostic);
        None
    }

    fn goes_into(
        &mut self,
        container: &Container,
        taken: &[&str],
        codec: &str,
        variant: &Variant,
    ) -> Option<()> {
        if taken.contains(&codec) {
            return Some(());
        }
        let message = format!("`.{}` cannot hold `{codec}`", container.extension);
        let known: Vec<&str> = taken
            .iter()
            .copied()
            .filter(|name| crate::catalogue::variant(name).is_some())
            .collect();
        let help = match known.is_empty() {
            true => "it holds no such track; leave this out, or write another container".to_owned(),
            false => format!("it holds {}; or write another container", known.join(", ")),
        };
        self.report(Diagnostic::new(&codes::CODEC_NOT_IN_CONTAINER, variant.span, message).help(help));
        None
    }

    /// Settings of a codec that contradict each other, or that no encoder has.
    fn settings_agree(&mut self, variant: &Variant) -> Option<()> {
        let args = &variant.args;
        for quality in ["crf", "quality"] {
            if args.get(quality).is_some() && args.get("bitrate").is_some() {
                let message =
                    format!("`{quality}` asks for a quality and `bitrate` for a size; only one can hold");
                let mut diagnostic = Diagnostic::new(&codes::CONFLICTING_PARAMETERS, variant.span, message);
                for name in [quality, "bitrate"] {
                    if let Some(span) = args.span(name) {
                        diagnostic = diagnostic.secondary(span, format!("`{name}`"));
                    }
                }
                self.report(diagnostic);
                return None;
            }
        }
        let bits = args.number("bits").map(|bits| bits.to_integer());
        if bits.is_some_and(|bits| !matches!(bits, 16 | 24 | 32)) {
            let at = args.span("bits").unwrap_or(variant.span);
            self.fail(&codes::OUT_OF_RANGE, at, "samples have 16, 24 or 32 bits");
            return None;
        }
        Some(())
    }

    fn has_encoder(&mut self, chosen: Chosen, span: Span) -> Option<crate::output::Encoder> {
        if self.facts.ffmpeg.encoders.contains(chosen.encoder.name) {
            for warning in chosen.warnings {
                self.report(Diagnostic::new(&codes::DEPTH_REDUCED, span, warning));
            }
            return Some(chosen.encoder);
        }
        let version = self.facts.ffmpeg.version;
        let message = format!("FFmpeg {version} here has no encoder `{}`", chosen.encoder.name);
        self.report(
            Diagnostic::new(&codes::NOT_IN_FFMPEG, span, message)
                .help("install a full FFmpeg build; `vidc doctor` says what is missing"),
        );
        None
    }

    fn copied(
        &mut self,
        id: NodeId,
        copyable: Result<(), Obstacle>,
        variant: &Variant,
        target: &Target,
    ) -> Option<TrackSpec> {
        let extension = target.container.extension;
        let (message, place, label) = match copyable {
            Ok(()) => {
                return Some(TrackSpec {
                    node: id,
                    encoding: Encoding::Copy,
                });
            }
            Err(Obstacle::Codec(codec)) => (
                format!("`{codec}` cannot be copied into `.{extension}`"),
                target.from,
                format!("this is `{codec}`"),
            ),
            Err(Obstacle::Turned(angle)) => (
                format!("`.{extension}` does not keep that a picture is to be turned"),
                target.from,
                match angle {
                    0 => "this is to be mirrored".to_owned(),
                    angle => format!("this is to be turned by {angle}°"),
                },
            ),
            Err(Obstacle::Hidden) => (
                format!("`.{extension}` does not keep that the beginning of a track is hidden"),
                target.from,
                "this hides what was cut off without encoding".to_owned(),
            ),
            Err(Obstacle::HiddenEnd) => (
                "a copy would bring back what its file hides at the end".to_owned(),
                target.from,
                "the end of this was cut off without encoding".to_owned(),
            ),
            Err(Obstacle::Changed) => (
                "what is changed cannot be copied".to_owned(),
                self.graph.node(id).origin,
                "changed here".to_owned(),
            ),
        };
        let diagnostic = Diagnostic::new(&codes::CANNOT_COPY, variant.span, message)
            .secondary(place, label)
            .help("leave it to `auto`: it copies what can be copied, and encodes the rest");
        self.report(diagnostic);
        None
    }
}

/// Where a track goes.
pub(super) struct Target {
    pub(super) container: &'static Container,
    /// The output statement.
    pub(super) span: Span,
    /// Its `from`.
    pub(super) from: Span,
}
