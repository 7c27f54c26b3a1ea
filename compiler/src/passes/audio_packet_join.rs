//! Joining of copied and encoded AAC packets.

use crate::aac::{LOOKAHEAD_PACKETS, SAMPLES_PER_PACKET, SETTLING_PACKETS};
use crate::facts::{AudioFacts, Facts, StreamFacts};
use crate::graph::{AudioType, Graph, Node, NodeId, NodeKind, SourcePosition, StreamType, Window};
use crate::output::{AudioConcat, AudioSegment, AudioSegmentSource, Encoder, Encoding, OutputSpec};
use crate::time::{Rational, Time, decimal};

use super::pass::Pass;
use super::seek_pushdown::Cutter;

/// Legal where audio is unchanged AAC from a file. Any packet is decoded from itself and the one before it, and where the
/// packets on both sides were encoded from the same audio, the aliasing in their overlap cancels (time-domain aliasing
/// cancellation, ISO/IEC 14496-3, 4.6.11). So the packets around a cut are encoded from what plays there, and those
/// further away are copied. All packets lie on one grid of 1024 samples; a clip's audio is shifted onto it by half a packet
/// at most. An edit list (ISO/IEC 14496-12, 8.6.6) trims what precedes the first sample. Only done next to video that is
/// not encoded as a whole: otherwise the render decodes and encodes anyway.
pub(super) const PASS: Pass = Pass {
    summary: "AAC audio that is unchanged from its file is copied packet by packet next to copied video.",
    run,
};

/// The distance from a cut at which copied packets start: encoders switch to short blocks around a cut, whose halves
/// overlap with nothing.
const GUARD: i64 = 2 * SAMPLES_PER_PACKET;
/// The shortest run of packets that is worth copying, in seconds.
const MIN_SECONDS: i64 = 1;

fn run(graph: &Graph, facts: &Facts) -> (Graph, Vec<String>) {
    let mut graph = graph.clone();
    let mut reports = Vec::new();
    for index in 0..graph.outputs.len() {
        let output = graph.outputs[index].clone();
        let Some(timeline) = AudioTimeline::from_output(&graph, facts, &output) else {
            continue;
        };
        let Some((concat, report)) = timeline.to_concat(&mut graph, facts) else {
            continue;
        };
        reports.push(format!("`{}`: {report}", output.name));
        if let Some(track) = &mut graph.outputs[index].audio {
            track.encoding = Encoding::AudioConcat(concat);
        }
    }
    (graph, reports)
}

/// The timeline of an output's audio. All times are in samples.
struct AudioTimeline {
    node: NodeId,
    encoder: Encoder,
    rate: Rational,
    length: i64,
    /// The position of the packet grid, from 0 to below [`SAMPLES_PER_PACKET`].
    phase: i64,
    pieces: Vec<AudioPiece>,
}

/// A part of the timeline.
struct AudioPiece {
    start: i64,
    end: i64,
    /// Its packets in a file, if they can be copied.
    source: Option<PacketSource>,
}

/// The AAC packets of a file, aligned with the timeline.
struct PacketSource {
    media: String,
    stream: u32,
    /// The position in the file of sample 0 of the output.
    at: i64,
    /// How much later the audio plays than the recipe says.
    shift: i64,
    /// The start of one of the file's packets.
    packet: i64,
    /// Whether the file starts after its first packets, so that not all of them may be copied.
    has_lead: bool,
}

/// Consecutive packets, from one sample of the output to another.
struct PacketRun<'a> {
    from: i64,
    until: i64,
    source: &'a PacketSource,
}

impl AudioTimeline {
    /// `None` if there is nothing to copy in parts.
    fn from_output(graph: &Graph, facts: &Facts, output: &OutputSpec) -> Option<AudioTimeline> {
        let track = output.audio.as_ref()?;
        let Encoding::Auto(encoder) = &track.encoding else {
            return None;
        };
        let has_edit_lists = output.container.muxer.is_iso_media();
        let video_is_copied = output.video.as_ref().is_none_or(|video| {
            let is_auto = matches!(video.encoding, Encoding::Auto(_));
            output.video_concat().is_some()
                || is_auto && graph.check_copy(video.node, output.container, facts).is_ok()
        });
        let is_whole = graph.source_codec(track.node, facts).is_some();
        if encoder.name != "aac" || !has_edit_lists || !video_is_copied || is_whole || output.clock.is_some()
        {
            return None;
        }
        let ty = graph.audio(track.node)?;
        let rate = ty.rate();
        let mut start = Time::ZERO;
        let mut pieces = Vec::new();
        for piece in graph.provenance(track.node)? {
            let end = start + piece.length;
            let (from, until) = (start.frames(rate), end.frames(rate));
            let is_long = until - from >= MIN_SECONDS * rate.to_integer();
            let position = piece.source.filter(|_| is_long);
            pieces.push(AudioPiece {
                start: from,
                end: until,
                source: position.and_then(|position| PacketSource::new(facts, ty, position, from)),
            });
            start = end;
        }
        let mut timeline = AudioTimeline {
            node: track.node,
            encoder: encoder.clone(),
            rate,
            length: start.frames(rate),
            phase: 0,
            pieces,
        };
        timeline.align();
        Some(timeline)
    }

