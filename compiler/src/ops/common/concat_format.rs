//! The common format of clips that are joined, and the conversion of each clip to it.

use vidc_dsl::{Diagnostic, Span};

use super::audio_format;
use super::geometry::even;
use super::object_fit::{self, FitMode};
use crate::call::Call;
use crate::codes;
use crate::graph::{AudioType, BLACK, Clip, ColorSpace, Matrix, NodeId, PixelFormat, VideoType};
use crate::plan::{FilterCall, FilterName};
use crate::time::{Rational, Time, decimal};
use crate::value::Size;

/// The time grid of joins without video: milliseconds.
const AUDIO_GRID: Rational = Rational::new_raw(1000, 1);

/// The settings of a `concat` that override the format of its clips.
pub(in crate::ops) struct FormatOptions {
    pub(in crate::ops) fit: FitMode,
    pub(in crate::ops) size: Option<Size>,
    pub(in crate::ops) frame_rate: Option<Rational>,
}

/// The format that every clip is converted to.
pub(in crate::ops) struct ConcatFormat {
    /// None if no clip has video.
    pub(in crate::ops) video: Option<VideoFormat>,
    /// None if no clip has audio.
    pub(in crate::ops) audio: Option<AudioType>,
    fit: FitMode,
    /// The clip that determines the video format.
    reference: Span,
}

/// The common video format, with square pixels.
pub(in crate::ops) struct VideoFormat {
    size: Size,
    frame_rate: Rational,
    pixels: PixelFormat,
    color_space: ColorSpace,
}

/// A clip in the common format.
pub(in crate::ops) struct ConvertedClip {
    pub(in crate::ops) video: Option<NodeId>,
    /// Not yet trimmed or padded to the video. None if the clip has no audio.
    pub(in crate::ops) audio: Option<NodeId>,
    /// The duration, on the grid of the format.
    pub(in crate::ops) frames: i64,
    pub(in crate::ops) span: Span,
}

impl ConcatFormat {
    /// Determines the common format: what the options say, else the format of the first clip with video.
    pub(in crate::ops) fn new(
        call: &mut Call<'_>,
        clips: &[(Clip, Span)],
        options: &FormatOptions,
    ) -> ConcatFormat {
        let graph = call.graph();
        let types: Vec<(VideoType, Span)> = clips
            .iter()
            .filter_map(|(clip, span)| Some((graph.video(clip.video?)?.clone(), *span)))
            .collect();
        let reference = types.first().map_or(clips[0].1, |(_, span)| *span);
        let video = types.first().map(|(first, _)| {
            let types = types.iter().map(|(ty, _)| ty);
            let display = first.display_size();
            let even = |side: u32| even(Rational::from_integer(side.into()));
            let first_moving = types.clone().find(|ty| !ty.still).unwrap_or(first);
            let size = options.size.unwrap_or(Size {
                width: even(display.width),
                height: even(display.height),
            });
            let color_space = common_color_space(types.clone(), size);
            VideoFormat {
                size,
                frame_rate: options.frame_rate.unwrap_or(first_moving.frame_rate),
                pixels: common_pixel_format(types, color_space),
                color_space,
            }
        });
        let audio = clips.iter().filter_map(|(clip, _)| graph.audio(clip.audio?));
        ConcatFormat {
            video,
            audio: audio_format::widest(audio),
            fit: options.fit,
            reference,
        }
    }

    /// The positions per second that joins can be at.
    pub(in crate::ops) fn grid(&self) -> Rational {
        self.video.as_ref().map_or(AUDIO_GRID, |format| format.frame_rate)
    }

    /// Converts every clip, and reports what changes.
    pub(in crate::ops) fn convert_all(
        &self,
        call: &mut Call<'_>,
        clips: &[(Clip, Span)],
    ) -> Vec<ConvertedClip> {
        clips
            .iter()
            .map(|(clip, span)| self.convert(call, clip, *span))
            .collect()
    }

    fn convert(&self, call: &mut Call<'_>, clip: &Clip, span: Span) -> ConvertedClip {
        let duration = call.graph().duration(clip).unwrap_or_default();
        let frames = duration.frames(self.grid()).max(1);
        let mut changes = Vec::new();
        let video = self.video.as_ref().map(|format| match clip.video {
            Some(id) => self.convert_video(call, id, format, frames, span, &mut changes),
            None => {
                changes.push("it has no video, so black is shown".to_owned());
                black(call, format, frames, span)
            }
        });
        let audio = match (&self.audio, clip.audio) {
            (Some(format), Some(id)) => {
                let graph = call.graph();
                changes.extend(graph.audio(id).and_then(|ty| ty.difference(format)));
                Some(graph.resample(id, format, span))
            }
            _ => None,
        };
        if !changes.is_empty() {
            let message = format!("converted to the common format: {}", changes.join("; "));
            let mut note = Diagnostic::new(&codes::CONFORMED, span, message);
            if self.reference != span && self.video.is_some() {
                note = note.secondary(self.reference, "the first clip with video determines the format");
            }
            call.report(note);
        }
        self.report_audio_length(call, clip, Time::from_frames(frames, self.grid()), span);
        ConvertedClip {
            video,
            audio,
            frames,
            span,
        }
    }

