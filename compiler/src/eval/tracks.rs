//! What a track must be for its encoder and its container.

use vidc_dsl::Diagnostic;

use super::Evaluator;
use super::encoding;
use super::outputs::Target;
use crate::codes;
use crate::graph::{
    BLACK, Clip, ColorSpace, NodeId, NodeKind, PixelFormat, SubtitleSource, SubtitleTrack, Window,
};
use crate::output::{Encoding, TrackSpec};
use crate::time::Time;
use crate::value::Variant;

impl Evaluator<'_> {
    pub(super) fn poster(&mut self, id: NodeId, variant: &Variant, target: &Target) -> Option<TrackSpec> {
        let container = target.container;
        if !container.still {
            let message = format!(
                "`frame` makes a still image, and `.{}` is none",
                container.extension
            );
            self.report(
                Diagnostic::new(&codes::CODEC_NOT_IN_CONTAINER, variant.span, message)
                    .help("name the output `.png` or `.jpg`"),
            );
            return None;
        }
        if !matches!(variant.name, "auto" | "frame") {
            let message = format!(
                "`.{}` is a still image, and cannot hold `{}`",
                container.extension, variant.name
            );
            self.report(
                Diagnostic::new(&codes::CODEC_NOT_IN_CONTAINER, variant.span, message)
                    .help("write `video: frame(at: 3s)`, or leave `video` out for the first frame"),
            );
            return None;
        }
        let at = variant.args.time("at").unwrap_or_default();
        let ty = self.graph.video(id)?.clone();
        if let Some(duration) = ty.duration.filter(|duration| at >= *duration) {
            let place = variant.args.span("at").unwrap_or(variant.span);
            let message = format!("there is no frame at {at}: the clip ends at {duration}");
            self.fail(&codes::WINDOW_AFTER_END, place, message);
            return None;
        }
        let span = target.span;
        let mut node = id;
        if !ty.still && at.is_positive() {
            let (shown, start) = self.graph.with_frame_at(node, at, span);
            node = self.graph.trim(shown, Window { start, end: None }, span);
        }
        let node = self.graph.as_still(node, span);
        let node = match container.extension {
            "png" => self.graph.as_rgb(node, span),
            _ => {
                let opaque = self.graph.opaque(node, BLACK, span);
                self.graph.as_jpeg(opaque, span)
            }
        };
        Some(TrackSpec {
            node,
            encoding: Encoding::Frame(encoding::still(container)),
        })
    }

    pub(super) fn ends(&mut self, id: NodeId, target: &Target) -> Option<()> {
        if self.graph.node(id).ty.duration().is_some() {
            return Some(());
        }
        let diagnostic = Diagnostic::new(
            &codes::ENDLESS,
            target.from,
            "this clip never ends, so neither would the file",
        )
        .help("give it a duration, such as `image(\"card.png\", duration: 5s)`, or `| trim(..5s)`");
        self.report(diagnostic);
        None
    }

    /// What an encoder needs of a picture: frames, even sizes, SDR, even spacing; a palette.
    pub(super) fn for_video_encoder(
        &mut self,
        id: NodeId,
        codec: &str,
        variant: &Variant,
        target: &Target,
    ) -> NodeId {
        let span = target.span;
        let rate = crate::time::Rational::from_integer(25);
        let mut node = self.graph.moving(id, rate, span);
        node = self.graph.steady(node, span);
        let Some(ty) = self.graph.video(node).cloned() else {
            return node;
        };
        if ty.color_space.is_hdr() && codec != "h265" {
            let message = format!("the picture is HDR, and `{codec}` is written in SDR");
            self.report(Diagnostic::new(&codes::CONFORMED, variant.span, message));
            node = self.graph.tone_map(node, span);
        }
        if codec == "gif" {
            let node = self.graph.as_rgb(node, span);
            let colors = variant.args.number("colors").map_or(256, |n| n.to_integer());
            return self.graph.palette(node, colors, span);
        }
        if ty.pixels.alpha && codec != "vp9" {
            let message = format!("`{codec}` has no transparency: what shines through becomes black");
            self.report(Diagnostic::new(&codes::CONFORMED, target.from, message));
            node = self.graph.opaque(node, BLACK, span);
        }
        node = self.graph.for_encoding(node, span);
        if codec == "mpeg4" && !target.container.tags_color {
            let usual = ColorSpace::of_size(ty.size());
            node = self.graph.recolor_fast(node, usual, PixelFormat::yuv420p(), span);
        }
        if ty.width < 2 || ty.height < 2 {
            let message = format!("encoders need at least 2x2 pixels, and this has {}", ty.size());
            self.fail(&codes::OUT_OF_RANGE, target.from, message);
        }
        let even = crate::value::Size {
            width: (ty.width & !1).max(2),
            height: (ty.height & !1).max(2),
        };
        if even != ty.size() && ty.width > 1 && ty.height > 1 {
            let message = format!("encoders need even sizes: {} is cut to {even}", ty.size());
            self.report(Diagnostic::new(&codes::ROUNDED, target.from, message));
            node = self.graph.crop(node, even, (0, 0), span);
        }
        node
    }

    /// The sound cut to its picture, or followed by silence; said where it can be heard.
    pub(super) fn as_long_as_picture(
        &mut self,
        id: NodeId,
        video: Option<&TrackSpec>,
        target: &Target,
    ) -> NodeId {
        let picture = video.filter(|track| !matches!(track.encoding, Encoding::Frame(_)));
        let Some(picture) = picture.and_then(|track| self.graph.video(track.node)).cloned() else {
            return id;
        };
        let Some(sound) = self.graph.audio(id).cloned() else {
            return id;
        };
        let Some(length) = picture.duration else { return id };
        let grain = Time::from_frames(1, picture.frame_rate).max(Time::millis(40));
        let note = match sound.duration {
            Some(sound) if sound + grain < length => Some((
                &codes::SILENCE_ADDED,
                format!("the sound ends at {sound}, the picture at {length}; silence is added between"),
            )),
            Some(sound) if sound > length + grain => Some((
                &codes::AUDIO_CUT,
                format!("the sound lasts {sound}, the picture {length}, where the sound is cut"),
            )),
            _ => None,
        };
        if let Some((code, message)) = note {
            self.report(Diagnostic::new(code, target.from, message));
        }
        let samples = length.frames(sound.rate());
        if sound
            .duration
            .is_some_and(|duration| duration.frames(sound.rate()) == samples)
            && matches!(
                self.graph.node(id).kind,
                NodeKind::FixedLength { .. } | NodeKind::Concat | NodeKind::Crossfade { .. }
            )
        {
            return id;
        }
        self.graph.exact(id, samples, target.span)
    }

    pub(super) fn subtitle_tracks(&mut self, clip: &Clip, target: &Target) -> Vec<SubtitleTrack> {
        let container = target.container;
        let mut kept = Vec::new();
        for track in &clip.subtitles {
            let fits = match &track.source {
                SubtitleSource::Cues(_) => !container.subtitles.is_empty(),
                SubtitleSource::Stream { codec, .. } => {
                    container.subtitles.contains(&codec.as_str())
                        || (!container.subtitles.is_empty() && is_text(codec))
                }
            };
            if fits {
                kept.push(track.clone());
                continue;
            }
            // Nobody expects the subtitles of a film in a poster or a song.
            if matches!(track.source, SubtitleSource::Stream { .. }) && container.video.len() < 2 {
                continue;
            }
            let message = format!(
                "`.{}` cannot hold these subtitles; they are left out",
                container.extension
            );
            let diagnostic = Diagnostic::new(&codes::SUBTITLES_DROPPED, track.origin, message)
                .secondary(target.span, "written here")
                .help("write `.mkv`, which holds any, or burn them in");
            self.report(diagnostic);
        }
        kept
    }
}

/// Whether subtitles of a codec are text, which can become any other text.
fn is_text(codec: &str) -> bool {
    matches!(
        codec,
        "subrip" | "srt" | "ass" | "ssa" | "mov_text" | "webvtt" | "text"
    )
}
