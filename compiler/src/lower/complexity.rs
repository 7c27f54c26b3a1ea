//! The complexity of video, as far as it is known without decoding: from the bits that its files spend on it, and from the
//! filters that change it.

use std::collections::HashMap;

use super::context::Context;
use super::units::{bit_rate, frames_per_second, megapixels, megapixels_per_second};
use crate::graph::{Filter, Graph, NodeId, NodeKind, VideoType};
use crate::plan::FilterName;
use crate::time::Time;

/// The bits that video needs, in megabits of x264 at `crf 21` and `medium`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Complexity {
    /// Megabits per second.
    per_second: f64,
    /// Further megabits per keyframe; known only of stills and of rendered text.
    per_keyframe: f64,
    /// The share of frames, 0 to 1, that differ from the previous frame.
    pub(super) changing_share: f64,
}

/// Megabits per megapixel of usual footage.
const USUAL: f64 = 0.08;
/// The weight of a file's bit rate in the estimate, against the usual.
const TRUST_IN_BIT_RATE: f64 = 0.8;
/// x264's longest GOP, in frames (`keyint`).
const FRAMES_PER_GOP: f64 = 250.0;
/// The bits of a keyframe relative to those of a usual frame.
const KEYFRAME_FACTOR: f64 = 20.0;
/// The shortest duration to divide by, one frame at 25 fps.
const MIN_SECONDS: f64 = 0.04;

impl Complexity {
    /// Megabits of so many seconds.
    pub(super) fn of_duration(self, seconds: f64, ty: &VideoType) -> f64 {
        let frames = seconds * megapixels_per_second(ty) / megapixels(ty).max(1e-6);
        self.per_second * seconds + self.per_keyframe * (frames / FRAMES_PER_GOP).max(1.0)
    }

    /// Megabits of one frame alone.
    pub(super) fn of_single_frame(self, ty: &VideoType) -> f64 {
        let rate = megapixels_per_second(ty) / megapixels(ty).max(1e-6);
        self.per_keyframe + self.per_second / rate.max(1.0) * KEYFRAME_FACTOR
    }

    fn scaled(self, factor: f64) -> Complexity {
        Complexity {
            per_second: self.per_second * factor,
            per_keyframe: self.per_keyframe * factor,
            ..self
        }
    }

    fn plus(self, other: Complexity) -> Complexity {
        Complexity {
            per_second: self.per_second + other.per_second,
            per_keyframe: self.per_keyframe + other.per_keyframe,
            changing_share: (self.changing_share + other.changing_share).min(1.0),
        }
    }
}

/// The complexity of a video node, given that of its inputs; zero for audio.
pub(super) fn complexity(
    context: Context<'_>,
    id: NodeId,
    known: &HashMap<NodeId, Complexity>,
) -> Complexity {
    let graph = context.graph;
    let node = graph.node(id);
    let Some(ty) = graph.video(id) else {
        return Complexity::default();
    };
    let of_input = |index: usize| {
        let input = node.inputs.get(index);
        input.and_then(|id| known.get(id)).copied().unwrap_or_default()
    };
    let inputs = || {
        node.inputs
            .iter()
            .enumerate()
            .map(|(index, id)| (*id, of_input(index)))
    };
    match &node.kind {
        NodeKind::Source { media, stream, .. } => of_source(context, media, *stream, ty),
        NodeKind::Still { media, .. } => of_still(context, media, ty),
        NodeKind::Generate(_) => Complexity::default(),
        NodeKind::Concat => of_sequence(graph, inputs()),
        NodeKind::Crossfade {
            transition, overlap, ..
        } => {
            let duration = ty.duration.map_or(1.0, Time::as_secs_f64).max(MIN_SECONDS);
            let overlap = overlap.as_secs_f64();
            let megabits = overlap * megapixels_per_second(ty) * transition_density(transition);
            let transition = Complexity {
                per_second: megabits / duration,
                per_keyframe: 0.0,
                changing_share: overlap / duration,
            };
            of_sequence(graph, inputs()).plus(transition)
        }
        NodeKind::Overlay { during, .. } => {
            let inset = node.inputs.get(1).and_then(|id| graph.video(*id));
            let covered = inset
                .map_or(0.0, |inset| megapixels(inset) / megapixels(ty).max(1e-6))
                .min(1.0);
            let duration = ty.duration.map(Time::as_secs_f64);
            let shown = during.zip(duration).map_or(1.0, |(window, duration)| {
                let end = window.end.map_or(duration, Time::as_secs_f64).min(duration);
                ((end - window.start.as_secs_f64()) / duration.max(MIN_SECONDS)).clamp(0.0, 1.0)
            });
            let inset = Complexity {
                changing_share: of_input(1).changing_share * covered * shown,
                ..of_input(1).scaled(shown)
            };
            of_input(0).scaled(1.0 - covered * shown).plus(inset)
        }
        NodeKind::Filter(filter) => {
            let from = node.inputs.first().and_then(|id| graph.video(*id));
            let area = from.map_or(1.0, |from| megapixels(ty) / megapixels(from).max(1e-6));
            let rate = from.map_or(1.0, |from| {
                frames_per_second(ty) / frames_per_second(from).max(1e-6)
            });
            let durations = from.and_then(|from| from.duration).zip(ty.duration);
            let speed = durations.map_or(1.0, |(from, to)| {
                from.as_secs_f64() / to.as_secs_f64().max(MIN_SECONDS)
            });
            filtered(filter, of_input(0), area, rate, speed)
        }
        _ => of_input(0),
    }
}

