//! How hard pictures are to encode, as far as that can be told without looking at them: by how many bits their files
//! spend on them, and by what is done to them since.

use std::collections::HashMap;

use super::units::{bit_rate, megapixels, pace};
use crate::facts::Facts;
use crate::graph::{Filter, Graph, NodeId, NodeKind, VideoType};
use crate::plan::FilterName;
use crate::time::Time;

/// How hard a picture is to encode, in megabits that x264 would need at `crf 21` and `medium`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Detail {
    /// For each second.
    motion: f64,
    /// For each picture that has nothing before it, beside that; only known of stills and of what is drawn.
    still: f64,
    /// Which share of it, 0 to 1, is not like the picture before.
    pub(super) moving: f64,
}

/// Usual film takes so many megabits per megapixel.
const USUAL: f64 = 0.08;
/// How far a file's own size is believed: the rest is the usual.
const BELIEVED: f64 = 0.8;
/// x264 begins anew after so many pictures.
const GROUP: f64 = 250.0;
/// How much more a picture that begins anew takes than its share of a second.
const FIRST: f64 = 20.0;

impl Detail {
    /// Of so many seconds, in megabits.
    pub(super) fn of(self, seconds: f64, ty: &VideoType) -> f64 {
        let frames = seconds * pace(ty) / megapixels(ty).max(1e-6);
        self.motion * seconds + self.still * (frames / GROUP).max(1.0)
    }

    /// Of one picture alone, in megabits.
    pub(super) fn of_picture(self, ty: &VideoType) -> f64 {
        let rate = pace(ty) / megapixels(ty).max(1e-6);
        self.still + self.motion / rate.max(1.0) * FIRST
    }

    fn times(self, factor: f64) -> Detail {
        Detail {
            motion: self.motion * factor,
            still: self.still * factor,
            ..self
        }
    }

    fn and(self, other: Detail) -> Detail {
        Detail {
            motion: self.motion + other.motion,
            still: self.still + other.still,
            moving: (self.moving + other.moving).min(1.0),
        }
    }
}

/// The detail of a node's picture, given that of its inputs; none of sound.
pub(super) fn detail(graph: &Graph, facts: &Facts, id: NodeId, known: &HashMap<NodeId, Detail>) -> Detail {
    let node = graph.node(id);
    let Some(ty) = graph.video(id) else {
        return Detail::default();
    };
    let of = |index: usize| {
        let input = node.inputs.get(index);
        input.and_then(|id| known.get(id)).copied().unwrap_or_default()
    };
    let from = node.inputs.first().and_then(|id| graph.video(*id));
    match &node.kind {
        NodeKind::Source { media, stream, .. } => source(facts, media, *stream, ty),
        NodeKind::Still { media, .. } => still(facts, media, ty),
        NodeKind::Generate(_) => Detail::default(),
        NodeKind::Concat => together(
            graph,
            node.inputs.iter().enumerate().map(|(index, id)| (*id, of(index))),
        ),
        NodeKind::Crossfade {
            transition, overlap, ..
        } => {
            let clips = node.inputs.iter().enumerate().map(|(index, id)| (*id, of(index)));
            let length = ty.duration.map_or(1.0, Time::as_secs_f64).max(0.04);
            let bits = overlap.as_secs_f64() * pace(ty) * transition_bits(transition);
            let joint = Detail {
                motion: bits / length,
                still: 0.0,
                moving: overlap.as_secs_f64() / length,
            };
            together(graph, clips).and(joint)
        }
        NodeKind::Overlay { during, .. } => {
            let inset = node.inputs.get(1).and_then(|id| graph.video(*id));
            let covered = inset
                .map_or(0.0, |inset| megapixels(inset) / megapixels(ty).max(1e-6))
                .min(1.0);
            let length = ty.duration.map(Time::as_secs_f64);
            let shown = during.zip(length).map_or(1.0, |(window, length)| {
                let end = window.end.map_or(length, Time::as_secs_f64).min(length);
                ((end - window.start.as_secs_f64()) / length.max(0.04)).clamp(0.0, 1.0)
            });
            let inset = Detail {
                moving: of(1).moving * covered * shown,
                ..of(1).times(shown)
            };
            of(0).times(1.0 - covered * shown).and(inset)
        }
        NodeKind::Filter(filter) => {
            let before = of(0);
            let area = from.map_or(1.0, |from| megapixels(ty) / megapixels(from).max(1e-6));
            let rate = from.map_or(1.0, |from| ratio(ty) / ratio(from).max(1e-6));
            let speed = from.and_then(|from| from.duration).zip(ty.duration);
            let speed = speed.map_or(1.0, |(from, to)| from.as_secs_f64() / to.as_secs_f64().max(0.04));
            filtered(filter, before, area, rate, speed)
        }
        _ => of(0),
    }
}

