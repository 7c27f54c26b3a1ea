mod encoder;
mod source;
mod tags;

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::Facts;
use crate::graph::{Graph, NodeId, Window};
use crate::output::{ConcatCodec, Encoding, OutputSpec, VideoConcat, VideoSegment, VideoSegmentSource};
use crate::time::{Rational, Time};

use super::pass::Pass;
use super::seek_pushdown::Cutter;
use encoder::matching_encoder;
use source::{NOWHERE, UnchangedSpan, common_timescale, unchanged_span};
use tags::ColorTags;

/// Legal where pictures are those of a file, from a keyframe that begins a closed group on: then their packets are the
/// result. They end where all that is shown before is decoded before anything later. What lies between is encoded to the
/// same form, with parameter sets of its own among the packets (ISO/IEC 14496-15, `avc3` and `hev1`). An explicit encoder
/// asks for a full encode.
pub(super) const PASS: Pass = Pass {
    summary: "Where a picture is a file's, untouched, its packets are copied, and only the rest is encoded.",
    run,
};

/// Less than this is not worth a part of its own.
const WORTH: Time = Time::new(Rational::new_raw(1, 1));
/// What is more than a few seconds.
const MUCH: Time = Time::new(Rational::new_raw(10, 1));
/// Frames that encoders hold back to reorder them, at most.
const MOST_DELAY: i64 = 2;

fn run(graph: &Graph, facts: &Facts) -> (Graph, Vec<String>) {
    let mut graph = graph.clone();
    let mut done = Vec::new();
    for index in 0..graph.outputs.len() {
        let output = graph.outputs[index].clone();
        let Some(plan) = Partition::from_output(&graph, facts, &output) else {
            continue;
        };
        match plan.into_concat(&mut graph, facts, &output) {
            Ok((join, what)) => {
                done.push(format!("in `{}`, {what}", output.name));
                if let Some(track) = &mut graph.outputs[index].video {
                    track.encoding = Encoding::VideoConcat(join);
                }
            }
            Err(why) => done.push(format!("all of `{}` is encoded: {why}", output.name)),
        }
    }
    (graph, done)
}

/// The times of files next to which keyframes must be known to decide.
pub(super) fn required_keyframes(graph: &Graph, facts: &Facts) -> BTreeMap<String, BTreeSet<Time>> {
    let mut wanted: BTreeMap<String, BTreeSet<Time>> = BTreeMap::new();
    for output in &graph.outputs {
        let Some(partition) = Partition::from_output(graph, facts, output) else {
            continue;
        };
        for piece in &partition.untouched {
            let times = wanted.entry(piece.origin.media.clone()).or_default();
            times.extend(piece.keyframe_times(facts));
        }
    }
    wanted
}

/// An output's picture, taken apart.
struct Partition {
    node: NodeId,
    rate: Rational,
    /// How many frames there are.
    frames: i64,
    untouched: Vec<UnchangedSpan>,
    /// What every part is coded in.
    codec: ConcatCodec,
    /// What every part says of its colors.
    tags: ColorTags,
}

impl Partition {
    /// None where there is nothing to copy.
    fn from_output(graph: &Graph, facts: &Facts, output: &OutputSpec) -> Option<Partition> {
        let track = output.video.as_ref()?;
        let auto = matches!(track.encoding, Encoding::Auto(_));
        let ty = graph.video(track.node)?;
        let even = !ty.variable_rate && !ty.still;
        if !auto || !even || graph.source_codec(track.node, facts).is_some() {
            return None;
        }
        let mut begins = Time::ZERO;
        let mut found: Vec<UnchangedSpan> = Vec::new();
        let mut changed = Time::ZERO;
        for piece in graph.provenance(track.node)? {
            let kept = piece.origin.filter(|_| piece.length >= WORTH);
            match kept.and_then(|origin| unchanged_span(facts, ty, origin, begins, piece.length)) {
                Some(kept) => found.push(kept.after_encoded(std::mem::take(&mut changed))),
                None => changed = changed + piece.length,
            }
            begins = begins + piece.length;
        }
        let (codec, tags) = dominant_form(&found, ConcatCodec::joinable_in(output.container), facts)?;
        found.retain(|piece| piece.codec == codec && piece.tags == tags);
        Some(Partition {
            node: track.node,
            rate: ty.frame_rate,
            frames: begins.frames(ty.frame_rate),
            untouched: found,
            codec,
            tags,
        })
    }

