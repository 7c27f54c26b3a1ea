use crate::aac::{OVERLAP, PACKET, SETTLING};
use crate::facts::{AudioFacts, Facts, StreamFacts};
use crate::graph::{AudioType, Graph, Node, NodeId, NodeKind, SourcePosition, StreamType, Window};
use crate::output::{AudioConcat, AudioSegment, AudioSegmentSource, Encoder, Encoding, OutputSpec};
use crate::time::{Rational, Time};

use super::pass::Pass;
use super::seek_pushdown::Cutter;

/// Legal where a sound is a file's AAC and nothing was done to it: any packet is decoded from itself and the one before,
/// and where packets of both sides were made from the same sound, what they share cancels out (time-domain aliasing
/// cancellation, ISO/IEC 14496-3, 4.6.11). So the packets around a joint are encoded from what is heard there, and those
/// further away are copied. All of them stand on one grid of 1024 samples: a clip's sound is moved onto it by half a
/// packet at most. An edit list (ISO/IEC 14496-12, 8.6.6) hides what is in front of the first sample. Only beside a
/// picture that is not encoded as a whole: elsewhere a run decodes and encodes anyway.
pub(super) const PASS: Pass = Pass {
    summary: "Where the sound beside a copied picture is a file's, untouched, its packets are copied.",
    run,
};

/// How far from a joint packets are copied: encoders switch to short blocks around one, whose halves overlap with nothing.
const GUARD: i64 = 2 * PACKET;
/// Seconds that must be copied in a row to be worth a part.
const WORTH: i64 = 1;

fn run(graph: &Graph, facts: &Facts) -> (Graph, Vec<String>) {
    let mut graph = graph.clone();
    let mut done = Vec::new();
    for index in 0..graph.outputs.len() {
        let output = graph.outputs[index].clone();
        let Some(sound) = AudioTimeline::from_output(&graph, facts, &output) else {
            continue;
        };
        let Some((splice, what)) = sound.into_concat(&mut graph, facts) else {
            continue;
        };
        done.push(format!("in `{}`, {what}", output.name));
        if let Some(track) = &mut graph.outputs[index].audio {
            track.encoding = Encoding::AudioConcat(splice);
        }
    }
    (graph, done)
}

/// An output's sound, taken apart; all in samples.
struct AudioTimeline {
    node: NodeId,
    encoder: Encoder,
    rate: Rational,
    length: i64,
    /// Where packets begin, from 0 to before [`PACKET`].
    phase: i64,
    pieces: Vec<Piece>,
}

/// A part of its timeline.
struct Piece {
    begins: i64,
    ends: i64,
    copied: Option<PacketSource>,
}

/// Where a piece is in its file.
struct PacketSource {
    media: String,
    stream: u32,
    /// What is heard at 0 of the output is heard here in the file.
    at: i64,
    /// How much later it is heard than the recipe says.
    moved: i64,
    /// Where one of the file's packets begins.
    packet: i64,
    /// Whether the file begins behind its first packets, so that not all of them may be taken.
    leads: bool,
}

/// Packets in a row, from one sample of the output to another.
struct PacketRun<'a> {
    from: i64,
    until: i64,
    source: &'a PacketSource,
}

impl AudioTimeline {
    /// None where there is nothing to copy.
    fn from_output(graph: &Graph, facts: &Facts, output: &OutputSpec) -> Option<AudioTimeline> {
        let track = output.audio.as_ref()?;
        let Encoding::Auto(encoder) = &track.encoding else {
            return None;
        };
        let hides = output.container.muxer.is_iso_media();
        let beside = output.video.as_ref().is_none_or(|video| {
            let auto = matches!(video.encoding, Encoding::Auto(_));
            output.video_concat().is_some()
                || auto && graph.check_copy(video.node, output.container, facts).is_ok()
        });
        let whole = graph.source_codec(track.node, facts).is_some();
        if encoder.name != "aac" || !hides || !beside || whole || output.clock.is_some() {
            return None;
        }
        let ty = graph.audio(track.node)?;
        let rate = ty.rate();
        let mut begins = Time::ZERO;
        let mut pieces = Vec::new();
        for piece in graph.provenance(track.node)? {
            let ends = begins + piece.length;
            let (from, until) = (begins.frames(rate), ends.frames(rate));
            let long = until - from >= WORTH * rate.to_integer();
            let origin = piece.origin.filter(|_| long);
            pieces.push(Piece {
                begins: from,
                ends: until,
                copied: origin.and_then(|origin| packet_source(facts, ty, origin, from)),
            });
            begins = ends;
        }
        let mut sound = AudioTimeline {
            node: track.node,
            encoder: encoder.clone(),
            rate,
            length: begins.frames(rate),
            phase: 0,
            pieces,
        };
        sound.align();
        Some(sound)
    }

