//! Converts streams to what their encoder and container require, and selects subtitle tracks.

use vidc_dsl::Diagnostic;

use super::Evaluator;
use super::encoding;
use super::outputs::Target;
use crate::catalogue::codecs;
use crate::codes;
use crate::graph::{
    BLACK, Clip, ColorSpace, NodeId, NodeKind, PixelFormat, SubtitleSource, SubtitleTrack, Window,
};
use crate::output::{AudioCodec, Encoding, SubtitleCodec, TrackSpec, VideoCodec};
use crate::time::{Rational, Time};
use crate::value::{Size, Variant};

/// The frame rate of video made of still images alone.
const STILL_FRAME_RATE: Rational = Rational::new_raw(25, 1);

impl Evaluator<'_> {
    /// The track of a still image: the frame at the time that `frame(at:)` gives, or the first one.
    pub(super) fn still_track(
        &mut self,
        id: NodeId,
        variant: &Variant,
        target: &Target,
    ) -> Option<TrackSpec> {
        let container = target.container;
        if !container.still {
            let message = format!(
                "`frame` writes a still image, which `.{}` cannot hold",
                container.extension
            );
            self.report(
                Diagnostic::new(&codes::CODEC_NOT_IN_CONTAINER, variant.span, message)
                    .help("use an output name that ends in `.png` or `.jpg`"),
            );
            return None;
        }
        if !matches!(variant.name, "auto" | "frame") {
            let message = format!(
                "`.{}` is a still image and cannot hold `{}`",
                container.extension, variant.name
            );
            self.report(
                Diagnostic::new(&codes::CODEC_NOT_IN_CONTAINER, variant.span, message)
                    .help("use `video: frame(at: 3s)`, or leave out `video` for the first frame"),
            );
            return None;
        }
        let at = variant.args.get(&codecs::FRAME_AT);
        let ty = self.graph.video(id)?.clone();
        if let Some(duration) = ty.duration.filter(|duration| at >= *duration) {
            let at_span = variant.args.span_of(&codecs::FRAME_AT).unwrap_or(variant.span);
            let message = format!("there is no frame at {at}: the clip ends at {duration}");
            self.fail(&codes::WINDOW_AFTER_END, at_span, message);
            return None;
        }
        let span = target.span;
        let mut node = id;
        if !ty.still && at.is_positive() {
            let (shown, start) = self.graph.with_frame_at(node, at, span);
            node = self.graph.trim(shown, Window { start, end: None }, span);
        }
        let node = self.graph.prepare_still_image(node, span);
        let node = match container.extension {
            "png" => self.graph.ensure_rgb(node, span),
            _ => {
                let opaque = self.graph.flatten_alpha(node, BLACK, span);
                self.graph.ensure_jpeg_color(opaque, span)
            }
        };
        Some(TrackSpec {
            node,
            encoding: Encoding::Frame(encoding::still(container)),
        })
    }

    /// Reports an error if a stream never ends.
    pub(super) fn check_duration(&mut self, id: NodeId, target: &Target) -> Option<()> {
        if self.graph.node(id).ty.duration().is_some() {
            return Some(());
        }
        let message = "this clip never ends, so the output would not either";
        let diagnostic = Diagnostic::new(&codes::ENDLESS, target.clip_span, message)
            .help("give it a duration, such as `image(\"card.png\", duration: 5s)`, or add `| trim(..5s)`");
        self.report(diagnostic);
        None
    }

    /// Converts video to what an encoder requires: CFR, an even size, and a pixel format and color space it supports.
    pub(super) fn prepare_video(
        &mut self,
        id: NodeId,
        codec: VideoCodec,
        variant: &Variant,
        target: &Target,
    ) -> NodeId {
        let span = target.span;
        let name = codec.name();
        let mut node = self.graph.still_to_video(id, STILL_FRAME_RATE, span);
        node = self.graph.ensure_cfr(node, span);
        let Some(ty) = self.graph.video(node).cloned() else {
            return node;
        };
        if ty.color_space.is_hdr() && codec != VideoCodec::H265 {
            let message = format!("HDR video is converted to SDR for `{name}`");
            self.report(Diagnostic::new(&codes::CONFORMED, variant.span, message));
            node = self.graph.tone_map(node, span);
        }
        if codec == VideoCodec::Gif {
            let node = self.graph.ensure_rgb(node, span);
            let colors = variant.args.get(&codecs::GIF_COLORS);
            return self.graph.reduce_to_palette(node, colors, span);
        }
        if ty.pixels.alpha && codec != VideoCodec::Vp9 {
            let message = format!("`{name}` does not support transparency; transparent areas become black");
            self.report(Diagnostic::new(&codes::CONFORMED, target.clip_span, message));
            node = self.graph.flatten_alpha(node, BLACK, span);
        }
        node = self.graph.ensure_encodable_color(node, span);
        if codec == VideoCodec::Mpeg4 && !target.container.tags_color {
            let usual = ColorSpace::default_for_size(ty.size());
            node = self
                .graph
                .convert_color_fast(node, usual, PixelFormat::yuv420p(), span);
        }
        if ty.width < 2 || ty.height < 2 {
            let message = format!(
                "video encoders require at least 2x2 pixels, but this is {}",
                ty.size()
            );
            self.fail(&codes::OUT_OF_RANGE, target.clip_span, message);
        }
        let even = Size {
            width: (ty.width & !1).max(2),
            height: (ty.height & !1).max(2),
        };
        if even != ty.size() && ty.width > 1 && ty.height > 1 {
            let message = format!(
                "video encoders require an even width and height: {} is cropped to {even}",
                ty.size()
            );
            self.report(Diagnostic::new(&codes::ROUNDED, target.clip_span, message));
            node = self.graph.crop(node, even, (0, 0), span);
        }
        node
    }

    /// Converts audio to the length of its video, and to a sample rate and channel layout that an encoder supports.
    pub(super) fn prepare_audio(
        &mut self,
        id: NodeId,
        codec: AudioCodec,
        variant: &Variant,
        video: Option<&TrackSpec>,
        target: &Target,
    ) -> NodeId {
        let Some(ty) = self.graph.audio(id).cloned() else {
            return id;
        };
        let node = self.match_video_length(id, video, target);
        let supported = encoding::supported_audio(codec, &ty);
        if let Some(difference) = ty.difference(&supported) {
            let message = format!(
                "`{}` does not support this audio format: {difference}",
                codec.name()
            );
            self.report(Diagnostic::new(&codes::CONFORMED, variant.span, message));
        }
        self.graph.resample(node, &supported, target.span)
    }

    /// Cuts audio to the length of its video, or pads it with silence; reports it if the difference is audible.
    fn match_video_length(&mut self, id: NodeId, video: Option<&TrackSpec>, target: &Target) -> NodeId {
        let video = video.filter(|track| !matches!(track.encoding, Encoding::Frame(_)));
        let Some(video) = video.and_then(|track| self.graph.video(track.node)).cloned() else {
            return id;
        };
        let Some(audio) = self.graph.audio(id).cloned() else {
            return id;
        };
        let Some(length) = video.duration else { return id };
        let tolerance = Time::from_frames(1, video.frame_rate).max(Time::millis(40));
        let note = match audio.duration {
            Some(audio) if audio + tolerance < length => Some((
                &codes::SILENCE_ADDED,
                format!("the audio ends at {audio}, the video at {length}; silence fills the gap"),
            )),
            Some(audio) if audio > length + tolerance => Some((
                &codes::AUDIO_CUT,
                format!("the audio lasts {audio}, the video only {length}; the audio is cut to match"),
            )),
            _ => None,
        };
        if let Some((code, message)) = note {
            self.report(Diagnostic::new(code, target.clip_span, message));
        }
        let samples = length.frames(audio.rate());
        if audio
            .duration
            .is_some_and(|duration| duration.frames(audio.rate()) == samples)
            && matches!(
                self.graph.node(id).kind,
                NodeKind::FixedLength { .. } | NodeKind::Concat | NodeKind::Crossfade { .. }
            )
        {
            return id;
        }
        self.graph.fix_length(id, samples, target.span)
    }

    /// The clip's soft subtitles that the container supports; reports those that are dropped.
    pub(super) fn subtitle_tracks(&mut self, clip: &Clip, target: &Target) -> Vec<SubtitleTrack> {
        let container = target.container;
        let mut supported = Vec::new();
        for track in &clip.subtitles {
            let is_supported = match &track.source {
                SubtitleSource::Cues(_) => !container.subtitles.is_empty(),
                SubtitleSource::Stream { codec, .. } => {
                    container.supports_subtitles(codec)
                        || (!container.subtitles.is_empty() && SubtitleCodec::is_text(codec))
                }
            };
            if is_supported {
                supported.push(track.clone());
                continue;
            }
            // Nobody expects the subtitles of a film in a still image, a GIF or an audio file.
            if matches!(track.source, SubtitleSource::Stream { .. }) && container.video.len() < 2 {
                continue;
            }
            let message = format!(
                "`.{}` does not support these subtitles; they are dropped",
                container.extension
            );
            let diagnostic = Diagnostic::new(&codes::SUBTITLES_DROPPED, track.origin, message)
                .secondary(target.span, "written here")
                .help("write `.mkv`, which supports all of them, or burn them into the video");
            self.report(diagnostic);
        }
        supported
    }
}