/// The complexity after filters; `area`, `rate`, and `speed` are ratios of output to input.
fn filtered(filter: &Filter, input: Complexity, area: f64, rate: f64, speed: f64) -> Complexity {
    let mut output = input;
    for call in &filter.calls {
        match call.name {
            // A smaller frame has more detail in each pixel, a larger one less.
            FilterName::Scale => {
                output = output.scaled(if area < 1.0 {
                    area.powf(0.85)
                } else {
                    area.powf(0.3)
                })
            }
            FilterName::Crop => output = output.scaled(area),
            FilterName::Gblur => output = output.scaled(0.2),
            // Dropping frames makes the others differ more; repeated frames cost next to nothing.
            FilterName::Fps => {
                output.per_second *= rate.min(1.0).sqrt() * speed.sqrt();
                output.changing_share *= (speed / rate.max(1e-6)).min(1.0);
            }
            // Glyphs have sharp edges, and each text appears and disappears.
            FilterName::Ass | FilterName::Subtitles => {
                let texts = filter.active.as_ref().map_or(1, Vec::len);
                output.per_keyframe += 0.06 * texts as f64;
            }
            _ => {}
        }
    }
    output
}

/// The complexity of clips one after another.
fn of_sequence(graph: &Graph, clips: impl Iterator<Item = (NodeId, Complexity)>) -> Complexity {
    let mut sum = Complexity::default();
    let mut duration = 0.0;
    for (id, clip) in clips {
        let seconds = graph.node(id).ty.duration().map_or(0.0, Time::as_secs_f64);
        sum.per_second += clip.per_second * seconds;
        sum.changing_share += clip.changing_share * seconds;
        sum.per_keyframe += clip.per_keyframe;
        duration += seconds;
    }
    let duration = f64::max(duration, MIN_SECONDS);
    Complexity {
        per_second: sum.per_second / duration,
        changing_share: (sum.changing_share / duration).min(1.0),
        ..sum
    }
}

/// Megabits per megapixel during a transition; noise needs the most.
fn transition_density(transition: &str) -> f64 {
    match transition {
        "dissolve" => 1.0,
        "pixelize" | "hblur" | "radial" => 0.1,
        _ => 0.03,
    }
}

/// The complexity of a file's video, between the bits that the file spends on it and the usual.
fn of_source(context: Context<'_>, media: &str, stream: u32, ty: &VideoType) -> Complexity {
    let usual = USUAL * megapixels_per_second(ty);
    let spent = context.stream(media, stream).map_or(0.0, |(media, stream)| {
        bit_rate(media, stream) * efficiency(&stream.codec)
    });
    let per_second = match spent > 0.0 {
        true => spent.powf(TRUST_IN_BIT_RATE) * usual.powf(1.0 - TRUST_IN_BIT_RATE),
        false => usual,
    };
    Complexity {
        per_second,
        per_keyframe: 0.0,
        changing_share: 1.0,
    }
}

/// The complexity of a still image's file.
fn of_still(context: Context<'_>, media: &str, ty: &VideoType) -> Complexity {
    let usual = USUAL * megapixels(ty) * KEYFRAME_FACTOR;
    let megabits = context.media(media).map_or(usual, |media| {
        let codec = media.streams.first().map_or("", |stream| stream.codec.as_str());
        media.bytes as f64 * 8.0 / 1e6 * efficiency(codec)
    });
    Complexity {
        per_second: 0.0,
        per_keyframe: megabits.min(4.0 * usual),
        changing_share: 0.0,
    }
}

/// How many bits x264 needs for each bit of a codec.
fn efficiency(codec: &str) -> f64 {
    match codec {
        "hevc" | "vp9" => 1.4,
        "av1" => 1.7,
        "mpeg4" | "msmpeg4v3" | "h263" => 0.6,
        "mpeg2video" | "mpeg1video" => 0.5,
        "mjpeg" | "webp" => 0.5,
        "png" => 0.2,
        "prores" | "dnxhd" | "dvvideo" => 0.12,
        "gif" => 0.3,
        "ffv1" | "huffyuv" | "rawvideo" | "utvideo" | "qtrle" => 0.04,
        _ => 1.0,
    }
}
