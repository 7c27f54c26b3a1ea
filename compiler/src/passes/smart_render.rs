use std::collections::{BTreeMap, BTreeSet};

use crate::facts::{Around, Facts, Keyframe, Media, Stream, StreamFacts, VideoFacts};
use crate::graph::{Graph, NodeId, Origin, VideoType, Window};
use crate::output::{Encoder, Encoding, Join, JoinPart, JoinSource, OutputSpec};
use crate::time::{Rational, Time};

use super::Pass;
use super::seek_pushdown::Cut;

/// Legal where pictures are those of a file, from a keyframe that begins a closed group on: then their packets are the
/// result. What lies between is encoded to the same form, with parameter sets of its own among the packets (ISO/IEC
/// 14496-15, `avc3`). An explicit encoder asks for a full encode.
pub(super) const PASS: Pass = Pass {
    name: "smart-render",
    why: "Where a picture is a file's, untouched, its packets are copied, and only the rest is encoded.",
    run,
};

/// Less than this is not worth a part of its own.
const WORTH: Time = Time::new(Rational::new_raw(1, 1));
/// A few seconds are seen next to the source's own, so they are better than the usual.
const CRF: &str = "18";
/// What is more than a few seconds.
const MUCH: Time = Time::new(Rational::new_raw(10, 1));
/// Frames that x264 holds back to reorder them, at most.
const MOST_DELAY: i64 = 2;

fn run(graph: &Graph, facts: &Facts) -> (Graph, Vec<String>) {
    let mut graph = graph.clone();
    let mut done = Vec::new();
    for index in 0..graph.outputs.len() {
        let output = graph.outputs[index].clone();
        let Some(plan) = Partition::of(&graph, facts, &output) else {
            continue;
        };
        match plan.joined(&mut graph, facts, &output) {
            Ok((join, what)) => {
                done.push(format!("in `{}`, {what}", output.name));
                if let Some(track) = &mut graph.outputs[index].video {
                    track.encoding = Encoding::Join(join);
                }
            }
            Err(why) => done.push(format!("all of `{}` is encoded: {why}", output.name)),
        }
    }
    (graph, done)
}

/// The times of files next to which keyframes must be known to decide.
pub(super) fn wanted(graph: &Graph, facts: &Facts) -> BTreeMap<String, BTreeSet<Time>> {
    let mut wanted: BTreeMap<String, BTreeSet<Time>> = BTreeMap::new();
    for output in &graph.outputs {
        let Some(partition) = Partition::of(graph, facts, output) else {
            continue;
        };
        for piece in &partition.untouched {
            let times = wanted.entry(piece.origin.media.clone()).or_default();
            times.extend(piece.asked());
        }
    }
    wanted
}

/// An output's picture, taken apart.
struct Partition {
    node: NodeId,
    encoder: Encoder,
    rate: Rational,
    /// How many frames there are.
    frames: i64,
    untouched: Vec<Untouched>,
    /// What every copied part must be like.
    form: Form,
}

/// A stretch of a file's pictures.
struct Untouched {
    origin: Origin,
    /// When it begins in the output.
    begins: Time,
    length: Time,
    /// Whether it goes on to the end of the file.
    to_end: bool,
    first: Option<Keyframe>,
    parameter_sets: Option<String>,
}

impl Untouched {
    /// The times of its file next to which keyframes must be known.
    fn asked(&self) -> impl Iterator<Item = Time> {
        let start = self.origin.at.is_positive().then_some(self.origin.at);
        let end = (!self.to_end).then(|| self.origin.at + self.length);
        start.into_iter().chain(end)
    }
}

/// What packets must have in common to be joined.
#[derive(Clone, PartialEq)]
struct Form {
    ticks: i64,
}

impl Partition {
    /// None where there is nothing to copy.
    fn of(graph: &Graph, facts: &Facts, output: &OutputSpec) -> Option<Partition> {
        let track = output.video.as_ref()?;
        let Encoding::Auto(encoder) = &track.encoding else {
            return None;
        };
        let takes = matches!(output.container.muxer, "mp4" | "mov" | "matroska");
        let ty = graph.video(track.node)?;
        let even = !ty.variable_rate && !ty.still;
        if encoder.name != "libx264" || !takes || !even || graph.whole_codec(track.node, facts).is_some() {
            return None;
        }
        let mut begins = Time::ZERO;
        let mut found: Vec<(Form, Untouched)> = Vec::new();
        for piece in graph.pieces(track.node)? {
            if let Some(origin) = piece.origin.filter(|_| piece.length >= WORTH) {
                found.extend(untouched(facts, ty, origin, begins, piece.length));
            }
            begins = begins + piece.length;
        }
        let form = found.first()?.0.clone();
        found.retain(|(other, _)| *other == form);
        Some(Partition {
            node: track.node,
            encoder: encoder.clone(),
            rate: ty.frame_rate,
            frames: begins.frames(ty.frame_rate),
            untouched: found.into_iter().map(|(_, untouched)| untouched).collect(),
            form,
        })
    }

