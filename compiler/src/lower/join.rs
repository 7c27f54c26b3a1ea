//! Outputs whose picture or sound is put together from packets: a stage for each part of the picture that is encoded,
//! one for the sound, and one that joins them all.

use super::run::RunBuilder;
use super::stages::Stages;
use crate::graph::{NodeId, Window};
use crate::output::{
    AudioConcat, AudioSegment, AudioSegmentSource, ConcatCodec, Encoding, Muxer, OutputSpec, TrackSpec,
    VideoConcat, VideoSegment, VideoSegmentSource,
};
use crate::plan::{
    ArtifactId, Destination, Expected, RunOutput, RunSource, Segment, SegmentSource, StageKind, Track,
    TrackKind, TrackSource,
};
use crate::time::{Rational, Time};

impl Stages<'_> {
    /// The stages of an output whose picture or sound is put together from parts.
    pub(super) fn assemble(&mut self, output: &OutputSpec) {
        let picture = output
            .video_concat()
            .map(|join| (join, self.pictures(output, join)));
        let sound = output.audio.as_ref().map(|track| self.sound(output, track));
        let joins = picture.is_some() || matches!(sound, Some(Sound::Spliced(..)));

        let mut builder = RunBuilder::new(self.graph, self.facts, &self.before, &[]);
        builder.run.copy_timestamps = joins;
        let mut tracks = Vec::new();
        if let Some((join, segments)) = picture {
            tracks.push(builder.joined(output, join, segments));
        } else if let Some(track) = &output.video {
            tracks.push(builder.copied(track.node, TrackKind::Video));
        }
        let mut clocked = None;
        tracks.extend(sound.map(|sound| match sound {
            Sound::Spliced(splice, segments) => {
                clocked = Some(splice);
                builder.spliced(splice, segments)
            }
            Sound::Stretch(splice, (media, stream, window)) => {
                clocked = Some(splice);
                builder.stretch(TrackKind::Audio, media, stream, window)
            }
            Sound::Made(part) => copy(TrackKind::Audio, builder.made_input(RunSource::Artifact(part))),
            Sound::Copied(node) => builder.copied(node, TrackKind::Audio),
        }));
        for subtitles in &output.subtitles {
            tracks.push(builder.subtitles(subtitles, output));
        }
        let mut made = builder.output_of(output, tracks);
        made.options.extend(clocked.map(clock));
        let run = builder.finish(vec![made]);
        let length = output
            .nodes()
            .filter_map(|node| self.graph.node(node).ty.duration())
            .max();
        let (kind, verb) = match joins {
            true => (StageKind::Join, "join"),
            false => (StageKind::Copy, "copy"),
        };
        let title = format!("{verb} {}", output.name);
        self.push(kind, title, length.unwrap_or_default(), run);
    }

    /// Where the packets of an output's sound are; adds the stages that make them.
    fn sound<'o>(&mut self, output: &'o OutputSpec, track: &'o TrackSpec) -> Sound<'o> {
        match &track.encoding {
            Encoding::AudioConcat(splice) => match self.in_one_piece(output, splice) {
                Some(stretch) => Sound::Stretch(splice, stretch),
                None => Sound::Spliced(splice, self.splices(output, splice)),
            },
            Encoding::Copy => Sound::Copied(track.node),
            _ => Sound::Made(self.whole_sound(output, track)),
        }
    }

    /// A sound that is one file's, from its beginning on, beside a picture that is copied as a whole: then it needs no file
    /// of its own.
    fn in_one_piece<'o>(
        &self,
        output: &OutputSpec,
        splice: &'o AudioConcat,
    ) -> Option<(&'o str, u32, Window)> {
        let [part] = splice.parts.as_slice() else {
            return None;
        };
        let AudioSegmentSource::Packets {
            media,
            stream,
            window,
        } = &part.source
        else {
            return None;
        };
        let from_its_start = match self.facts.media.get(media) {
            Some(Ok(facts)) => facts.lead == Time::ZERO && !window.start.is_positive(),
            _ => false,
        };
        (from_its_start && output.video_concat().is_none()).then_some((media, *stream, *window))
    }

    /// Where the packets of a joined picture are; adds the stages that encode parts of it.
    fn pictures(&mut self, output: &OutputSpec, join: &VideoConcat) -> Vec<Segment> {
        let mut begins = Time::ZERO;
        let mut segments = Vec::new();
        for part in &join.parts {
            let source = match &part.source {
                VideoSegmentSource::Packets {
                    media,
                    stream,
                    from,
                    frames,
                    as_is,
                    ..
                } if !as_is || marked(join).is_some() => {
                    let packets = Packets {
                        media,
                        stream: *stream,
                        from: from.pts,
                        frames: *frames,
                    };
                    SegmentSource::Artifact {
                        id: self.taken_out(output, join, &packets, part.length),
                        in_point: None,
                        out_point: None,
                    }
                }
                VideoSegmentSource::Packets {
                    media, from, until, ..
                } => {
                    let start = match self.facts.media.get(media) {
                        Some(Ok(media)) => media.start,
                        _ => Time::ZERO,
                    };
                    SegmentSource::Media {
                        key: media.clone(),
                        in_point: from.pts + start,
                        out_point: until.map(|until| until + start),
                    }
                }
                VideoSegmentSource::Encoded(node) => {
                    let title = format!("render {begins}..{} of {}", begins + part.length, output.name);
                    SegmentSource::Artifact {
                        id: self.encoded(join, part, *node, title),
                        in_point: None,
                        out_point: None,
                    }
                }
            };
            segments.push(Segment {
                source,
                duration: part.length,
            });
            begins = begins + part.length;
        }
        segments
    }

    /// Adds the stage that encodes a part of a picture.
    fn encoded(
        &mut self,
        join: &VideoConcat,
        part: &VideoSegment,
        node: NodeId,
        title: String,
    ) -> ArtifactId {
        let mut builder = RunBuilder::new(self.graph, self.facts, &self.before, &[node]);
        let spec = TrackSpec {
            node,
            encoding: Encoding::Encode(join.encoder.clone()),
        };
        let mut track = builder.track(&spec, TrackKind::Video);
        track.options.extend(marked(join));
        let run = builder.finish(vec![picture(join, track)]);
        let stage = self.push(StageKind::Render, title, part.length, run);
        ArtifactId { stage, output: 0 }
    }

    /// Adds the stage that makes a file of its own of some packets: the clock and the place of their stream in theirs
    /// are not those of the parts beside them.
    fn taken_out(
        &mut self,
        output: &OutputSpec,
        join: &VideoConcat,
        packets: &Packets<'_>,
        length: Time,
    ) -> ArtifactId {
        let mut builder = RunBuilder::new(self.graph, self.facts, &self.before, &[]);
        let window = Window {
            start: packets.from,
            end: None,
        };
        let mut track = builder.stretch(TrackKind::Video, packets.media, packets.stream, window);
        track
            .options
            .push(("frames".to_owned(), packets.frames.to_string()));
        if let Some(mark) = marked(join) {
            track
                .options
                .push(("bsf".to_owned(), "hevc_mp4toannexb".to_owned()));
            track.options.push(mark);
        }
        let run = builder.finish(vec![picture(join, track)]);
        let title = format!("copy {length} of the picture of {}", output.name);
        let stage = self.push(StageKind::Copy, title, length, run);
        ArtifactId { stage, output: 0 }
    }

    /// Where the packets of a spliced sound are; adds the stages that copy and encode them.
    fn splices(&mut self, output: &OutputSpec, splice: &AudioConcat) -> Vec<Segment> {
        let mut segments = Vec::new();
        for parts in splice.parts.chunks(AT_ONCE) {
            let (encoded, copied): (Vec<&AudioSegment>, Vec<&AudioSegment>) =
                parts.iter().partition(|part| part.node().is_some());
            let mut copied = self.sound_parts(output, splice, &copied).into_iter();
            let mut encoded = self.sound_parts(output, splice, &encoded).into_iter();
            segments.extend(parts.iter().filter_map(|part| match part.source {
                AudioSegmentSource::Packets { .. } => copied.next(),
                AudioSegmentSource::Encoded { .. } => encoded.next(),
            }));
        }
        segments
    }

    /// Adds the stage that makes some parts of a spliced sound, if there are any: all of them copied, or all encoded.
    fn sound_parts(
        &mut self,
        output: &OutputSpec,
        splice: &AudioConcat,
        parts: &[&AudioSegment],
    ) -> Vec<Segment> {
        if parts.is_empty() {
            return Vec::new();
        }
        let roots: Vec<NodeId> = parts.iter().filter_map(|part| part.node()).collect();
        self.prepare(&roots);
        let mut builder = RunBuilder::new(self.graph, self.facts, &self.before, &roots);
        let (outputs, windows): (Vec<RunOutput>, Vec<_>) = parts
            .iter()
            .map(|part| builder.sound_part(splice, part))
            .map(|(track, from, until)| (made(track, vec![clock(splice)]), (from, until)))
            .unzip();
        let run = builder.finish(outputs);
        let (kind, verb) = match roots.is_empty() {
            true => (StageKind::Copy, "copy"),
            false => (StageKind::Render, "splice"),
        };
        let length = parts.iter().map(|part| part.length).sum();
        let stage = self.push(kind, format!("{verb} the sound of {}", output.name), length, run);
        let placed = parts.iter().zip(windows).zip(0..);
        placed
            .map(|((part, (from, until)), output)| Segment {
                source: SegmentSource::Artifact {
                    id: ArtifactId { stage, output },
                    in_point: from,
                    out_point: until,
                },
                duration: part.length,
            })
            .collect()
    }

    /// Adds the stage that makes a whole sound.
    fn whole_sound(&mut self, output: &OutputSpec, track: &TrackSpec) -> ArtifactId {
        let roots = [track.node];
        self.prepare(&roots);
        let mut builder = RunBuilder::new(self.graph, self.facts, &self.before, &roots);
        let sound = builder.track(track, TrackKind::Audio);
        let made = RunOutput {
            muxer: holding(&sound.encoder).to_owned(),
            ..made(sound, Vec::new())
        };
        let run = builder.finish(vec![made]);
        let length = self.graph.node(track.node).ty.duration().unwrap_or_default();
        let title = format!("render the sound of {}", output.name);
        let stage = self.push(StageKind::Render, title, length, run);
        ArtifactId { stage, output: 0 }
    }
}

