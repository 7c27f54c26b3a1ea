//! The workload of a run: how many pixels and samples pass through which decoders, filters, and encoders.
//!
//! It is counted from the consumers backwards: how much of a node is needed decides how much of its inputs is. A node that
//! is needed at two times of the timeline is computed twice, as in the filter graph.

use std::collections::{BTreeMap, HashMap};

use super::complexity::{Complexity, complexity};
use super::consumer::{Consumer, Purpose};
use super::context::Context;
use super::filters::{measure_loudness, normalize_loudness};
use super::media_timing::AUDIO_PREROLL;
use super::placement::Placement;
use super::units::{
    active_seconds, audio_units_per_second, bit_rate, finite, megapixels, megapixels_per_second,
    seconds_within, share_read,
};
use super::verification::{needs_no_process, verification_work};
use crate::cost::{DecodeWork, EncodeWork, Work};
use crate::graph::{AudioType, Node, NodeId, NodeKind, StreamType, VideoType};
use crate::output::Encoder;
use crate::plan::{FilterCall, FilterName, Run, RunInput, RunSource, Segment, SegmentSource, TrackSource};
use crate::time::{Time, Window};

/// Seconds of video decoded between the keyframe of a seek and its target: half of a usual keyframe interval.
const DECODED_PER_SEEK: f64 = 1.0;
/// Frames that a run of a single frame decodes.
const FRAMES_FOR_ONE: i64 = 4;
/// The cost of copying the lower frame of `overlay`, relative to drawing on all of it.
const OVERLAY_COPY: f64 = 0.25;

/// The work of a run with these consumers.
pub(super) fn workload(context: Context<'_>, run: &Run, consumers: &[Consumer]) -> Work {
    let mut count = Count {
        context,
        needed: BTreeMap::new(),
        work: Work {
            processes: u32::from(!needs_no_process(context, run)),
            verification: verification_work(run),
            ..Work::default()
        },
    };
    for consumer in consumers {
        let seconds = match (&consumer.purpose, context.graph.video(consumer.node)) {
            (Purpose::EncodeFirstFrame(_), Some(ty)) => {
                Time::from_frames(FRAMES_FOR_ONE, ty.frame_rate).as_secs_f64()
            }
            _ => f64::INFINITY,
        };
        count.need(Placement::at_zero(consumer.node), seconds);
    }
    let nodes = count.count_nodes();
    let complexities = complexities(context, &nodes);
    let mut work = count.work;
    for consumer in consumers {
        let complexity = complexities.get(&consumer.node).copied().unwrap_or_default();
        count_consumer(&mut work, context, consumer, complexity);
    }
    for input in &run.inputs {
        work.read_megabytes += read_megabytes(context, input);
    }
    work.copied_megabytes = copied_megabytes(context, run);
    work
}

/// The nodes that consumers need, while they are counted.
struct Count<'g> {
    context: Context<'g>,
    /// The seconds needed of each placement that is not counted yet.
    needed: BTreeMap<Placement, f64>,
    work: Work,
}

