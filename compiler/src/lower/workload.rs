//! What a run does, counted: how many pixels and samples go through which decoders, filters and encoders.
//!
//! It is counted from the tracks backwards: how much of a node is wanted decides on how much of its inputs is. A node
//! that is wanted at two places of the timeline is made twice, as in [`super::run`].

use std::collections::{BTreeMap, HashMap};

use super::complexity::{Detail, detail};
use super::filters;
use super::run::{Place, RunBuilder};
use super::units::{
    active, bit_rate, checked, finite, is_mere_copying, megapixels, pace, part, share, within,
};
use crate::cost::{DecodeWork, EncodeWork, Work};
use crate::facts::{Media, Stream};
use crate::graph::{AudioType, Node, NodeId, NodeKind, StreamType, VideoType, Window};
use crate::output::Encoder;
use crate::plan::{FilterCall, FilterName, Run, RunInput, RunSource, Segment, SegmentSource, TrackSource};
use crate::time::Time;

/// Until a seek has found its frame, about this much is decoded, in seconds: half of a usual distance of keyframes.
const SEEK: f64 = 1.0;
/// A run that ends with its first picture has made so many.
const FIRST: i64 = 4;
/// What is drawn on is copied, which takes this much of what drawing takes.
const GROUND: f64 = 0.25;

/// A node that a run makes.
pub(super) struct Wanted {
    pub(super) node: NodeId,
    pub(super) purpose: Purpose,
}

/// What a node is made for.
pub(super) enum Purpose {
    /// To be encoded.
    Track(Encoder),
    /// For its first picture to be encoded.
    Picture(Encoder),
    /// For its loudness to be measured.
    Measurement,
}

/// How many seconds of each node are wanted.
type Seconds = BTreeMap<Place, f64>;

