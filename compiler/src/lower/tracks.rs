//! The tracks of a run's outputs.

use vidc_dsl::Span;

use super::join::made;
use super::placed;
use super::run::RunBuilder;
use super::threads;
use super::workload::{Purpose, Wanted};
use crate::graph::{NodeId, NodeKind, SubtitleSource, SubtitleTrack};
use crate::output::{Encoder, Encoding, OutputSpec, TrackSpec};
use crate::plan::{
    Destination, Expected, FilterCall, FilterName, GeneratedFile, Pad, RunOutput, Track, TrackKind,
    TrackSource,
};
use crate::time::Time;

impl RunBuilder<'_> {
    /// The tracks of an output.
    pub(super) fn tracks(&mut self, output: &OutputSpec) -> Vec<Track> {
        let mut tracks = Vec::new();
        tracks.extend(
            output
                .video
                .as_ref()
                .map(|track| self.track(track, TrackKind::Video)),
        );
        tracks.extend(
            output
                .audio
                .as_ref()
                .map(|track| self.track(track, TrackKind::Audio)),
        );
        for subtitles in &output.subtitles {
            tracks.push(self.subtitles(subtitles, output));
        }
        tracks
    }

    pub(super) fn track(&mut self, track: &TrackSpec, kind: TrackKind) -> Track {
        let encoder = match &track.encoding {
            // Those put together have runs of their own, which never come here.
            Encoding::Copy | Encoding::VideoConcat(_) | Encoding::AudioConcat(_) => {
                return self.copied(track.node, kind);
            }
            Encoding::Encode(encoder) | Encoding::Auto(encoder) | Encoding::Frame(encoder) => encoder,
        };
        self.wanted.push(Wanted {
            node: track.node,
            purpose: match &track.encoding {
                Encoding::Frame(_) => Purpose::Picture(encoder.clone()),
                _ => Purpose::Track(encoder.clone()),
            },
        });
        let Encoder { name, mut options } = encoder.clone();
        options.extend(threads::of(name, self.facts));
        let source = match self.pad((track.node, Time::ZERO)) {
            Pad::Stream { input, stream } => TrackSource::Stream { input, stream },
            Pad::Link(link) => TrackSource::Link(link),
        };
        Track {
            kind,
            source,
            encoder: name.to_owned(),
            options,
            metadata: Vec::new(),
        }
    }

    /// A track whose node is a whole source.
    pub(super) fn copied(&mut self, id: NodeId, kind: TrackKind) -> Track {
        let (media, stream) = match &self.graph.node(id).kind {
            NodeKind::Source { media, stream, .. } | NodeKind::Still { media, stream } => {
                (media.clone(), *stream)
            }
            _ => (String::new(), 0),
        };
        let language = match self.facts.media.get(&media) {
            Some(Ok(facts)) => facts.stream(stream).and_then(|s| s.language.clone()),
            _ => None,
        };
        let input = self.whole_input(media);
        let metadata = language.map(|language| ("language".to_owned(), language));
        let source = TrackSource::Stream { input, stream };
        let metadata = metadata.into_iter().collect();
        Track {
            kind,
            source,
            encoder: "copy".to_owned(),
            options: Vec::new(),
            metadata,
        }
    }

    pub(super) fn subtitles(&mut self, track: &SubtitleTrack, output: &OutputSpec) -> Track {
        let usual = output
            .container
            .subtitles
            .first()
            .map_or("srt", |codec| codec.ffmpeg_name());
        let (source, encoder) = match &track.source {
            SubtitleSource::Stream { media, stream, codec } => {
                let taken = output.container.supports_subtitles(codec);
                let encoder = if taken { "copy" } else { usual };
                (
                    TrackSource::Stream {
                        input: self.whole_input(media.clone()),
                        stream: *stream,
                    },
                    encoder,
                )
            }
            SubtitleSource::Cues(cues) => {
                let srt = GeneratedFile {
                    extension: "srt".to_owned(),
                    text: crate::ass::srt(cues),
                };
                let input = self.generated_input(srt, "srt");
                (TrackSource::Stream { input, stream: 0 }, usual)
            }
        };
        let tag = |key: &str, value: &Option<String>| value.clone().map(|value| (key.to_owned(), value));
        // Titles of tracks are in MP4 and QuickTime files the names of what handles them.
        let named = output.container.muxer.is_iso_media();
        let title = if named { "handler_name" } else { "title" };
        let metadata = tag("language", &track.language)
            .into_iter()
            .chain(tag(title, &track.title))
            .collect();
        let encoder = if encoder == "subrip" { "srt" } else { encoder };
        Track {
            kind: TrackKind::Subtitle,
            source,
            encoder: encoder.to_owned(),
            options: Vec::new(),
            metadata,
        }
    }

    /// The output of a run that keeps a sound, as precise as filters hand it on.
    pub(super) fn kept(&mut self, id: NodeId) -> RunOutput {
        let encoder = Encoder {
            name: "pcm_f32le",
            options: Vec::new(),
        };
        let spec = TrackSpec {
            node: id,
            encoding: Encoding::Encode(encoder),
        };
        RunOutput {
            muxer: "wav".to_owned(),
            ..made(self.track(&spec, TrackKind::Audio), Vec::new())
        }
    }

    /// The output of a run that measures the loudness of a sound, and writes nothing.
    pub(super) fn measurement(&mut self, id: NodeId, origin: Span) -> RunOutput {
        // The summary is enough; a line for every 100 ms would fill the log.
        let call = FilterCall::new(FilterName::Ebur128, [("framelog", "verbose")]);
        let flow = self.flow((id, Time::ZERO)).then(placed(vec![call], origin));
        let source = match self.ended(flow) {
            Pad::Stream { input, stream } => TrackSource::Stream { input, stream },
            Pad::Link(link) => TrackSource::Link(link),
        };
        self.wanted.push(Wanted {
            node: id,
            purpose: Purpose::Measurement,
        });
        let track = Track {
            kind: TrackKind::Audio,
            source,
            encoder: "pcm_s16le".to_owned(),
            options: Vec::new(),
            metadata: Vec::new(),
        };
        RunOutput {
            destination: Destination::Null,
            muxer: "null".to_owned(),
            tracks: vec![track],
            options: Vec::new(),
            expected: Expected::default(),
        }
    }
}
