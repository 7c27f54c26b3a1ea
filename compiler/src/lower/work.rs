//! What a run does, counted: how many pixels and samples go through which decoders, filters and encoders.
//!
//! It is counted from the tracks backwards: how much of a node is wanted decides on how much of its inputs is. A node
//! that is wanted at two places of the timeline is made twice, as in [`super::run`].

use std::collections::{BTreeMap, HashMap};

use super::detail::detail;
use super::filters;
use super::run::{Place, RunBuilder};
use crate::cost::{Checked, Coded, Encoded, Work};
use crate::facts::{Media, Stream};
use crate::graph::{AudioType, Filter, Kind, Node, NodeId, StreamType, VideoType, Window};
use crate::output::Encoder;
use crate::plan::{FilterCall, Run, RunInput, RunSource, Segment, SegmentSource, TrackSource};
use crate::time::Time;

/// Until a seek has found its frame, about this much is decoded, in seconds: half of a usual distance of keyframes.
const SEEK: f64 = 1.0;
/// A run that ends with its first picture has made so many.
const FIRST: i64 = 4;
/// What is drawn on is copied, which takes this much of what drawing takes.
const GROUND: f64 = 0.25;
/// How much of a joined picture is decoded where packets meet, in seconds.
const SEAM: f64 = 2.0;

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
            starts: 1,
            checked: checked(run),
            ..Work::default()
        };
        let mut ahead = Seconds::new();
        for track in wanted {
            let seconds = match (&track.purpose, self.graph.video(track.node)) {
                (Purpose::Picture(_), Some(ty)) => Time::of_frames(FIRST, ty.frame_rate).as_secs_f64(),
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
                    let detail = detail.of(seconds, ty);
                    work.encoded
                        .push(encoded(encoder, seconds, seconds * pace(ty), detail));
                }
                (Purpose::Picture(encoder), StreamType::Video(ty)) => {
                    let detail = detail.of_picture(ty);
                    work.encoded.push(encoded(encoder, 0.0, megapixels(ty), detail));
                }
                (Purpose::Track(encoder) | Purpose::Picture(encoder), StreamType::Audio(ty)) => {
                    work.encoded
                        .push(encoded(encoder, seconds, seconds * share(ty), 0.0));
                }
                (Purpose::Measurement, StreamType::Audio(ty)) => work.filter("ebur128", seconds * share(ty)),
                (Purpose::Measurement, StreamType::Video(_)) => {}
            }
        }
        for input in &run.inputs {
            work.read += self.read(input);
        }
        work.copied = self.copied_megabytes(run);
        work
    }

    /// Adds what a node does, and asks its inputs for what it needs of them.
    fn count_node(&self, place: Place, seconds: f64, ahead: &mut Seconds, work: &mut Work) {
        let node = self.graph.node(place.0);
        let length = node.ty.duration().map_or(f64::INFINITY, Time::as_secs_f64);
        let seconds = seconds.min(length);
        match &node.kind {
            Kind::Source {
                media,
                stream,
                window,
                ..
            } => {
                self.decoding(media, *stream, *window, seconds, &node.ty, work);
                return;
            }
            Kind::Still { media, stream } => {
                if let (Some((_, stream)), StreamType::Video(ty)) = (self.stream(media, *stream), &node.ty) {
                    work.decode(
                        &stream.codec,
                        Coded {
                            amount: megapixels(ty),
                            megabits: 0.0,
                        },
                    );
                }
                return;
            }
            Kind::Loop => {
                let looped = self.graph.node(node.inputs[0]);
                if let Kind::Source {
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
            want(ahead, input, self.needed(node, of_input, seconds));
        }
        match &node.ty {
            StreamType::Video(ty) => self.filters_of_picture(node, ty, seconds, work),
            StreamType::Audio(ty) => self.filters_of_sound(node, ty, seconds, work),
        }
    }

    /// How many seconds of an input make so many of a node.
    fn needed(&self, node: &Node, input: usize, seconds: f64) -> f64 {
        let length = |id: NodeId| self.graph.node(id).ty.duration();
        match &node.kind {
            Kind::Trim { start, .. } => start.as_secs_f64() + seconds,
            Kind::Delay { by } => (seconds - by.as_secs_f64()).max(0.0),
            Kind::Crossfade { offset, .. } if input == 1 => (seconds - offset.as_secs_f64()).max(0.0),
            Kind::Concat => {
                let before: f64 = node.inputs[..input]
                    .iter()
                    .filter_map(|id| length(*id))
                    .map(Time::as_secs_f64)
                    .sum();
                (seconds - before).max(0.0)
            }
            // It is kept in memory and repeated from there.
            Kind::Loop => f64::INFINITY,
            Kind::Hold { .. } => 0.0,
            Kind::Filter(_) => match (length(node.inputs[input]), node.ty.duration()) {
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
        work.decode(&stream.codec, Coded { amount, megabits });
        if let StreamType::Audio(ty) = ty {
            work.filter("aresample", seconds * share(ty));
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
            Kind::Crossfade {
                transition, overlap, ..
            } => {
                let both = overlap.as_secs_f64().min(seconds) * pace(ty);
                work.filter(&format!("xfade {transition}"), both);
            }
            Kind::Compose { during, .. } => {
                let Some(inset) = self.graph.video(node.inputs[1]) else {
                    return;
                };
                let shown = during.map_or(finite(seconds), |window| within(window, seconds));
                let drawn = megapixels(inset) / megapixels(ty).max(1e-6);
                work.filter("overlay", shown * pace(ty) * (drawn + GROUND));
            }
            Kind::Filter(filter) => {
                let scale =
                    |from: &VideoType| (all + all * megapixels(from) / megapixels(ty).max(1e-6)) / 2.0;
                let active = active(filter, seconds).map_or(all, |seconds| seconds * pace(ty));
                for call in &filter.calls {
                    let amount = match (call.name.as_str(), from) {
                        ("format", Some(from)) if from.pixels == ty.pixels => 0.0,
                        ("scale", Some(from)) => scale(from),
                        _ => active,
                    };
                    // Both draw the same way.
                    let name = if call.name == "subtitles" {
                        "ass"
                    } else {
                        &call.name
                    };
                    work.filter(name, amount);
                }
            }
            _ => {}
        }
    }

    fn filters_of_sound(&self, node: &Node, ty: &AudioType, seconds: f64, work: &mut Work) {
        let all = finite(seconds) * share(ty);
        let mut count = |calls: &[FilterCall], amount: f64| {
            for call in calls {
                work.filter(&call.name, amount);
            }
        };
        match &node.kind {
            Kind::Crossfade { overlap, .. } => {
                work.filter("acrossfade", overlap.as_secs_f64().min(seconds) * share(ty));
            }
            Kind::Mix => work.filter("amix", all * node.inputs.len() as f64),
            Kind::Filter(filter) => count(&filter.calls, all),
            Kind::Loudness { target, true_peak } => {
                count(&filters::loudness(*target, *true_peak, 0, node.ty.grid()), all);
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
                RunSource::Join(segments) => {
                    megabits += segments.iter().map(|segment| self.segment(segment)).sum::<f64>();
                }
                RunSource::File(_) | RunSource::Made(_) => {}
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
        picture * segment.length.as_secs_f64()
    }

    fn stream(&self, media: &str, stream: u32) -> Option<(&Media, &Stream)> {
        let media = self.facts.media.get(media)?.as_ref().ok()?;
        Some((media, media.streams.iter().find(|known| known.index == stream)?))
    }
}

/// A track of so many seconds and so many megapixels, or seconds of 48 kHz stereo.
fn encoded(encoder: &Encoder, seconds: f64, amount: f64, detail: f64) -> Encoded {
    let option = |name: &str| {
        let found = encoder.options.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    };
    let figure = |name: &str| option(name).and_then(|value| value.parse::<f64>().ok());
    let preset = option("preset").or_else(|| option("cpu-used"));
    Encoded {
        encoder: encoder.name.to_owned(),
        preset: preset.unwrap_or_default().to_owned(),
        amount,
        told: figure("b")
            .filter(|rate| *rate > 0.0)
            .map(|rate| rate / 1e6 * seconds),
        quality: figure("crf").or_else(|| figure("q")),
        detail,
    }
}

fn want(ahead: &mut Seconds, place: Place, seconds: f64) {
    let known = ahead.entry(place).or_insert(0.0);
    *known = known.max(seconds);
}

/// What is looked at when a run is over.
fn checked(run: &Run) -> Checked {
    let mut checked = Checked::default();
    for output in &run.outputs {
        let expected = &output.expected;
        if *expected == Default::default() {
            continue;
        }
        checked.files += 1;
        if let Some(video) = expected.video.as_ref().filter(|_| !expected.seams.is_empty()) {
            let rate = video
                .frame_rate
                .map_or(0.0, |rate| *rate.numer() as f64 / *rate.denom() as f64);
            let pixels = f64::from(video.width) * f64::from(video.height) / 1e6;
            let seams = expected.seams.len() as f64;
            checked.starts += 1 + u32::try_from(expected.seams.len()).unwrap_or(u32::MAX);
            checked.decoded += seams * SEAM * rate * pixels;
        }
    }
    checked
}

/// Which part of a file an input reads, 0 to 1.
fn part(input: &RunInput, media: &Media) -> f64 {
    let Some(whole) = media.duration.filter(|whole| whole.is_positive()) else {
        return 1.0;
    };
    let rest = whole - input.seek.unwrap_or_default();
    let read = input.duration.map_or(rest, |read| read.min(rest));
    (read.as_secs_f64() / whole.as_secs_f64()).clamp(0.0, 1.0)
}

/// Megabits per second of a stream: as the file says, else its share of the file's size.
pub(super) fn bit_rate(media: &Media, stream: &Stream) -> f64 {
    if let Some(rate) = stream.bit_rate {
        return rate as f64 / 1e6;
    }
    let seconds = media.duration.map_or(0.0, Time::as_secs_f64);
    if seconds <= 0.0 {
        return 0.0;
    }
    let others = media.streams.iter().filter(|other| other.index != stream.index);
    let known: u64 = others.filter_map(|other| other.bit_rate).sum();
    let rest = (media.bytes as f64 * 8.0 / seconds - known as f64).max(0.0);
    // Pictures are most of a file whose streams do not say how large they are.
    let unknown = media.streams.iter().filter(|other| other.bit_rate.is_none());
    let weight = |stream: &Stream| match stream.facts {
        crate::facts::StreamFacts::Video(_) => 9.0,
        crate::facts::StreamFacts::Audio(_) => 1.0,
        _ => 0.0,
    };
    let all: f64 = unknown.map(weight).sum();
    rest / 1e6 * weight(stream) / f64::max(all, 1.0)
}

/// How long a filter changes anything, of a beginning of so many seconds; none is always.
fn active(filter: &Filter, seconds: f64) -> Option<f64> {
    let windows = filter.active.as_ref()?;
    let active: f64 = windows.iter().map(|window| within(*window, seconds)).sum();
    Some(active.min(finite(seconds)))
}

/// How much of a window lies in the first so many seconds.
fn within(window: Window, seconds: f64) -> f64 {
    let end = window.end.map_or(seconds, |end| end.as_secs_f64().min(seconds));
    finite(end - window.start.as_secs_f64()).max(0.0)
}

/// What never ends is never made as a whole: nobody asks for it.
fn finite(seconds: f64) -> f64 {
    if seconds.is_finite() { seconds } else { 0.0 }
}

/// Millions of pixels of one picture.
pub(super) fn megapixels(ty: &VideoType) -> f64 {
    f64::from(ty.width) * f64::from(ty.height) / 1e6
}

/// Megapixels per second.
pub(super) fn pace(ty: &VideoType) -> f64 {
    megapixels(ty) * *ty.frame_rate.numer() as f64 / *ty.frame_rate.denom() as f64
}

/// Of 48 kHz stereo.
fn share(ty: &AudioType) -> f64 {
    f64::from(ty.sample_rate) / 48_000.0 * f64::from(ty.channels) / 2.0
}