    /// Puts all packets on one grid: that of the first piece if its packets begin the sound, else the encoder's.
    fn align(&mut self) {
        let first = self.pieces.first().and_then(|piece| piece.copied.as_ref());
        self.phase = first.map_or(0, |source| (source.packet - source.at).rem_euclid(PACKET));
        for source in self.pieces.iter_mut().filter_map(|piece| piece.copied.as_mut()) {
            let off = self.phase - (source.packet - source.at);
            source.moved = (off + PACKET / 2).rem_euclid(PACKET) - PACKET / 2;
            source.at -= source.moved;
        }
    }

    /// The parts, and what is saved in words.
    fn into_concat(&self, graph: &mut Graph, facts: &Facts) -> Option<(AudioConcat, String)> {
        let runs: Vec<PacketRun<'_>> = self
            .pieces
            .iter()
            .filter_map(|piece| self.packet_run(piece))
            .collect();
        let first = runs.first()?;
        if first.from > 0 && self.phase != 0 {
            // What is encoded first would stand on another grid.
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
        let furthest = runs.iter().map(|run| run.source.moved.abs()).max().unwrap_or(0);
        let splice = AudioConcat {
            parts,
            encoder: self.encoder.clone(),
            early: self.time(early),
            rate: self.rate,
        };
        Some((splice, self.describe(encoded, furthest)))
    }

    fn describe(&self, encoded: i64, furthest: i64) -> String {
        let copied = self.time(self.length - encoded);
        let mut what = format!("{copied} of the sound are copied");
        if encoded > 0 {
            what.push_str(&format!(", {} encoded", self.time(encoded)));
        }
        if furthest > 0 {
            let millis = self.time(furthest).scale(Rational::from_integer(1000));
            let millis = crate::time::decimal(millis.as_rational(), 1);
            what.push_str(&format!("; clips are up to {millis} ms early or late for it"));
        }
        what
    }

    /// The packets of a piece that can be copied; none if it is too few of them.
    fn packet_run<'a>(&self, piece: &'a Piece) -> Option<PacketRun<'a>> {
        let source = piece.copied.as_ref()?;
        let on_grid = |sample: i64| sample + (self.phase - sample).rem_euclid(PACKET);
        let mut from = on_grid(piece.begins + GUARD);
        if piece.begins == 0 {
            // The packet before the first sample has a half of it. Near the file's start all is taken.
            from = on_grid(1 - 2 * PACKET);
            if source.at + from <= 0 {
                if source.leads {
                    return None;
                }
                from = -source.at;
            }
        }
        let until = match piece.ends == self.length {
            true => on_grid(self.length),
            false => on_grid(piece.ends - GUARD - PACKET),
        };
        let worth = until - from >= WORTH * self.rate.to_integer();
        worth.then_some(PacketRun { from, until, source })
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

    /// The sound from one sample to another, encoded from a bit more.
    fn encoded_segment(
        &self,
        graph: &mut Graph,
        facts: &Facts,
        node: NodeId,
        from: i64,
        until: i64,
    ) -> AudioSegment {
        let start = (from - SETTLING * PACKET).max(0);
        let end = (until + OVERLAP * PACKET).min(self.length);
        let fed = self.part(graph, facts, node, start, end);
        AudioSegment {
            length: self.time(until - from),
            source: AudioSegmentSource::Encoded {
                node: fed,
                skip: (from > 0).then(|| self.time(from - start)),
                last: until == self.length,
            },
        }
    }

