//! Smart rendering: copies the GOPs of unchanged video and encodes only the rest.

mod color_tags;
mod encoder;
mod unchanged_span;

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::Facts;
use crate::graph::{Graph, NodeId, Window};
use crate::output::{ConcatCodec, Encoding, OutputSpec, VideoConcat, VideoSegment, VideoSegmentSource};
use crate::time::{Rational, Time};

use super::pass::Pass;
use super::seek_pushdown::Cutter;
use color_tags::ColorTags;
use encoder::{MAX_REORDER_DEPTH, matching_encoder};
use unchanged_span::{NO_KEYFRAME, UnchangedSpan, common_timescale};

/// Legal where the frames are those of a file, starting at an IDR picture: then its packets are the result. Copied
/// packets end where every frame shown earlier is decoded before any frame shown later. The rest is encoded with
/// matching parameters, with its parameter sets in band (ISO/IEC 14496-15, `avc3` and `hev1`). An explicit encoder in the
/// recipe asks for a full encode.
pub(super) const PASS: Pass = Pass {
    summary: "Video that is unchanged from its file is copied packet by packet, and only the rest is encoded.",
    run,
};

/// The shortest span that is worth copying.
const MIN_LENGTH: Time = Time::new(Rational::new_raw(1, 1));
/// The total below which encoded parts count as short.
const SHORT: Time = Time::new(Rational::new_raw(10, 1));

fn run(graph: &Graph, facts: &Facts) -> (Graph, Vec<String>) {
    let mut graph = graph.clone();
    let mut reports = Vec::new();
    for index in 0..graph.outputs.len() {
        let output = graph.outputs[index].clone();
        let Some(partition) = Partition::from_output(&graph, facts, &output) else {
            continue;
        };
        let name = &output.name;
        match partition.into_concat(&mut graph, facts, &output) {
            Ok((concat, report)) => {
                reports.push(format!("`{name}`: {report}"));
                if let Some(track) = &mut graph.outputs[index].video {
                    track.encoding = Encoding::VideoConcat(concat);
                }
            }
            Err(reason) => reports.push(format!("`{name}`: video is encoded as a whole, because {reason}")),
        }
    }
    (graph, reports)
}

/// The times of each file around which keyframes must be known to decide.
pub(super) fn required_keyframes(graph: &Graph, facts: &Facts) -> BTreeMap<String, BTreeSet<Time>> {
    let mut required: BTreeMap<String, BTreeSet<Time>> = BTreeMap::new();
    for output in &graph.outputs {
        let Some(partition) = Partition::from_output(graph, facts, output) else {
            continue;
        };
        for span in &partition.unchanged {
            let times = required.entry(span.source.media.clone()).or_default();
            times.extend(span.keyframe_times(facts));
        }
    }
    required
}

/// An output's video, with the spans that may be copied.
struct Partition {
    node: NodeId,
    rate: Rational,
    /// Number of frames.
    frames: i64,
    unchanged: Vec<UnchangedSpan>,
    /// The codec of all segments.
    codec: ConcatCodec,
    /// The color tags of all segments.
    tags: ColorTags,
}

impl Partition {
    /// `None` if there is nothing to copy in parts.
    fn from_output(graph: &Graph, facts: &Facts, output: &OutputSpec) -> Option<Partition> {
        let track = output.video.as_ref()?;
        let is_auto = matches!(track.encoding, Encoding::Auto(_));
        let ty = graph.video(track.node)?;
        let is_cfr = !ty.variable_rate && !ty.still;
        if !is_auto || !is_cfr || graph.source_codec(track.node, facts).is_some() {
            return None;
        }
        let mut start = Time::ZERO;
        let mut unchanged: Vec<UnchangedSpan> = Vec::new();
        let mut encoded = Time::ZERO;
        for piece in graph.provenance(track.node)? {
            let source = piece.source.filter(|_| piece.length >= MIN_LENGTH);
            match source.and_then(|source| UnchangedSpan::new(facts, ty, source, start, piece.length)) {
                Some(span) => unchanged.push(span.after_encoded(std::mem::take(&mut encoded))),
                None => encoded = encoded + piece.length,
            }
            start = start + piece.length;
        }
        let joinable = ConcatCodec::joinable_in(output.container);
        let (codec, tags) = dominant_form(&unchanged, joinable, facts)?;
        unchanged.retain(|span| span.codec == codec && span.tags == tags);
        Some(Partition {
            node: track.node,
            rate: ty.frame_rate,
            frames: start.frames(ty.frame_rate),
            unchanged,
            codec,
            tags,
        })
    }