/// Where an output's sound comes from.
enum Sound<'o> {
    /// Packets of several files, or of those and what is encoded.
    Spliced(&'o AudioConcat, Vec<Segment>),
    /// Packets of one file.
    Stretch(&'o AudioConcat, (&'o str, u32, Window)),
    /// What is encoded of it, in a file of its own.
    Made(ArtifactId),
    /// A whole track of a file.
    Copied(NodeId),
}

/// Packets of a file's picture.
struct Packets<'a> {
    media: &'a str,
    stream: u32,
    /// When the first is shown.
    from: Time,
    /// How many there are.
    frames: i64,
}

impl AudioSegment {
    /// The node that is encoded for it.
    fn node(&self) -> Option<NodeId> {
        match &self.source {
            AudioSegmentSource::Encoded { node, .. } => Some(*node),
            AudioSegmentSource::Packets { .. } => None,
        }
    }
}

impl RunBuilder<'_> {
    /// A picture's track of joined packets.
    fn joined(&mut self, output: &OutputSpec, join: &VideoConcat, segments: Vec<Segment>) -> Track {
        let input = self.made_input(RunSource::Concat(segments));
        let mut picture = copy(TrackKind::Video, input);
        // Others have no such tags, and clocks of their own.
        if output.container.muxer.is_iso_media() {
            let tag = join.codec.tag(join.in_band);
            picture
                .options
                .extend(tag.map(|tag| ("tag".to_owned(), tag.to_owned())));
            picture.options.extend(join.evened());
        }
        picture
    }

    /// A sound's track of joined packets.
    fn spliced(&mut self, splice: &AudioConcat, segments: Vec<Segment>) -> Track {
        let input = self.made_input(RunSource::Concat(segments));
        if splice.early.is_positive() {
            self.shift(input, -splice.early);
        }
        copy(TrackKind::Audio, input)
    }

    /// A track of a stretch of a file's packets.
    fn stretch(&mut self, kind: TrackKind, media: &str, stream: u32, window: Window) -> Track {
        let input = self.stretch_input(media.to_owned(), window);
        let mut track = copy(kind, input);
        track.source = TrackSource::Stream { input, stream };
        if window.start.is_positive() {
            // Demuxers go back to a keyframe of the picture, and some farther.
            track.options.push(("copypriorss".to_owned(), "0".to_owned()));
        }
        track
    }

    /// The track that makes a part of a sound, and which of its packets count.
    fn sound_part(
        &mut self,
        splice: &AudioConcat,
        part: &AudioSegment,
    ) -> (Track, Option<Time>, Option<Time>) {
        match &part.source {
            AudioSegmentSource::Encoded { node, skip, last } => {
                let spec = TrackSpec {
                    node: *node,
                    encoding: Encoding::Encode(splice.encoder.clone()),
                };
                let track = self.track(&spec, TrackKind::Audio);
                let until = (!last).then(|| skip.unwrap_or_default() + part.length);
                (track, *skip, until)
            }
            AudioSegmentSource::Packets {
                media,
                stream,
                window,
            } => {
                let track = self.stretch(TrackKind::Audio, media, *stream, *window);
                (track, None, None)
            }
        }
    }
}