impl Count<'_> {
    /// Notes that a consumer needs a placement from its beginning on for so many seconds.
    fn need(&mut self, placement: Placement, seconds: f64) {
        let known = self.needed.entry(placement).or_insert(0.0);
        *known = known.max(seconds);
    }

    /// Counts all nodes and returns them, each before its inputs.
    fn count_nodes(&mut self) -> Vec<NodeId> {
        let mut order = Vec::new();
        // Inputs have lower ids than the nodes that use them, so all users of the last have been counted.
        while let Some((placement, seconds)) = self.needed.pop_last() {
            self.count_node(placement, seconds);
            order.push(placement.node);
        }
        order
    }

    /// Adds the work of a node, and notes what it needs of its inputs.
    fn count_node(&mut self, placement: Placement, seconds: f64) {
        let graph = self.context.graph;
        let node = graph.node(placement.node);
        let duration = node.ty.duration().map_or(f64::INFINITY, Time::as_secs_f64);
        let seconds = seconds.min(duration);
        match (&node.kind, &node.ty) {
            (
                NodeKind::Source {
                    media,
                    stream,
                    window,
                    ..
                },
                ty,
            ) => {
                self.count_decoding(media, *stream, *window, seconds, ty);
                return;
            }
            (NodeKind::Still { media, stream }, StreamType::Video(ty)) => {
                if let Some((_, stream)) = self.context.stream(media, *stream) {
                    self.decode(&stream.codec, megapixels(ty), 0.0);
                }
                return;
            }
            (NodeKind::Materialize, StreamType::Audio(ty)) => {
                self.decode("pcm_f32le", seconds * audio_units_per_second(ty), 0.0);
                return;
            }
            (NodeKind::Still { .. } | NodeKind::Materialize, _) => return,
            (NodeKind::Loop, _) => {
                let looped = graph.node(node.inputs[0]);
                if let NodeKind::Source {
                    media,
                    stream,
                    window,
                    ..
                } = &looped.kind
                    && window.is_whole()
                {
                    self.count_decoding(media, *stream, *window, seconds, &looped.ty);
                    return;
                }
            }
            _ => {}
        }
        for (index, input) in placement.inputs(graph).into_iter().enumerate() {
            let delay = (input.start - placement.start).as_secs_f64();
            self.need(input, self.needed_of_input(node, index, delay, seconds));
        }
        match &node.ty {
            StreamType::Video(ty) => self.count_video_filters(node, ty, seconds),
            StreamType::Audio(ty) => self.count_audio_filters(node, ty, seconds),
        }
    }

    /// The seconds of an input, delayed by `delay`, that so many seconds of a node need.
    fn needed_of_input(&self, node: &Node, input: usize, delay: f64, seconds: f64) -> f64 {
        let duration = |id: NodeId| self.context.graph.node(id).ty.duration();
        match &node.kind {
            NodeKind::Trim { start, .. } => start.as_secs_f64() + seconds,
            NodeKind::Delay { by } => (seconds - by.as_secs_f64()).max(0.0),
            NodeKind::Crossfade { offset, .. } if input == 1 => (seconds - offset.as_secs_f64()).max(0.0),
            NodeKind::Concat => (seconds - delay).max(0.0),
            // All of it is stored, and repeated from memory.
            NodeKind::Loop => f64::INFINITY,
            NodeKind::StillToVideo { .. } => 0.0,
            NodeKind::Filter(_) => match (duration(node.inputs[input]), node.ty.duration()) {
                // A change of speed.
                (Some(from), Some(to)) if input == 0 && to.is_positive() => {
                    seconds * (from.as_secs_f64() / to.as_secs_f64())
                }
                _ => seconds,
            },
            _ => seconds,
        }
    }

    /// Adds the decoding of a part of a file's stream.
    fn count_decoding(&mut self, media: &str, stream: u32, window: Window, seconds: f64, ty: &StreamType) {
        let Some((media, stream)) = self.context.stream(media, stream) else {
            return;
        };
        let seek = window.start.as_secs_f64();
        let seconds = match ty {
            StreamType::Video(_) => seconds + seek.min(DECODED_PER_SEEK),
            StreamType::Audio(_) => seconds + seek.min(AUDIO_PREROLL.as_secs_f64()),
        };
        if !seconds.is_finite() {
            return;
        }
        let units = match ty {
            StreamType::Video(ty) => seconds * megapixels_per_second(ty),
            StreamType::Audio(ty) => seconds * audio_units_per_second(ty),
        };
        self.decode(&stream.codec, units, seconds * bit_rate(media, stream));
        if let StreamType::Audio(_) = ty {
            // It fills gaps.
            self.work.filter(FilterName::Aresample, None, units);
        }
    }

    fn decode(&mut self, codec: &str, units: f64, megabits: f64) {
        self.work.decode(codec, DecodeWork { units, megabits });
    }

    fn count_video_filters(&mut self, node: &Node, ty: &VideoType, seconds: f64) {
        let graph = self.context.graph;
        let rate = megapixels_per_second(ty);
        // A still is one frame until it is held.
        let all = match ty.still {
            true => megapixels(ty),
            false => finite(seconds) * rate,
        };
        match &node.kind {
            NodeKind::Crossfade {
                transition, overlap, ..
            } => {
                let overlap = overlap.as_secs_f64().min(seconds) * rate;
                self.work.filter(FilterName::Xfade, Some(transition), overlap);
            }
            NodeKind::Overlay { during, .. } => {
                let Some(inset) = graph.video(node.inputs[1]) else {
                    return;
                };
                let shown = during.map_or(finite(seconds), |window| seconds_within(window, seconds));
                let covered = megapixels(inset) / megapixels(ty).max(1e-6);
                let units = shown * rate * (covered + OVERLAY_COPY);
                self.work.filter(FilterName::Overlay, None, units);
            }
            NodeKind::Filter(filter) => {
                let from = node.inputs.first().and_then(|id| graph.video(*id));
                let active = active_seconds(filter, seconds).map_or(all, |seconds| seconds * rate);
                for call in &filter.calls {
                    let units = match (call.name, from) {
                        (FilterName::Format, Some(from)) if from.pixels == ty.pixels => 0.0,
                        // The mean of the input's and the output's pixels.
                        (FilterName::Scale, Some(from)) => {
                            (all + all * megapixels(from) / megapixels(ty).max(1e-6)) / 2.0
                        }
                        _ => active,
                    };
                    self.work.filter(call.name, None, units);
                }
            }
            _ => {}
        }
    }

    fn count_audio_filters(&mut self, node: &Node, ty: &AudioType, seconds: f64) {
        let rate = audio_units_per_second(ty);
        let all = finite(seconds) * rate;
        match &node.kind {
            NodeKind::Crossfade { overlap, .. } => {
                let overlap = overlap.as_secs_f64().min(seconds) * rate;
                self.work.filter(FilterName::Acrossfade, None, overlap);
            }
            NodeKind::Mix => {
                let units = all * node.inputs.len() as f64;
                self.work.filter(FilterName::Amix, None, units);
            }
            NodeKind::Filter(filter) => count_calls(&mut self.work, &filter.calls, all),
            NodeKind::Loudness { target, true_peak } => {
                let calls = normalize_loudness(*target, *true_peak, 0, node.ty.rate());
                count_calls(&mut self.work, &calls, all);
            }
            _ => {}
        }
    }
}

