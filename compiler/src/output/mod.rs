//! Output files: their container, and how each of their tracks is written.

mod codec;
mod concat;
mod container;
mod encoder;

use vidc_dsl::Span;

pub(crate) use codec::{AudioCodec, MediaKind, SubtitleCodec, TrackCodec, VideoCodec};
pub(crate) use concat::{
    AudioConcat, AudioSegment, AudioSegmentSource, ConcatCodec, VideoConcat, VideoSegment, VideoSegmentSource,
};
pub(crate) use container::{CONTAINERS, Container, Muxer};
pub(crate) use encoder::Encoder;

use crate::graph::{NodeId, SubtitleTrack};
use crate::time::Time;

/// One output file.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputSpec {
    /// Its path, relative to the output folder.
    pub name: String,
    /// Its container.
    pub container: &'static Container,
    /// Its video track.
    pub video: Option<TrackSpec>,
    /// Its audio track.
    pub audio: Option<TrackSpec>,
    /// Its soft subtitles; the container supports each of them.
    pub subtitles: Vec<SubtitleTrack>,
    /// The title in its metadata.
    pub title: Option<String>,
    /// The time of its first frame on the output's clock, for a segment of a preview.
    pub clock: Option<Time>,
    /// The `output` statement.
    pub origin: Span,
}

impl OutputSpec {
    /// The segments of its video track, if it is put together from segments.
    pub fn video_concat(&self) -> Option<&VideoConcat> {
        match &self.video.as_ref()?.encoding {
            Encoding::VideoConcat(concat) => Some(concat),
            _ => None,
        }
    }

    /// The segments of its audio track, if it is put together from segments.
    pub fn audio_concat(&self) -> Option<&AudioConcat> {
        match &self.audio.as_ref()?.encoding {
            Encoding::AudioConcat(concat) => Some(concat),
            _ => None,
        }
    }

    /// Whether a track of it is put together from segments.
    pub fn is_joined(&self) -> bool {
        self.video_concat().is_some() || self.audio_concat().is_some()
    }

    /// The nodes of its video and audio tracks.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> {
        self.video.iter().chain(&self.audio).map(|track| track.node)
    }
}

/// A video or audio track of an output.
#[derive(Clone, Debug, PartialEq)]
pub struct TrackSpec {
    /// The stream it carries.
    pub node: NodeId,
    /// How it is written.
    pub encoding: Encoding,
}

/// How a track is written.
#[derive(Clone, Debug, PartialEq)]
pub enum Encoding {
    /// Stream copy; the node is a whole source.
    Copy,
    /// Encoded as a whole.
    Encode(Encoder),
    /// Packets are copied as far as the node is an unchanged source that the container supports; the rest is encoded.
    Auto(Encoder),
    /// Its first frame, as a still image.
    Frame(Encoder),
    /// Video packets of files and newly encoded ones, joined; the node is the whole they represent.
    VideoConcat(VideoConcat),
    /// Audio packets of files and newly encoded ones, joined.
    AudioConcat(AudioConcat),
}