/// Parts that one run makes: each opens a file or two.
const AT_ONCE: usize = 64;

/// When the first packet begins is kept in the movie's ticks, of which there are a thousand otherwise.
fn clock(splice: &AudioConcat) -> (String, String) {
    ("movie_timescale".to_owned(), splice.rate.to_integer().to_string())
}

/// The mark of a part whose parameter sets are among its packets, where FFmpeg's `concat` demuxer does not put them there:
/// it does so for H.264 only.
fn marked(join: &VideoConcat) -> Option<(String, String)> {
    let mark = join.codec.tag(join.in_band)?;
    (join.codec == ConcatCodec::H265 && join.in_band).then(|| ("tag".to_owned(), mark.to_owned()))
}

impl VideoConcat {
    /// Has FFmpeg put packets on the grid of frames that come from a file whose clock is too coarse for it: Matroska counts
    /// milliseconds.
    fn evened(&self) -> Option<(String, String)> {
        let frame = Rational::from_integer(self.timescale) / self.rate;
        let coarse = self.pts_jitter > Time::from_frames(1, Rational::from_integer(self.timescale));
        let step = (coarse && frame.is_integer()).then(|| frame.to_integer())?;
        let filter = format!("setts=pts=round(PTS/{step})*{step}:dts=round(DTS/{step})*{step}");
        Some(("bsf".to_owned(), filter))
    }
}