    /// The parts, and what is saved in words; or why all is encoded.
    fn into_concat(
        self,
        graph: &mut Graph,
        facts: &Facts,
        output: &OutputSpec,
    ) -> Result<(VideoConcat, String), String> {
        let timescale = common_timescale(&self.untouched, self.rate);
        let copies = self.copies(facts, timescale)?;
        let mut parts = Vec::new();
        let mut sets = BTreeSet::new();
        let mut pts_jitter = Time::ZERO;
        let (mut next, mut encoded) = (0, 0);
        for copy in &copies.list {
            if next < copy.start {
                parts.push(self.encoded(graph, facts, output, next, copy.start));
                encoded += copy.start - next;
            }
            parts.push(VideoSegment {
                length: Time::from_frames(copy.end - copy.start, self.rate),
                source: copy.source.clone(),
            });
            sets.insert(copy.piece.parameter_sets.clone());
            pts_jitter = pts_jitter.max(copy.piece.tick);
            next = copy.end;
        }
        if next < self.frames {
            parts.push(self.encoded(graph, facts, output, next, self.frames));
            encoded += self.frames - next;
        }
        let in_band = encoded > 0 || sets.len() > 1 || sets.contains(&None);
        let time = |frames: i64| Time::from_frames(frames, self.rate);
        let what = format!(
            "{} of the picture are copied, {} encoded",
            time(self.frames - encoded),
            time(encoded)
        );
        let mut encoder = matching_encoder(self.codec, copies.delay, time(encoded) < MUCH);
        encoder.options.extend(self.tags.encoder_options());
        let join = VideoConcat {
            parts,
            encoder,
            codec: self.codec,
            timescale,
            rate: self.rate,
            pts_jitter,
            in_band,
        };
        Ok((join, what))
    }

    /// What is copied; or why nothing is.
    fn copies(&self, facts: &Facts, timescale: i64) -> Result<Copies<'_>, String> {
        let mut list = Vec::new();
        let mut delay = None;
        let mut why = NOWHERE;
        for piece in &self.untouched {
            let (from, until) = match piece.find_cuts(facts) {
                Ok(cuts) => cuts,
                Err(not) => {
                    why = not;
                    continue;
                }
            };
            let at = |pts: Time| (piece.begins + (pts - piece.origin.at)).frames(self.rate);
            let start = at(from.pts);
            let end = match until {
                Some(until) => at(until.pts),
                None => (piece.begins + piece.length).frames(self.rate),
            };
            if piece.has_open_gop && (start > 0 || end < self.frames) {
                why = "frames behind keyframes are shown before them";
                continue;
            }
            if Time::from_frames(end - start, self.rate) < WORTH {
                why = "keyframes are too far apart";
                continue;
            }
            let held = (from.pts - from.dts).frames(self.rate);
            if !(0..=MOST_DELAY).contains(&held) || *delay.get_or_insert(held) != held {
                why = "its frames are reordered over a longer way than the encoder does";
                continue;
            }
            let source = VideoSegmentSource::Packets {
                media: piece.origin.media.clone(),
                stream: piece.origin.stream,
                from,
                until: until.map(|until| until.dts),
                frames: end - start,
                as_is: piece.can_be_read_in_place(timescale),
            };
            list.push(CopiedSpan {
                start,
                end,
                source,
                piece,
            });
        }
        match delay {
            Some(delay) => Ok(Copies { list, delay }),
            None => Err(why.to_owned()),
        }
    }

    /// A part that is encoded, from one frame to another.
    fn encoded(
        &self,
        graph: &mut Graph,
        facts: &Facts,
        output: &OutputSpec,
        from: i64,
        until: i64,
    ) -> VideoSegment {
        let origin = output.origin;
        let window = Window {
            start: Time::from_frames(from, self.rate),
            end: (until < self.frames).then(|| Time::from_frames(until, self.rate)),
        };
        let part = Cutter { new: graph, facts }.cut(self.node, window, origin);
        let node = graph.fix_length(part, until - from, origin);
        VideoSegment {
            length: Time::from_frames(until - from, self.rate),
            source: VideoSegmentSource::Encoded(node),
        }
    }
}

/// All that is copied, and by how many frames each piece's decoding is ahead.
struct Copies<'p> {
    list: Vec<CopiedSpan<'p>>,
    delay: i64,
}

/// Frames that are copied, from one of the output to another.
struct CopiedSpan<'p> {
    start: i64,
    end: i64,
    source: VideoSegmentSource,
    piece: &'p UnchangedSpan,
}

/// The codec and the colors in which there is most to copy, of those that can be written here.
fn dominant_form(
    found: &[UnchangedSpan],
    among: &[ConcatCodec],
    facts: &Facts,
) -> Option<(ConcatCodec, ColorTags)> {
    let mut forms: Vec<(ConcatCodec, &ColorTags, Time)> = Vec::new();
    for piece in found {
        let form = (piece.codec, &piece.tags);
        match forms.iter_mut().find(|(codec, tags, _)| (*codec, *tags) == form) {
            Some((_, _, total)) => *total = *total + piece.length,
            None => forms.push((form.0, form.1, piece.length)),
        }
    }
    // The first of those of which there is as much.
    forms.reverse();
    forms
        .into_iter()
        .filter(|(codec, ..)| among.contains(codec) && facts.ffmpeg.encoders.contains(codec.encoder()))
        .max_by_key(|(codec, _, total)| (*total, *codec == ConcatCodec::H264))
        .map(|(codec, tags, _)| (codec, tags.clone()))
}