    /// Puts all packets on one grid: that of the first piece if its packets are the first of the output, otherwise the
    /// encoder's.
    fn align(&mut self) {
        let first = self.pieces.first().and_then(|piece| piece.source.as_ref());
        self.phase = first.map_or(0, |source| {
            (source.packet - source.at).rem_euclid(SAMPLES_PER_PACKET)
        });
        for source in self.pieces.iter_mut().filter_map(|piece| piece.source.as_mut()) {
            let offset = self.phase - (source.packet - source.at);
            source.shift =
                (offset + SAMPLES_PER_PACKET / 2).rem_euclid(SAMPLES_PER_PACKET) - SAMPLES_PER_PACKET / 2;
            source.at -= source.shift;
        }
    }

    /// The segments, and a report of what is copied; `None` if nothing is.
    fn to_concat(&self, graph: &mut Graph, facts: &Facts) -> Option<(AudioConcat, String)> {
        let runs: Vec<PacketRun<'_>> = self
            .pieces
            .iter()
            .filter_map(|piece| self.packet_run(piece))
            .collect();
        let first = runs.first()?;
        if first.from > 0 && self.phase != 0 {
            // The encoded packets before it would lie on another grid.
            return None;
        }
        let early = (-first.from).max(0);
        let node = self.shifted_node(graph, facts);
        let mut parts = Vec::new();
        let mut encoded = 0;
        let mut next = 0;
        for run in &runs {
            if next < run.from {
                encoded += run.from - next;
                parts.push(self.encoded_segment(graph, facts, node, next, run.from));
            }
            parts.push(self.copied_segment(run));
            next = run.until;
        }
        if next < self.length {
            encoded += self.length - next;
            parts.push(self.encoded_segment(graph, facts, node, next, self.length));
        }
        let max_shift = runs.iter().map(|run| run.source.shift.abs()).max().unwrap_or(0);
        let concat = AudioConcat {
            parts,
            encoder: self.encoder.clone(),
            early: self.time(early),
            rate: self.rate,
        };
        Some((concat, self.describe(encoded, max_shift)))
    }

    fn describe(&self, encoded: i64, max_shift: i64) -> String {
        let mut report = format!("{} of audio copied", self.time(self.length - encoded));
        if encoded > 0 {
            report.push_str(&format!(", {} encoded", self.time(encoded)));
        }
        if max_shift > 0 {
            let millis = self.time(max_shift).scale(Rational::from_integer(1000));
            let millis = decimal(millis.as_rational(), 1);
            report.push_str(&format!("; clips shifted by up to {millis} ms"));
        }
        report
    }

