//! Outputs whose picture is put together from packets: a stage for each part that is encoded, one for the sound if it
//! is, and one that joins them all.

use super::filters::PREROLL;
use super::run::RunBuilder;
use super::stages::Stages;
use crate::graph::NodeId;
use crate::output::{Encoding, JoinPart, JoinSource, OutputSpec, Slice, TrackSpec};
use crate::plan::{
    Destination, Expected, ExpectedVideo, RunOutput, RunSource, Segment, SegmentSource, StageKind, Track,
    TrackKind, TrackSource,
};
use crate::time::Time;

impl Stages<'_> {
    /// The stages of an output whose picture is joined.
    pub(super) fn join(&mut self, output: &OutputSpec) {
        let (Some(join), Some(video)) = (output.join(), &output.video) else {
            return;
        };
        let mut begins = Time::ZERO;
        let mut segments = Vec::new();
        for part in &join.parts {
            let source = match &part.source {
                JoinSource::Packets { media, from, until } => {
                    let start = match self.facts.media.get(media) {
                        Some(Ok(media)) => media.start,
                        _ => Time::ZERO,
                    };
                    SegmentSource::Media {
                        key: media.clone(),
                        from: from.shown + start,
                        until: until.map(|until| until + start),
                    }
                }
                JoinSource::Encoded(node) => {
                    let title = format!("render {begins}..{} of {}", begins + part.length, output.name);
                    self.encoded(output, part, *node, title);
                    SegmentSource::Made(self.list.len() - 1)
                }
            };
            segments.push(Segment {
                source,
                length: part.length,
            });
            begins = begins + part.length;
        }
        // The stage that makes it, and how much of it is there only for decoding.
        let sound = output.audio.as_ref().and_then(|track| match &track.encoding {
            Encoding::Copy => None,
            Encoding::Slice(slice) => {
                let early = slice.window.start.min(PREROLL);
                Some((self.slice(output, slice, early), early))
            }
            _ => Some((self.sound(output, track), Time::ZERO)),
        });

        let mut builder = RunBuilder::new(self.graph, self.facts, &self.measured, &[]);
        let input = builder.made_input(RunSource::Join(segments));
        let mut picture = copy(TrackKind::Video, input);
        if join.in_band && output.container.muxer != "matroska" {
            picture.options.push(("tag".to_owned(), "avc3".to_owned()));
        }
        let mut tracks = vec![picture];
        if let Some((stage, early)) = sound {
            let input = builder.made_input(RunSource::Made(stage));
            if early.is_positive() {
                builder.shift(input, -early);
            }
            tracks.push(copy(TrackKind::Audio, input));
        } else if let Some(track) = &output.audio {
            tracks.push(builder.copied(track.node, TrackKind::Audio));
        }
        for subtitles in &output.subtitles {
            tracks.push(builder.subtitles(subtitles, output));
        }
        let made = builder.output_of(output, tracks);
        let mut run = builder.finish(vec![made]);
        for input in &mut run.run.inputs {
            // Beside joined parts, clocks are kept as they are.
            if let RunSource::Media(key) = &input.source
                && let Some(Ok(media)) = self.facts.media.get(key)
                && media.start != Time::ZERO
            {
                input
                    .options
                    .push(("itsoffset".to_owned(), (-media.start).decimal()));
            }
        }
        let length = self.graph.node(video.node).ty.duration();
        let title = format!("join {}", output.name);
        self.push(StageKind::Join, title, length.unwrap_or_default(), run);
    }

    /// Adds the stage that encodes a part of a picture.
    fn encoded(&mut self, output: &OutputSpec, part: &JoinPart, node: NodeId, title: String) {
        let Some(join) = output.join() else { return };
        let mut builder = RunBuilder::new(self.graph, self.facts, &self.measured, &[node]);
        let spec = TrackSpec {
            node,
            encoding: Encoding::Encode(join.encoder.clone()),
        };
        let track = builder.track(&spec, TrackKind::Video);
        let picture = self.graph.video(node).map(|ty| ExpectedVideo {
            width: ty.width,
            height: ty.height,
            frame_rate: Some(ty.frame_rate),
            duration: Some(part.length),
        });
        let made = RunOutput {
            to: Destination::Part,
            muxer: "mp4".to_owned(),
            tracks: vec![track],
            options: vec![("video_track_timescale".to_owned(), join.ticks.to_string())],
            expected: Expected {
                duration: Some(part.length),
                video: picture,
                ..Expected::default()
            },
        };
        let run = builder.finish(vec![made]);
        self.push(StageKind::Render, title, part.length, run);
    }

    /// Adds the stage that takes the packets of a sound, and some `early` by which its first is decoded.
    fn slice(&mut self, output: &OutputSpec, slice: &Slice, early: Time) -> usize {
        let Slice {
            media,
            stream,
            window,
            ticks,
        } = slice;
        let length = window.end.unwrap_or_default() - window.start;
        let mut builder = RunBuilder::new(self.graph, self.facts, &self.measured, &[]);
        let input = builder.stretch_input(media.clone(), window.start - early, length + early);
        let mut track = copy(TrackKind::Audio, input);
        track.source = TrackSource::Stream {
            input,
            stream: *stream,
        };
        if window.start > early {
            // The demuxer goes back to a keyframe of the picture, which may be far.
            track.options.push(("copypriorss".to_owned(), "0".to_owned()));
        }
        let made = RunOutput {
            to: Destination::Part,
            muxer: "mp4".to_owned(),
            tracks: vec![track],
            // When the first packet begins is kept in the movie's ticks, of which there are a thousand otherwise.
            options: vec![("movie_timescale".to_owned(), ticks.to_string())],
            expected: Expected::default(),
        };
        let run = builder.finish(vec![made]);
        self.push(
            StageKind::Copy,
            format!("copy the sound of {}", output.name),
            length,
            run,
        );
        self.list.len() - 1
    }

    /// Adds the stage that makes the sound, and returns its index.
    fn sound(&mut self, output: &OutputSpec, track: &TrackSpec) -> usize {
        let roots = [track.node];
        self.measure_for(&roots);
        let mut builder = RunBuilder::new(self.graph, self.facts, &self.measured, &roots);
        let alone = OutputSpec {
            video: None,
            subtitles: Vec::new(),
            title: None,
            ..output.clone()
        };
        let sound = builder.track(track, TrackKind::Audio);
        let mut made = builder.output_of(&alone, vec![sound]);
        made.to = Destination::Part;
        let run = builder.finish(vec![made]);
        let length = self.graph.node(track.node).ty.duration().unwrap_or_default();
        self.push(
            StageKind::Render,
            format!("render the sound of {}", output.name),
            length,
            run,
        );
        self.list.len() - 1
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