/// What filters do to detail: `area`, `rate` and `speed` are what comes out over what goes in.
fn filtered(filter: &Filter, before: Detail, area: f64, rate: f64, speed: f64) -> Detail {
    let mut now = before;
    for call in &filter.calls {
        match call.name {
            // A smaller picture has more detail in each pixel, a larger one less.
            FilterName::Scale => {
                now = now.times(if area < 1.0 {
                    area.powf(0.85)
                } else {
                    area.powf(0.3)
                })
            }
            FilterName::Crop => now = now.times(area),
            FilterName::Gblur => now = now.times(0.2),
            // Frames that are left out leave more to each of the others; frames shown twice cost next to nothing.
            FilterName::Fps => {
                now.motion *= rate.min(1.0).sqrt() * speed.sqrt();
                now.moving *= (speed / rate.max(1e-6)).min(1.0);
            }
            // Letters have sharp edges, and each text begins and ends.
            FilterName::Ass | FilterName::Subtitles => {
                let shown = filter.active.as_ref().map_or(1, Vec::len);
                now.still += 0.06 * shown as f64;
            }
            _ => {}
        }
    }
    now
}

/// What clips have one after the other.
fn together(graph: &Graph, clips: impl Iterator<Item = (NodeId, Detail)>) -> Detail {
    let mut all = Detail::default();
    let mut length = 0.0;
    for (id, detail) in clips {
        let seconds = graph.node(id).ty.duration().map_or(0.0, Time::as_secs_f64);
        all.motion += detail.motion * seconds;
        all.moving += detail.moving * seconds;
        all.still += detail.still;
        length += seconds;
    }
    let length = f64::max(length, 0.04);
    Detail {
        motion: all.motion / length,
        moving: (all.moving / length).min(1.0),
        ..all
    }
}

/// Frames per second.
fn ratio(ty: &VideoType) -> f64 {
    *ty.frame_rate.numer() as f64 / *ty.frame_rate.denom() as f64
}

/// Megabits per megapixel while one picture takes over from another: noise is the worst there is.
fn transition_bits(transition: &str) -> f64 {
    match transition {
        "dissolve" => 1.0,
        "pixelize" | "hblur" | "radial" => 0.1,
        _ => 0.03,
    }
}

/// A file's picture: between what the file spends on it, and the usual.
fn source(facts: &Facts, media: &str, stream: u32, ty: &VideoType) -> Detail {
    let usual = USUAL * pace(ty);
    let media = facts.media.get(media).and_then(|media| media.as_ref().ok());
    let stream = media.and_then(|media| Some((media, media.stream(stream)?)));
    let spent = stream.map_or(0.0, |(media, stream)| {
        bit_rate(media, stream) * efficiency(&stream.codec)
    });
    let motion = match spent > 0.0 {
        true => spent.powf(BELIEVED) * usual.powf(1.0 - BELIEVED),
        false => usual,
    };
    Detail {
        motion,
        still: 0.0,
        moving: 1.0,
    }
}

/// A still picture's file, as a picture that begins anew.
fn still(facts: &Facts, media: &str, ty: &VideoType) -> Detail {
    let usual = USUAL * megapixels(ty) * FIRST;
    let bits = match facts.media.get(media) {
        Some(Ok(media)) => {
            let codec = media.streams.first().map_or("", |stream| stream.codec.as_str());
            media.bytes as f64 * 8.0 / 1e6 * efficiency(codec)
        }
        _ => usual,
    };
    Detail {
        motion: 0.0,
        still: bits.min(4.0 * usual),
        moving: 0.0,
    }
}

/// How many bits x264 would need for each that a codec has spent.
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
