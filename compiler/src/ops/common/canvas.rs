//! The common form of clips that are joined, and each clip brought to it.

use vidc_dsl::{Diagnostic, Span};

use super::{cast, fitting, sound};
use crate::call::Call;
use crate::codes;
use crate::graph::{AudioType, BLACK, Clip, ColorSpace, Matrix, NodeId, PixelFormat, VideoType};
use crate::plan::{FilterCall, FilterName};
use crate::time::{Rational, Time, decimal};
use crate::value::Size;

/// The grid of joints where there is no picture: milliseconds.
const AUDIO_GRID: Rational = Rational::new_raw(1000, 1);

/// The form that every clip is brought to.
pub(in crate::ops) struct Canvas {
    /// None if no clip has a picture.
    pub(in crate::ops) video: Option<Frame>,
    /// None if no clip has sound.
    pub(in crate::ops) audio: Option<AudioType>,
    mode: String,
    /// The clip that decided.
    model: Span,
}

/// The common form of pictures, in square pixels.
pub(in crate::ops) struct Frame {
    size: Size,
    rate: Rational,
    pixels: PixelFormat,
    color_space: ColorSpace,
}

/// One clip in the common form.
pub(in crate::ops) struct Part {
    pub(in crate::ops) video: Option<NodeId>,
    /// Not yet cut to its picture; none where the clip has no sound.
    pub(in crate::ops) audio: Option<NodeId>,
    /// Its length, on the canvas's grid.
    pub(in crate::ops) frames: i64,
    pub(in crate::ops) span: Span,
}

impl Canvas {
    /// What clips have in common, or the first of them decides.
    pub(in crate::ops) fn of(call: &mut Call<'_>, clips: &[(Clip, Span)]) -> Option<Canvas> {
        let mode = call.args.text("fit")?.to_owned();
        let (size, rate) = (call.args.size("size"), call.args.frame_rate("fps"));
        let graph = call.graph();
        let types: Vec<(VideoType, Span)> = clips
            .iter()
            .filter_map(|(clip, span)| Some((graph.video(clip.video?)?.clone(), *span)))
            .collect();
        let model = types.first().map_or(clips[0].1, |(_, span)| *span);
        let video = types.first().map(|(first, _)| {
            let shown = first.display_size();
            let even = |side: u32| cast::even(Rational::from_integer(side.into()));
            let moving = types
                .iter()
                .map(|(ty, _)| ty)
                .find(|ty| !ty.still)
                .unwrap_or(first);
            let size = size.unwrap_or(Size {
                width: even(shown.width),
                height: even(shown.height),
            });
            let color_space = common_color(types.iter().map(|(ty, _)| ty), size);
            Frame {
                size,
                rate: rate.unwrap_or(moving.frame_rate),
                pixels: common_pixels(types.iter().map(|(ty, _)| ty), color_space),
                color_space,
            }
        });
        let sounds: Vec<&AudioType> = clips
            .iter()
            .filter_map(|(clip, _)| graph.audio(clip.audio?))
            .collect();
        let audio = sound::canvas(sounds);
        Some(Canvas {
            video,
            audio,
            mode,
            model,
        })
    }

    /// Positions per second that joints can be at.
    pub(in crate::ops) fn grid(&self) -> Rational {
        self.video.as_ref().map_or(AUDIO_GRID, |frame| frame.rate)
    }

    /// Every clip in the common form; what was done to each is said.
    pub(in crate::ops) fn parts(&self, call: &mut Call<'_>, clips: &[(Clip, Span)]) -> Vec<Part> {
        clips
            .iter()
            .map(|(clip, span)| self.part(call, clip, *span))
            .collect()
    }

    fn part(&self, call: &mut Call<'_>, clip: &Clip, span: Span) -> Part {
        let duration = call.graph().duration(clip).unwrap_or_default();
        let frames = duration.frames(self.grid()).max(1);
        let mut done = Vec::new();
        let video = self.video.as_ref().map(|frame| match clip.video {
            Some(id) => self.picture(call, id, frame, frames, span, &mut done),
            None => {
                done.push("it has no picture, so black is shown".to_owned());
                black(call, frame, frames, span)
            }
        });
        let audio = match (&self.audio, clip.audio) {
            (Some(form), Some(id)) => {
                let graph = call.graph();
                done.extend(graph.audio(id).and_then(|ty| ty.difference(form)));
                Some(graph.resample(id, form, span))
            }
            _ => None,
        };
        if !done.is_empty() {
            let message = format!(
                "this clip is brought to the form of the others: {}",
                done.join("; ")
            );
            let mut note = Diagnostic::new(&codes::CONFORMED, span, message);
            if self.model != span && self.video.is_some() {
                note = note.secondary(self.model, "the first picture, whose form is taken");
            }
            call.report(note);
        }
        self.sound_fits(call, clip, Time::from_frames(frames, self.grid()), span);
        Part {
            video,
            audio,
            frames,
            span,
        }
    }