/// A part of a picture. In MP4 it has the clock by which all are joined; in AVI every frame has its place, and the first is
/// not moved.
fn picture(join: &VideoConcat, track: Track) -> RunOutput {
    let muxer = join.codec.segment_muxer();
    let options = match muxer {
        Muxer::Mp4 => vec![("video_track_timescale".to_owned(), join.timescale.to_string())],
        _ => vec![("avoid_negative_ts".to_owned(), "disabled".to_owned())],
    };
    RunOutput {
        muxer: muxer.name().to_owned(),
        ..made(track, options)
    }
}

/// The muxer of a file that keeps when a sound begins: MP4 and MOV hide what an encoder puts before it; Matroska does so
/// for Opus, and would have others begin later.
fn holding(encoder: &str) -> &'static str {
    match encoder {
        "aac" | "libmp3lame" => "mp4",
        pcm if pcm.starts_with("pcm_") => "mov",
        _ => "matroska",
    }
}

/// A part for a later stage; what is made of it is verified.
pub(super) fn made(track: Track, options: Vec<(String, String)>) -> RunOutput {
    RunOutput {
        destination: Destination::Artifact,
        muxer: "mp4".to_owned(),
        tracks: vec![track],
        options,
        expected: Expected::default(),
    }
}

/// A track whose packets are the first stream of an input.
fn copy(kind: TrackKind, input: usize) -> Track {
    Track {
        kind,
        source: TrackSource::Stream { input, stream: 0 },
        encoder: "copy".to_owned(),
        options: Vec::new(),
        metadata: Vec::new(),
    }
}