    /// The segments and a report of what is copied; or the reason why everything is encoded.
    fn into_concat(
        self,
        graph: &mut Graph,
        facts: &Facts,
        output: &OutputSpec,
    ) -> Result<(VideoConcat, String), String> {
        let timescale = common_timescale(&self.unchanged, self.rate);
        let copies = self.copies(facts, timescale)?;
        let mut parts = Vec::new();
        let mut parameter_sets = BTreeSet::new();
        let mut pts_jitter = Time::ZERO;
        let (mut next, mut encoded) = (0, 0);
        for copy in &copies.spans {
            if next < copy.start {
                parts.push(self.encoded_segment(graph, facts, output, next, copy.start));
                encoded += copy.start - next;
            }
            parts.push(VideoSegment {
                length: Time::from_frames(copy.end - copy.start, self.rate),
                source: copy.packets.clone(),
            });
            parameter_sets.insert(copy.span.parameter_sets.clone());
            pts_jitter = pts_jitter.max(copy.span.tick);
            next = copy.end;
        }
        if next < self.frames {
            parts.push(self.encoded_segment(graph, facts, output, next, self.frames));
            encoded += self.frames - next;
        }
        let in_band = encoded > 0 || parameter_sets.len() > 1 || parameter_sets.contains(&None);
        let time = |frames: i64| Time::from_frames(frames, self.rate);
        let report = format!(
            "{} of video copied, {} encoded",
            time(self.frames - encoded),
            time(encoded)
        );
        let mut encoder = matching_encoder(self.codec, copies.reorder_depth, time(encoded) < SHORT);
        encoder.options.extend(self.tags.encoder_options());
        let concat = VideoConcat {
            parts,
            encoder,
            codec: self.codec,
            timescale,
            rate: self.rate,
            pts_jitter,
            in_band,
        };
        Ok((concat, report))
    }

    /// The spans that are copied; or the reason why there are none.
    fn copies(&self, facts: &Facts, timescale: i64) -> Result<Copies<'_>, String> {
        let mut spans = Vec::new();
        let mut reorder_depth = None;
        let mut reason = NO_KEYFRAME;
        for span in &self.unchanged {
            let (from, until) = match span.find_cuts(facts) {
                Ok(cuts) => cuts,
                Err(obstacle) => {
                    reason = obstacle;
                    continue;
                }
            };
            let output_frame = |pts: Time| (span.start + (pts - span.source.at)).frames(self.rate);
            let start = output_frame(from.pts);
            let end = match until {
                Some(until) => output_frame(until.pts),
                None => (span.start + span.length).frames(self.rate),
            };
            if span.has_open_gop && (start > 0 || end < self.frames) {
                reason = "its GOPs are open";
                continue;
            }
            if Time::from_frames(end - start, self.rate) < MIN_LENGTH {
                reason = "keyframes are too far apart";
                continue;
            }
            let delay = (from.pts - from.dts).frames(self.rate);
            if !(0..=MAX_REORDER_DEPTH).contains(&delay) || *reorder_depth.get_or_insert(delay) != delay {
                reason = "its frames are reordered over a longer distance than the encoder can match";
                continue;
            }
            let packets = VideoSegmentSource::Packets {
                media: span.source.media.clone(),
                stream: span.source.stream,
                from,
                until: until.map(|until| until.dts),
                frames: end - start,
                as_is: span.can_be_read_in_place(timescale),
            };
            spans.push(CopiedSpan {
                start,
                end,
                packets,
                span,
            });
        }
        match reorder_depth {
            Some(reorder_depth) => Ok(Copies { spans, reorder_depth }),
            None => Err(reason.to_owned()),
        }
    }

    /// The frames from one number to another, encoded.
    fn encoded_segment(
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
        let segment = Cutter { graph, facts }.cut(self.node, window, origin);
        let node = graph.fix_length(segment, until - from, origin);
        VideoSegment {
            length: Time::from_frames(until - from, self.rate),
            source: VideoSegmentSource::Encoded(node),
        }
    }
}

/// All spans that are copied, and their reorder depth in frames.
struct Copies<'p> {
    spans: Vec<CopiedSpan<'p>>,
    reorder_depth: i64,
}

/// Copied frames, by their numbers in the output.
struct CopiedSpan<'p> {
    start: i64,
    end: i64,
    packets: VideoSegmentSource,
    span: &'p UnchangedSpan,
}

/// The joinable codec and the color tags that allow the most to be copied.
fn dominant_form(
    spans: &[UnchangedSpan],
    joinable: &[ConcatCodec],
    facts: &Facts,
) -> Option<(ConcatCodec, ColorTags)> {
    let mut forms: Vec<(ConcatCodec, &ColorTags, Time)> = Vec::new();
    for span in spans {
        let form = (span.codec, &span.tags);
        match forms.iter_mut().find(|(codec, tags, _)| (*codec, *tags) == form) {
            Some((_, _, total)) => *total = *total + span.length,
            None => forms.push((form.0, form.1, span.length)),
        }
    }
    // `max_by_key` returns the last of equal elements; the first is wanted.
    forms.reverse();
    forms
        .into_iter()
        .filter(|(codec, ..)| joinable.contains(codec) && facts.ffmpeg.encoders.contains(codec.encoder()))
        .max_by_key(|(codec, _, total)| (*total, *codec == ConcatCodec::H264))
        .map(|(codec, tags, _)| (codec, tags.clone()))
}