    fn part(&self, graph: &mut Graph, facts: &Facts, node: NodeId, start: i64, end: i64) -> NodeId {
        let origin = graph.node(node).origin;
        let window = Window {
            start: self.time(start),
            end: (end < self.length).then(|| self.time(end)),
        };
        let part = Cutter { new: graph, facts }.cut(node, window, origin);
        graph.fix_length(part, end - start, origin)
    }

    /// The sound with every copied piece moved.
    fn shifted_node(&self, graph: &mut Graph, facts: &Facts) -> NodeId {
        let copied = || self.pieces.iter().filter_map(|piece| piece.copied.as_ref());
        if copied().all(|source| source.moved == 0) {
            return self.node;
        }
        let origin = graph.node(self.node).origin;
        let mut parts = Vec::new();
        for piece in &self.pieces {
            parts.push(match &piece.copied {
                Some(source) if source.moved != 0 => self.reread(graph, piece, source),
                _ => self.part(graph, facts, self.node, piece.begins, piece.ends),
            });
        }
        graph.concat(parts, origin)
    }

    /// A piece read anew from where it is moved to.
    fn reread(&self, graph: &mut Graph, piece: &Piece, source: &PacketSource) -> NodeId {
        let Node { ty, origin, .. } = graph.node(self.node).clone();
        let begin = source.at + piece.begins;
        let count = piece.ends - piece.begins;
        let window = Window {
            start: self.time(begin.max(0)),
            end: Some(self.time(begin + count)),
        };
        let read = graph.add(Node {
            kind: NodeKind::Source {
                media: source.media.clone(),
                stream: source.stream,
                window,
                offset: Time::ZERO,
            },
            inputs: Vec::new(),
            ty: ty.with_duration(Some(self.time(count - (-begin).max(0)))),
            origin,
        });
        if begin >= 0 {
            return graph.fix_length(read, count, origin);
        }
        let StreamType::Audio(like) = &ty else {
            return read;
        };
        let silence = graph.silence(like, None, origin);
        let silence = graph.fix_length(silence, -begin, origin);
        let late = graph.concat(vec![silence, read], origin);
        graph.fix_length(late, count, origin)
    }

    fn time(&self, samples: i64) -> Time {
        Time::from_frames(samples, self.rate)
    }
}

/// Where a piece is in its file, if the file's packets can stand beside those of the encoder.
fn packet_source(facts: &Facts, ty: &AudioType, origin: SourcePosition, begins: i64) -> Option<PacketSource> {
    let media = facts.media.get(&origin.media)?.as_ref().ok()?;
    let stream = media.stream(origin.stream)?;
    let StreamFacts::Audio(audio) = &stream.facts else {
        return None;
    };
    let form = AudioType::from_facts(audio, ty.duration);
    let alike = stream.codec == "aac" && audio.profile.as_deref() == Some("LC") && form == *ty;
    let counts_samples = stream.time_base == Some(ty.rate().recip());
    if !media.format.contains("mp4") || !alike || !counts_samples {
        return None;
    }
    let packet = contiguous_first_packet(audio, stream.duration? + stream.start - media.start)?;
    Some(PacketSource {
        media: origin.media,
        stream: origin.stream,
        at: origin.at.frames(ty.rate()) - begins,
        moved: 0,
        packet,
        leads: media.lead != Time::ZERO,
    })
}

/// Where the first packet begins, if one follows the other without gap or overlap, and they are as long as the sound and
/// what is hidden of it, to within one.
fn contiguous_first_packet(audio: &AudioFacts, duration: Time) -> Option<i64> {
    let rate = Rational::from_integer(i64::from(audio.sample_rate));
    let first = audio.first_packet?.frames(rate);
    let heard = i64::try_from(audio.packets?).ok()?.checked_mul(PACKET)? + first;
    let rest = heard - duration.frames(rate);
    (audio.contiguous && first <= 0 && (0..PACKET).contains(&rest)).then_some(first)
}