    /// The packets of a piece that can be copied; `None` if they are too few.
    fn packet_run<'a>(&self, piece: &'a AudioPiece) -> Option<PacketRun<'a>> {
        let source = piece.source.as_ref()?;
        let on_grid = |sample: i64| sample + (self.phase - sample).rem_euclid(SAMPLES_PER_PACKET);
        let mut from = on_grid(piece.start + GUARD);
        if piece.start == 0 {
            // The packet before the first sample contains half of it. At the start of a file, all packets are copied.
            from = on_grid(1 - 2 * SAMPLES_PER_PACKET);
            if source.at + from <= 0 {
                if source.has_lead {
                    return None;
                }
                from = -source.at;
            }
        }
        let until = match piece.end == self.length {
            true => on_grid(self.length),
            false => on_grid(piece.end - GUARD - SAMPLES_PER_PACKET),
        };
        let is_long = until - from >= MIN_SECONDS * self.rate.to_integer();
        is_long.then_some(PacketRun { from, until, source })
    }

    fn copied_segment(&self, run: &PacketRun<'_>) -> AudioSegment {
        let begin = run.source.at + run.from;
        AudioSegment {
            length: self.time(run.until.min(self.length.max(run.from)) - run.from),
            source: AudioSegmentSource::Packets {
                media: run.source.media.clone(),
                stream: run.source.stream,
                window: Window {
                    start: self.time(begin),
                    end: Some(self.time(run.source.at + run.until)),
                },
            },
        }
    }

    /// The samples from one to another, encoded from a few more on either side.
    fn encoded_segment(
        &self,
        graph: &mut Graph,
        facts: &Facts,
        node: NodeId,
        from: i64,
        until: i64,
    ) -> AudioSegment {
        let start = (from - SETTLING_PACKETS * SAMPLES_PER_PACKET).max(0);
        let end = (until + LOOKAHEAD_PACKETS * SAMPLES_PER_PACKET).min(self.length);
        let input = self.cut(graph, facts, node, start, end);
        AudioSegment {
            length: self.time(until - from),
            source: AudioSegmentSource::Encoded {
                node: input,
                skip: (from > 0).then(|| self.time(from - start)),
                last: until == self.length,
            },
        }
    }

    /// Cuts samples out of audio.
    fn cut(&self, graph: &mut Graph, facts: &Facts, node: NodeId, start: i64, end: i64) -> NodeId {
        let origin = graph.node(node).origin;
        let window = Window {
            start: self.time(start),
            end: (end < self.length).then(|| self.time(end)),
        };
        let cut = Cutter { graph, facts }.cut(node, window, origin);
        graph.fix_length(cut, end - start, origin)
    }

    /// The audio, with the shifts of all copied pieces applied.
    fn shifted_node(&self, graph: &mut Graph, facts: &Facts) -> NodeId {
        let mut sources = self.pieces.iter().filter_map(|piece| piece.source.as_ref());
        if sources.all(|source| source.shift == 0) {
            return self.node;
        }
        let origin = graph.node(self.node).origin;
        let mut parts = Vec::new();
        for piece in &self.pieces {
            parts.push(match &piece.source {
                Some(source) if source.shift != 0 => self.reread(graph, piece, source),
                _ => self.cut(graph, facts, self.node, piece.start, piece.end),
            });
        }
        graph.concat(parts, origin)
    }

    /// Reads a shifted piece from its file.
    fn reread(&self, graph: &mut Graph, piece: &AudioPiece, source: &PacketSource) -> NodeId {
        let Node { ty, origin, .. } = graph.node(self.node).clone();
        let start = source.at + piece.start;
        let count = piece.end - piece.start;
        let window = Window {
            start: self.time(start.max(0)),
            end: Some(self.time(start + count)),
        };
        let read = graph.add(Node {
            kind: NodeKind::Source {
                media: source.media.clone(),
                stream: source.stream,
                window,
                offset: Time::ZERO,
            },
            inputs: Vec::new(),
            ty: ty.with_duration(Some(self.time(count - (-start).max(0)))),
            origin,
        });
        if start >= 0 {
            return graph.fix_length(read, count, origin);
        }
        let StreamType::Audio(like) = &ty else {
            return read;
        };
        let silence = graph.silence(like, None, origin);
        let silence = graph.fix_length(silence, -start, origin);
        let delayed = graph.concat(vec![silence, read], origin);
        graph.fix_length(delayed, count, origin)
    }

    fn time(&self, samples: i64) -> Time {
        Time::from_frames(samples, self.rate)
    }
}

impl PacketSource {
    /// The packets of a file from a position on, if they can be joined with the encoder's. `start` is the start of the
    /// piece in the output.
    fn new(facts: &Facts, ty: &AudioType, position: SourcePosition, start: i64) -> Option<PacketSource> {
        let media = facts.media.get(&position.media)?.as_ref().ok()?;
        let stream = media.stream(position.stream)?;
        let StreamFacts::Audio(audio) = &stream.facts else {
            return None;
        };
        let file_ty = AudioType::from_facts(audio, ty.duration);
        let matches = stream.codec == "aac" && audio.profile.as_deref() == Some("LC") && file_ty == *ty;
        let counts_samples = stream.time_base == Some(ty.rate().recip());
        if !media.format.contains("mp4") || !matches || !counts_samples {
            return None;
        }
        let packet = contiguous_first_packet(audio, stream.duration? + stream.start - media.start)?;
        Some(PacketSource {
            media: position.media,
            stream: position.stream,
            at: position.at.frames(ty.rate()) - start,
            shift: 0,
            packet,
            has_lead: media.lead != Time::ZERO,
        })
    }
}

/// The start of the first packet, if packets are contiguous and together as long as the audio and its trimmed priming, to
/// within one packet.
fn contiguous_first_packet(audio: &AudioFacts, duration: Time) -> Option<i64> {
    let rate = Rational::from_integer(i64::from(audio.sample_rate));
    let first = audio.first_packet?.frames(rate);
    let end = i64::try_from(audio.packets?)
        .ok()?
        .checked_mul(SAMPLES_PER_PACKET)?
        + first;
    let padding = end - duration.frames(rate);
    (audio.contiguous && first <= 0 && (0..SAMPLES_PER_PACKET).contains(&padding)).then_some(first)
}