    /// The parts, and what is saved in words; or why all is encoded.
    fn joined(self, graph: &mut Graph, facts: &Facts, output: &OutputSpec) -> Result<(Join, String), String> {
        let mut copied: Vec<(i64, i64, JoinSource)> = Vec::new();
        let mut sets = BTreeSet::new();
        let mut delay = None;
        let mut why = "no keyframe to cut at was found nearby";
        for piece in &self.untouched {
            let Some((from, until)) = piece.cuts(facts) else {
                continue;
            };
            let at = |shown: Time| (piece.begins + (shown - piece.origin.at)).frames(self.rate);
            let end = match until {
                Some(until) => at(until.shown),
                None => (piece.begins + piece.length).frames(self.rate),
            };
            let start = at(from.shown);
            if Time::of_frames(end - start, self.rate) < WORTH {
                why = "keyframes are too far apart";
                continue;
            }
            let held = (from.shown - from.decoded).frames(self.rate);
            if !(0..=MOST_DELAY).contains(&held) || *delay.get_or_insert(held) != held {
                why = "its frames are reordered over a longer way than the encoder does";
                continue;
            }
            sets.insert(piece.parameter_sets.clone());
            let source = JoinSource::Packets {
                media: piece.origin.media.clone(),
                from,
                until: until.map(|until| until.decoded),
            };
            copied.push((start, end, source));
        }
        let Some(delay) = delay else {
            return Err(why.to_owned());
        };
        let mut parts = Vec::new();
        let mut next = 0;
        let mut encoded = 0;
        let origin = output.origin;
        for (start, end, source) in copied.into_iter().map(Some).chain([None]).map(|part| match part {
            Some((start, end, source)) => (start, end, Some(source)),
            None => (self.frames, self.frames, None),
        }) {
            if next < start {
                let window = Window {
                    start: Time::of_frames(next, self.rate),
                    end: (start < self.frames).then(|| Time::of_frames(start, self.rate)),
                };
                let part = Cut { new: graph, facts }.cut(self.node, window, origin);
                let node = graph.exact(part, start - next, origin);
                encoded += start - next;
                parts.push(self.part(start - next, JoinSource::Encoded(node)));
            }
            if let Some(source) = source {
                parts.push(self.part(end - start, source));
            }
            next = end;
        }
        let in_band = encoded > 0 || sets.len() > 1 || sets.contains(&None);
        let rest = Time::of_frames(self.frames - encoded, self.rate);
        let what = format!(
            "{rest} of the picture are copied, {} encoded",
            Time::of_frames(encoded, self.rate)
        );
        let join = Join {
            parts,
            encoder: alike(self.encoder, delay, Time::of_frames(encoded, self.rate) < MUCH),
            ticks: self.form.ticks,
            in_band,
        };
        Ok((join, what))
    }

    fn part(&self, frames: i64, source: JoinSource) -> JoinPart {
        JoinPart {
            length: Time::of_frames(frames, self.rate),
            source,
        }
    }
}

/// A piece of a file whose packets can stand beside what is encoded.
fn untouched(
    facts: &Facts,
    ty: &VideoType,
    origin: Origin,
    begins: Time,
    length: Time,
) -> Option<(Form, Untouched)> {
    let media = facts.media.get(&origin.media)?.as_ref().ok()?;
    let stream = media
        .streams
        .iter()
        .find(|stream| stream.index == origin.stream)?;
    let StreamFacts::Video(video) = &stream.facts else {
        return None;
    };
    if !is_alike(media, stream, video, ty) {
        return None;
    }
    let base = stream.time_base?;
    let frame = Time::of_frames(1, ty.frame_rate);
    let whole = stream.duration.or(media.duration)?;
    let piece = Untouched {
        begins,
        length,
        to_end: origin.at + length + frame > whole,
        origin,
        first: video.first_keyframe,
        parameter_sets: video.parameter_sets.clone(),
    };
    (*base.numer() == 1).then_some((Form { ticks: *base.denom() }, piece))
}

/// Whether a file's picture has the form of what is made, so that decoders see no change. Only in MP4 and MOV are the
/// times of decoding known beforehand.
fn is_alike(media: &Media, stream: &Stream, video: &VideoFacts, ty: &VideoType) -> bool {
    let form = VideoType::of_facts(video, ty.duration);
    // Joined files are matched stream by stream.
    stream.index == 0
        && media.format.contains("mp4")
        && stream.codec == "h264"
        && video.rotation == 0
        && !video.interlaced
        && form == *ty
        && video.pixel_format == "yuv420p"
}

impl Untouched {
    /// Where packets are cut: the keyframe they begin with, and the one behind them.
    fn cuts(&self, facts: &Facts) -> Option<(Keyframe, Option<Keyframe>)> {
        let known = facts.keyframes.get(&self.origin.media);
        let around = |time: Time| -> Around {
            let found = known.and_then(|known| known.get(&time));
            found.copied().unwrap_or_default()
        };
        let from = match self.origin.at.is_positive() {
            true => around(self.origin.at).after?,
            false => self.first?,
        };
        let until = match self.to_end {
            true => None,
            false => Some(around(self.origin.at + self.length).before?),
        };
        Some((from, until))
    }
}

/// The encoder with settings that make packets like those beside them: as many frames held back, and a parameter set
/// whose number is not taken.
fn alike(encoder: Encoder, delay: i64, little: bool) -> Encoder {
    let mut options = encoder.options;
    if little {
        options.retain(|(name, _)| name != "crf");
        options.push(("crf".to_owned(), CRF.to_owned()));
    }
    options.push(("bf".to_owned(), if delay == 0 { "0" } else { "3" }.to_owned()));
    let pyramid = if delay == MOST_DELAY { "normal" } else { "none" };
    options.push(("x264-params".to_owned(), format!("b-pyramid={pyramid}:sps-id=1")));
    Encoder { options, ..encoder }
}