    fn convert_video(
        &self,
        call: &mut Call<'_>,
        id: NodeId,
        format: &VideoFormat,
        frames: i64,
        span: Span,
        changes: &mut Vec<String>,
    ) -> NodeId {
        let graph = call.graph();
        let Some(ty) = graph.video(id).cloned() else {
            return id;
        };
        let display = ty.display_size();
        if display != format.size {
            changes.push(format!(
                "{display} becomes {}, {}",
                format.size,
                self.fit.effect()
            ));
        }
        if ty.sample_aspect != Rational::ONE {
            let aspect = decimal(ty.sample_aspect, 3);
            changes.push(format!(
                "pixel aspect ratio {aspect} becomes square pixels, {} becomes {display}",
                ty.size()
            ));
        }
        if !ty.still && ty.frame_rate != format.frame_rate {
            let fps = |rate| decimal(rate, 3);
            changes.push(format!(
                "{} fps becomes {} fps",
                fps(ty.frame_rate),
                fps(format.frame_rate)
            ));
        }
        let tone_mapped = ty.color_space.is_hdr() && !format.color_space.is_hdr();
        if tone_mapped {
            changes.push("HDR becomes SDR".to_owned());
            call.require_filter(FilterName::Zscale);
        } else if !ty.still {
            changes.extend(ty.color_space.difference(format.color_space));
        }
        let graph = call.graph();
        // Dropping frames before scaling is cheaper, and so is repeating them after it.
        let drops_frames = !ty.still && format.frame_rate < ty.frame_rate;
        let mut node = if drops_frames {
            graph.fps(id, format.frame_rate, span)
        } else {
            id
        };
        // The scaling that follows does this in the same pass.
        if !tone_mapped && !ty.color_space.converts_implicitly_to(format.color_space) {
            node = graph.convert_color_fast(node, format.color_space, format.pixels.clone(), span);
        }
        node = object_fit::fit(graph, node, format.size, self.fit, BLACK, span);
        if tone_mapped {
            node = graph.tone_map(node, span);
        }
        node = graph.convert_color_fast(node, format.color_space, format.pixels.clone(), span);
        node = graph.fps(node, format.frame_rate, span);
        graph.fix_length(node, frames, span)
    }

    /// Reports where silence is added to audio, or where audio is cut off.
    fn report_audio_length(&self, call: &mut Call<'_>, clip: &Clip, video: Time, span: Span) {
        if self.audio.is_none() || self.video.is_none() {
            return;
        }
        let audio = clip
            .audio
            .and_then(|id| call.graph().audio(id))
            .map(|ty| ty.duration);
        let tolerance = tolerance(self.grid());
        let note = match audio {
            None => Some((
                &codes::SILENCE_ADDED,
                "this clip has no audio, so silence is added".to_owned(),
            )),
            Some(Some(audio)) if audio + tolerance < video => Some((
                &codes::SILENCE_ADDED,
                format!("the audio ends at {audio} and the video at {video}; silence fills the gap"),
            )),
            Some(Some(audio)) if audio > video + tolerance => Some((
                &codes::AUDIO_CUT,
                format!("the audio lasts {audio} and the video {video}; the audio is cut to the video"),
            )),
            Some(_) => None,
        };
        if let Some((code, message)) = note {
            call.report(Diagnostic::new(code, span, message));
        }
    }
}

/// A difference of durations up to this is due to the lengths of frames and packets, and not worth a note.
fn tolerance(frame_rate: Rational) -> Time {
    Time::from_frames(1, frame_rate).max(Time::millis(40))
}

fn black(call: &mut Call<'_>, format: &VideoFormat, frames: i64, span: Span) -> NodeId {
    let ty = VideoType {
        width: format.size.width,
        height: format.size.height,
        sample_aspect: Rational::ONE,
        frame_rate: format.frame_rate,
        variable_rate: false,
        interlaced: false,
        pixels: PixelFormat::rgba(),
        color_space: ColorSpace {
            transfer: format.color_space.transfer,
            ..ColorSpace::RGB
        },
        duration: None,
        still: false,
    };
    let args = [
        ("color", "black".to_owned()),
        ("size", format.size.to_string()),
        ("rate", format.frame_rate.to_string()),
    ];
    let graph = call.graph();
    let node = graph.generate_video(FilterCall::new(FilterName::Color, args), ty, span);
    let node = graph.convert_color_fast(node, format.color_space, format.pixels.clone(), span);
    graph.fix_length(node, frames, span)
}

/// The color space of the first video that is neither a still image nor RGB, in limited range; without one, the default
/// of the frame size. HDR is kept if all videos have the same kind of HDR.
fn common_color_space<'t>(types: impl Iterator<Item = &'t VideoType> + Clone, size: Size) -> ColorSpace {
    let first = types
        .clone()
        .map(|ty| (ty.still, ty.color_space))
        .find(|(still, color_space)| !still && color_space.matrix != Matrix::Rgb);
    let Some((_, color_space)) = first else {
        return ColorSpace::default_for_size(size);
    };
    let is_same = |ty: &VideoType| {
        ty.color_space.matrix == color_space.matrix && ty.color_space.transfer == color_space.transfer
    };
    let wide_gamut = color_space.is_hdr() || color_space.matrix == Matrix::Bt2020;
    match wide_gamut && !types.into_iter().all(is_same) {
        // The result of tone mapping, and the most likely color space of the other videos.
        true => ColorSpace::HD,
        false => color_space.encodable(size),
    }
}

/// The pixel format that keeps the alpha and the depth of all videos, in 4:2:0.
fn common_pixel_format<'t>(
    types: impl Iterator<Item = &'t VideoType> + Clone,
    color_space: ColorSpace,
) -> PixelFormat {
    if types.clone().any(|ty| ty.pixels.alpha) {
        PixelFormat::yuva420p()
    } else if color_space.is_hdr()
        || types
            .into_iter()
            .any(|ty| ty.pixels.depth > 8 && !ty.color_space.is_hdr())
    {
        PixelFormat::yuv420p10()
    } else {
        PixelFormat::yuv420p()
    }
}