fn count_calls(work: &mut Work, calls: &[FilterCall], units: f64) {
    for call in calls {
        work.filter(call.name, None, units);
    }
}

/// The complexity of each node, given nodes before their inputs.
fn complexities(context: Context<'_>, nodes: &[NodeId]) -> HashMap<NodeId, Complexity> {
    let mut known = HashMap::new();
    for id in nodes.iter().rev() {
        if !known.contains_key(id) {
            let found = complexity(context, *id, &known);
            known.insert(*id, found);
        }
    }
    known
}

/// Adds the work of an encoder or a measurement.
fn count_consumer(work: &mut Work, context: Context<'_>, consumer: &Consumer, complexity: Complexity) {
    let ty = &context.graph.node(consumer.node).ty;
    let seconds = ty.duration().map_or(0.0, Time::as_secs_f64);
    match (&consumer.purpose, ty) {
        (Purpose::Encode(encoder), StreamType::Video(ty)) => {
            let units = seconds * megapixels_per_second(ty);
            work.encoded.push(EncodeWork {
                complexity: complexity.of_duration(seconds, ty),
                changing_share: complexity.changing_share,
                ..encode_work(encoder, seconds, units)
            });
        }
        (Purpose::EncodeFirstFrame(encoder), StreamType::Video(ty)) => {
            work.encoded.push(EncodeWork {
                complexity: complexity.of_single_frame(ty),
                changing_share: complexity.changing_share,
                ..encode_work(encoder, 0.0, megapixels(ty))
            });
        }
        (Purpose::Encode(encoder) | Purpose::EncodeFirstFrame(encoder), StreamType::Audio(ty)) => {
            let units = seconds * audio_units_per_second(ty);
            work.encoded.push(encode_work(encoder, seconds, units));
        }
        (Purpose::MeasureLoudness, StreamType::Audio(ty)) => {
            let units = seconds * audio_units_per_second(ty);
            count_calls(work, &[measure_loudness()], units);
        }
        (Purpose::MeasureLoudness, StreamType::Video(_)) => {}
    }
}

/// The work of an encoder, as if for audio.
fn encode_work(encoder: &Encoder, seconds: f64, units: f64) -> EncodeWork {
    let option = |name: &str| {
        let found = encoder.options.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    };
    let number = |name: &str| option(name).and_then(|value| value.parse::<f64>().ok());
    let preset = option("preset").or_else(|| option("cpu-used"));
    EncodeWork {
        encoder: encoder.name.to_owned(),
        preset: preset.unwrap_or_default().to_owned(),
        units,
        target_megabits: number("b")
            .filter(|rate| *rate > 0.0)
            .map(|rate| rate / 1e6 * seconds),
        quality: number("crf").or_else(|| number("q")),
        complexity: 0.0,
        changing_share: 1.0,
    }
}

/// Megabytes of a file that an input reads.
fn read_megabytes(context: Context<'_>, input: &RunInput) -> f64 {
    let RunSource::Media(key) = &input.source else {
        return 0.0;
    };
    context
        .media(key)
        .map_or(0.0, |media| media.bytes as f64 / 1e6 * share_read(input, media))
}

/// Megabytes of packets of media files that a run copies.
fn copied_megabytes(context: Context<'_>, run: &Run) -> f64 {
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
                if let Some((media, stream)) = context.stream(key, stream) {
                    let seconds = stream.duration.or(media.duration).map_or(0.0, Time::as_secs_f64);
                    megabits += bit_rate(media, stream) * seconds * share_read(input, media);
                }
            }
            RunSource::Concat(segments) => {
                megabits += segments
                    .iter()
                    .map(|segment| segment_megabits(context, segment))
                    .sum::<f64>();
            }
            RunSource::File(_) | RunSource::Artifact(_) => {}
        }
    }
    megabits / 8.0
}

/// Megabits of a segment of a media file's video.
fn segment_megabits(context: Context<'_>, segment: &Segment) -> f64 {
    let SegmentSource::Media { key, .. } = &segment.source else {
        return 0.0;
    };
    let video = context
        .media(key)
        .and_then(|media| Some((media, media.video()?.0)));
    video.map_or(0.0, |(media, stream)| bit_rate(media, stream)) * segment.duration.as_secs_f64()
}