impl RunBuilder<'_> {
    /// What the run of these tracks does.
    pub(super) fn work(&self, run: &Run, wanted: &[Wanted]) -> Work {
        let mut work = Work {
            processes: u32::from(!is_mere_copying(run, &self.facts.media)),
            verification: checked(run),
            ..Work::default()
        };
        let mut ahead = Seconds::new();
        for track in wanted {
            let seconds = match (&track.purpose, self.graph.video(track.node)) {
                (Purpose::Picture(_), Some(ty)) => Time::from_frames(FIRST, ty.frame_rate).as_secs_f64(),
                _ => f64::INFINITY,
            };
            want(&mut ahead, (track.node, Time::ZERO), seconds);
        }
        let mut order = Vec::new();
        // Inputs have lower ids than what uses them, so whoever wants the last has asked for it already.
        while let Some((place, seconds)) = ahead.pop_last() {
            self.count_node(place, seconds, &mut ahead, &mut work);
            order.push(place.0);
        }
        let mut details = HashMap::new();
        for id in order.iter().rev() {
            if !details.contains_key(id) {
                let found = detail(self.graph, self.facts, *id, &details);
                details.insert(*id, found);
            }
        }
        for track in wanted {
            let detail = details.get(&track.node).copied().unwrap_or_default();
            let ty = &self.graph.node(track.node).ty;
            let seconds = ty.duration().map_or(0.0, Time::as_secs_f64);
            match (&track.purpose, ty) {
                (Purpose::Track(encoder), StreamType::Video(ty)) => {
                    let bits = detail.of(seconds, ty);
                    let track = encoded(encoder, seconds, seconds * pace(ty));
                    work.encoded.push(of_pictures(track, bits, detail));
                }
                (Purpose::Picture(encoder), StreamType::Video(ty)) => {
                    let track = encoded(encoder, 0.0, megapixels(ty));
                    work.encoded
                        .push(of_pictures(track, detail.of_picture(ty), detail));
                }
                (Purpose::Track(encoder) | Purpose::Picture(encoder), StreamType::Audio(ty)) => {
                    work.encoded.push(encoded(encoder, seconds, seconds * share(ty)));
                }
                (Purpose::Measurement, StreamType::Audio(ty)) => {
                    work.filter(FilterName::Ebur128, None, seconds * share(ty))
                }
                (Purpose::Measurement, StreamType::Video(_)) => {}
            }
        }
        for input in &run.inputs {
            work.read_megabytes += self.read(input);
        }
        work.copied_megabytes = self.copied_megabytes(run);
        work
    }

    /// Adds what a node does, and asks its inputs for what it needs of them.
    fn count_node(&self, place: Place, seconds: f64, ahead: &mut Seconds, work: &mut Work) {
        let node = self.graph.node(place.0);
        let length = node.ty.duration().map_or(f64::INFINITY, Time::as_secs_f64);
        let seconds = seconds.min(length);
        match &node.kind {
            NodeKind::Source {
                media,
                stream,
                window,
                ..
            } => {
                self.decoding(media, *stream, *window, seconds, &node.ty, work);
                return;
            }
            NodeKind::Still { media, stream } => {
                if let (Some((_, stream)), StreamType::Video(ty)) = (self.stream(media, *stream), &node.ty) {
                    work.decode(
                        &stream.codec,
                        DecodeWork {
                            units: megapixels(ty),
                            megabits: 0.0,
                        },
                    );
                }
                return;
            }
            NodeKind::Materialize => {
                if let StreamType::Audio(ty) = &node.ty {
                    let amount = seconds * share(ty);
                    work.decode(
                        "pcm_f32le",
                        DecodeWork {
                            units: amount,
                            megabits: 0.0,
                        },
                    );
                }
                return;
            }
            NodeKind::Loop => {
                let looped = self.graph.node(node.inputs[0]);
                if let NodeKind::Source {
                    media,
                    stream,
                    window,
                    ..
                } = &looped.kind
                    && window.is_whole()
                {
                    self.decoding(media, *stream, *window, seconds, &looped.ty, work);
                    return;
                }
            }
            _ => {}
        }
        for (input, of_input) in self.inputs_of(place).into_iter().zip(0..) {
            let begins = (input.1 - place.1).as_secs_f64();
            want(ahead, input, self.needed(node, of_input, begins, seconds));
        }
        match &node.ty {
            StreamType::Video(ty) => self.filters_of_picture(node, ty, seconds, work),
            StreamType::Audio(ty) => self.filters_of_sound(node, ty, seconds, work),
        }
    }

    /// How many seconds of an input that begins so much later make so many of a node.
    fn needed(&self, node: &Node, input: usize, begins: f64, seconds: f64) -> f64 {
        let length = |id: NodeId| self.graph.node(id).ty.duration();
        match &node.kind {
            NodeKind::Trim { start, .. } => start.as_secs_f64() + seconds,
            NodeKind::Delay { by } => (seconds - by.as_secs_f64()).max(0.0),
            NodeKind::Crossfade { offset, .. } if input == 1 => (seconds - offset.as_secs_f64()).max(0.0),
            NodeKind::Concat => (seconds - begins).max(0.0),
            // It is kept in memory and repeated from there.
            NodeKind::Loop => f64::INFINITY,
            NodeKind::StillToVideo { .. } => 0.0,
            NodeKind::Filter(_) => match (length(node.inputs[input]), node.ty.duration()) {
                // Slower or faster.
                (Some(from), Some(to)) if input == 0 && to.is_positive() => {
                    seconds * (from.as_secs_f64() / to.as_secs_f64())
                }
                _ => seconds,
            },
            _ => seconds,
        }
    }

    /// Adds the decoding of a part of a file's stream.
    fn decoding(
        &self,
        media: &str,
        stream: u32,
        window: Window,
        seconds: f64,
        ty: &StreamType,
        work: &mut Work,
    ) {
        let Some((media, stream)) = self.stream(media, stream) else {
            return;
        };
        let seek = window.start.as_secs_f64();
        let seconds = match ty {
            StreamType::Video(_) => seconds + seek.min(SEEK),
            StreamType::Audio(_) => seconds + seek.min(filters::PREROLL.as_secs_f64()),
        };
        if !seconds.is_finite() {
            return;
        }
        let amount = match ty {
            StreamType::Video(ty) => seconds * pace(ty),
            StreamType::Audio(ty) => seconds * share(ty),
        };
        let megabits = seconds * bit_rate(media, stream);
        work.decode(
            &stream.codec,
            DecodeWork {
                units: amount,
                megabits,
            },
        );
        if let StreamType::Audio(ty) = ty {
            work.filter(FilterName::Aresample, None, seconds * share(ty));
        }
    }

    fn filters_of_picture(&self, node: &Node, ty: &VideoType, seconds: f64, work: &mut Work) {
        let from = node.inputs.first().and_then(|id| self.graph.video(*id));
        // A still is one frame until it is held.
        let all = if ty.still {
            megapixels(ty)
        } else {
            finite(seconds) * pace(ty)
        };
        match &node.kind {
            NodeKind::Crossfade {
                transition, overlap, ..
            } => {
                let both = overlap.as_secs_f64().min(seconds) * pace(ty);
                work.filter(FilterName::Xfade, Some(transition), both);
            }
            NodeKind::Overlay { during, .. } => {
                let Some(inset) = self.graph.video(node.inputs[1]) else {
                    return;
                };
                let shown = during.map_or(finite(seconds), |window| within(window, seconds));
                let drawn = megapixels(inset) / megapixels(ty).max(1e-6);
                work.filter(FilterName::Overlay, None, shown * pace(ty) * (drawn + GROUND));
            }
            NodeKind::Filter(filter) => {
                let scale =
                    |from: &VideoType| (all + all * megapixels(from) / megapixels(ty).max(1e-6)) / 2.0;
                let active = active(filter, seconds).map_or(all, |seconds| seconds * pace(ty));
                for call in &filter.calls {
                    let amount = match (call.name, from) {
                        (FilterName::Format, Some(from)) if from.pixels == ty.pixels => 0.0,
                        (FilterName::Scale, Some(from)) => scale(from),
                        _ => active,
                    };
                    work.filter(call.name, None, amount);
                }
            }
            _ => {}
        }
    }

    fn filters_of_sound(&self, node: &Node, ty: &AudioType, seconds: f64, work: &mut Work) {
        let all = finite(seconds) * share(ty);
        let mut count = |calls: &[FilterCall], amount: f64| {
            for call in calls {
                work.filter(call.name, None, amount);
            }
        };
        match &node.kind {
            NodeKind::Crossfade { overlap, .. } => {
                work.filter(
                    FilterName::Acrossfade,
                    None,
                    overlap.as_secs_f64().min(seconds) * share(ty),
                );
            }
            NodeKind::Mix => work.filter(FilterName::Amix, None, all * node.inputs.len() as f64),
            NodeKind::Filter(filter) => count(&filter.calls, all),
            NodeKind::Loudness { target, true_peak } => {
                count(&filters::loudness(*target, *true_peak, 0, node.ty.rate()), all);
            }
            _ => {}
        }
    }

    /// Megabytes of a file that an input reads.
    fn read(&self, input: &RunInput) -> f64 {
        let RunSource::Media(key) = &input.source else {
            return 0.0;
        };
        let Some(Ok(media)) = self.facts.media.get(key) else {
            return 0.0;
        };
        media.bytes as f64 / 1e6 * part(input, media)
    }

    /// Megabytes of packets of media files that the run copies.
    fn copied_megabytes(&self, run: &Run) -> f64 {
        let mut megabits = 0.0;
        for track in run.outputs.iter().flat_map(|output| &output.tracks) {
            let TrackSource::Stream { input, stream } = track.source else {
                continue;
            };
            let Some(input) = run.inputs.get(input).filter(|_| track.encoder == "copy") else {
                continue;
            };
            match &input.source {
                RunSource::Media(key) => {
                    if let Some((media, stream)) = self.stream(key, stream) {
                        let seconds = stream.duration.or(media.duration).map_or(0.0, Time::as_secs_f64);
                        megabits += bit_rate(media, stream) * seconds * part(input, media);
                    }
                }
                RunSource::Concat(segments) => {
                    megabits += segments.iter().map(|segment| self.segment(segment)).sum::<f64>();
                }
                RunSource::File(_) | RunSource::Artifact(_) => {}
            }
        }
        megabits / 8.0
    }

    /// Megabits of a stretch of a media file's picture.
    fn segment(&self, segment: &Segment) -> f64 {
        let SegmentSource::Media { key, .. } = &segment.source else {
            return 0.0;
        };
        let Some(Ok(media)) = self.facts.media.get(key) else {
            return 0.0;
        };
        let picture = media.video().map_or(0.0, |(stream, _)| bit_rate(media, stream));
        picture * segment.duration.as_secs_f64()
    }

    pub(super) fn stream(&self, media: &str, stream: u32) -> Option<(&Media, &Stream)> {
        let media = self.facts.media.get(media)?.as_ref().ok()?;
        Some((media, media.stream(stream)?))
    }
}

/// A track of so many seconds and so many megapixels, or seconds of 48 kHz stereo.
fn encoded(encoder: &Encoder, seconds: f64, amount: f64) -> EncodeWork {
    let option = |name: &str| {
        let found = encoder.options.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    };
    let figure = |name: &str| option(name).and_then(|value| value.parse::<f64>().ok());
    let preset = option("preset").or_else(|| option("cpu-used"));
    EncodeWork {
        encoder: encoder.name.to_owned(),
        preset: preset.unwrap_or_default().to_owned(),
        units: amount,
        target_megabits: figure("b")
            .filter(|rate| *rate > 0.0)
            .map(|rate| rate / 1e6 * seconds),
        quality: figure("crf").or_else(|| figure("q")),
        complexity: 0.0,
        changing_share: 1.0,
    }
}

/// A track of pictures that are as hard to encode as so many megabits.
fn of_pictures(track: EncodeWork, bits: f64, detail: Detail) -> EncodeWork {
    EncodeWork {
        complexity: bits,
        changing_share: detail.moving,
        ..track
    }
}

fn want(ahead: &mut Seconds, place: Place, seconds: f64) {
    let known = ahead.entry(place).or_insert(0.0);
    *known = known.max(seconds);
}