    fn picture(
        &self,
        call: &mut Call<'_>,
        id: NodeId,
        frame: &Frame,
        frames: i64,
        span: Span,
        done: &mut Vec<String>,
    ) -> NodeId {
        let graph = call.graph();
        let Some(ty) = graph.video(id).cloned() else {
            return id;
        };
        let shown = ty.display_size();
        if shown != frame.size {
            done.push(format!("{shown} becomes {}, {}", frame.size, manner(&self.mode)));
        }
        if ty.sample_aspect != Rational::ONE {
            let aspect = decimal(ty.sample_aspect, 3);
            done.push(format!(
                "pixels {aspect} times as wide as high become square, {} becomes {shown}",
                ty.size()
            ));
        }
        if !ty.still && ty.frame_rate != frame.rate {
            let rate = |rate| decimal(rate, 3);
            done.push(format!("{} fps become {}", rate(ty.frame_rate), rate(frame.rate)));
        }
        let tone_mapped = ty.color_space.is_hdr() && !frame.color_space.is_hdr();
        if tone_mapped {
            done.push("HDR becomes SDR".to_owned());
            call.require_filter(FilterName::Zscale);
        } else if !ty.still {
            done.extend(ty.color_space.difference(frame.color_space));
        }
        let graph = call.graph();
        // Fewer frames are cheaper to scale, and so are small pictures to repeat.
        let fewer = !ty.still && frame.rate < ty.frame_rate;
        let mut node = if fewer {
            graph.fps(id, frame.rate, span)
        } else {
            id
        };
        // Together with the scaling that comes next.
        if !tone_mapped && !ty.color_space.converts_implicitly_to(frame.color_space) {
            node = graph.convert_color_fast(node, frame.color_space, frame.pixels.clone(), span);
        }
        node = fitting::fit(graph, node, frame.size, &self.mode, BLACK, span);
        if tone_mapped {
            node = graph.tone_map(node, span);
        }
        node = graph.convert_color_fast(node, frame.color_space, frame.pixels.clone(), span);
        node = graph.fps(node, frame.rate, span);
        graph.fix_length(node, frames, span)
    }

    /// Says where silence is added to a sound, or some of it cut off.
    fn sound_fits(&self, call: &mut Call<'_>, clip: &Clip, length: Time, span: Span) {
        if self.audio.is_none() || self.video.is_none() {
            return;
        }
        let sound = clip
            .audio
            .and_then(|id| call.graph().audio(id))
            .map(|ty| ty.duration);
        let note = match sound {
            None => Some((
                &codes::SILENCE_ADDED,
                "this clip has no sound, so silence is added".to_owned(),
            )),
            Some(None) => None,
            Some(Some(sound)) if sound + grain(self.grid()) < length => {
                let message =
                    format!("the sound ends at {sound}, the picture at {length}; silence is added between");
                Some((&codes::SILENCE_ADDED, message))
            }
            Some(Some(sound)) if sound > length + grain(self.grid()) => {
                let message =
                    format!("the sound lasts {sound}, the picture {length}, where the sound is cut");
                Some((&codes::AUDIO_CUT, message))
            }
            Some(Some(_)) => None,
        };
        if let Some((code, message)) = note {
            call.report(Diagnostic::new(code, span, message));
        }
    }
}

/// Less than this much too long or too short is the grain of frames and packets, and not worth a note.
fn grain(rate: Rational) -> Time {
    Time::from_frames(1, rate).max(Time::millis(40))
}

fn manner(mode: &str) -> &'static str {
    match mode {
        "cover" => "cut to fill it",
        "fill" => "stretched to fill it",
        "none" => "cut or padded with black",
        "blur" => "on a blurred copy of itself",
        _ => "padded with black where shapes differ",
    }
}

fn black(call: &mut Call<'_>, frame: &Frame, frames: i64, span: Span) -> NodeId {
    let ty = VideoType {
        width: frame.size.width,
        height: frame.size.height,
        sample_aspect: Rational::ONE,
        frame_rate: frame.rate,
        variable_rate: false,
        interlaced: false,
        pixels: PixelFormat::rgba(),
        color_space: ColorSpace {
            transfer: frame.color_space.transfer,
            ..ColorSpace::RGB
        },
        duration: None,
        still: false,
    };
    let args = [
        ("color", "black".to_owned()),
        ("size", frame.size.to_string()),
        ("rate", frame.rate.to_string()),
    ];
    let graph = call.graph();
    let node = graph.generate_video(FilterCall::new(FilterName::Color, args), ty, span);
    let node = graph.convert_color_fast(node, frame.color_space, frame.pixels.clone(), span);
    graph.fix_length(node, frames, span)
}

/// The colors of the first picture that moves and is not in RGB, in limited range; else those that players expect of the
/// size. HDR stays if all pictures are HDR of one kind.
fn common_color<'t>(types: impl Iterator<Item = &'t VideoType> + Clone, size: Size) -> ColorSpace {
    let usual = ColorSpace::default_for_size(size);
    let first = types
        .clone()
        .map(|ty| (ty.still, ty.color_space))
        .find(|(still, color_space)| !still && color_space.matrix != Matrix::Rgb);
    let Some((_, color_space)) = first else {
        return usual;
    };
    let alike = |ty: &VideoType| {
        ty.color_space.matrix == color_space.matrix && ty.color_space.transfer == color_space.transfer
    };
    let wide = color_space.is_hdr() || color_space.matrix == Matrix::Bt2020;
    match wide && !types.into_iter().all(alike) {
        // What HDR becomes, and what the others are likely to be.
        true => ColorSpace::HD,
        false => color_space.encodable(size),
    }
}

/// What keeps the most of all pictures, in 4:2:0.
fn common_pixels<'t>(
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
