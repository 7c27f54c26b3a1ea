//! One ffmpeg run: its inputs, filter graph, and outputs, before any path is known.

use serde::{Deserialize, Serialize};

use super::{Expected, FilterGraph};
use crate::time::Time;

/// The arguments of one ffmpeg run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The inputs, in order.
    pub inputs: Vec<RunInput>,
    /// Small files to write before the run; filters and inputs refer to them by index.
    pub files: Vec<GeneratedFile>,
    /// Whether FFmpeg keeps the files' own timestamps (`-copyts`) instead of counting from each file's start. Runs that join
    /// segments need it: the audio of a joined file begins with its priming, before the video, and would shift the video.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub copy_timestamps: bool,
    /// The filter graph; empty if nothing is decoded.
    pub graph: FilterGraph,
    /// The outputs, in order.
    pub outputs: Vec<RunOutput>,
}

impl Run {
    /// The keys of all media that it reads.
    pub fn media_keys(&self) -> impl Iterator<Item = &String> {
        self.inputs.iter().flat_map(|input| -> Vec<&String> {
            match &input.source {
                RunSource::Media(key) => vec![key],
                RunSource::Concat(segments) => segments.iter().filter_map(Segment::media).collect(),
                RunSource::File(_) | RunSource::Artifact(_) => Vec::new(),
            }
        })
    }
}

/// One `-i`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunInput {
    /// What is read.
    pub source: RunSource,
    /// `-ss`: where reading starts, counted from the file's start.
    pub seek: Option<Time>,
    /// `-noaccurate_seek`: whether frames between the keyframe and the seek target are kept, with negative timestamps.
    pub inaccurate_seek: bool,
    /// `-t`: how much is read.
    pub duration: Option<Time>,
    /// Further options, each `-name value`.
    pub options: Vec<(String, String)>,
}

/// The source of an input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunSource {
    /// A media file, by its key in [`crate::facts::Facts::media`].
    Media(String),
    /// A file of [`Run::files`], by index.
    File(usize),
    /// An artifact of an earlier stage.
    Artifact(ArtifactId),
    /// Segments one after another, read by the `concat` demuxer.
    Concat(Vec<Segment>),
}

/// A file that an earlier stage wrote for later ones: an output with [`Destination::Artifact`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ArtifactId {
    /// Index of the stage.
    pub stage: usize,
    /// Index of the output in its run.
    pub output: usize,
}

/// Consecutive packets of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// The file and its part.
    pub source: SegmentSource,
    /// How long the packets play.
    pub duration: Time,
}

impl Segment {
    /// The key of the media file that holds it.
    pub fn media(&self) -> Option<&String> {
        match &self.source {
            SegmentSource::Media { key, .. } => Some(key),
            SegmentSource::Artifact { .. } => None,
        }
    }

    /// The stage that wrote it.
    pub(super) fn stage(&self) -> Option<usize> {
        match &self.source {
            SegmentSource::Artifact { id, .. } => Some(id.stage),
            SegmentSource::Media { .. } => None,
        }
    }
}

/// The file that holds a segment, and the segment's part of it on the file's own clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SegmentSource {
    /// A media file.
    Media {
        /// Its key in [`crate::facts::Facts::media`].
        key: String,
        /// The PTS of the first packet.
        in_point: Time,
        /// The DTS of the first packet after the segment; none at the end of the file.
        out_point: Option<Time>,
    },
    /// An artifact of an earlier stage.
    Artifact {
        /// Which artifact.
        id: ArtifactId,
        /// The PTS of the first packet; none at the start of the file.
        in_point: Option<Time>,
        /// The time at which the next segment begins; none at the end of the file.
        out_point: Option<Time>,
    },
}

/// A small text file that a run needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GeneratedFile {
    /// The extension of its name without the dot, such as `ass`.
    pub extension: String,
    /// Its text, UTF-8.
    pub text: String,
}

/// One output of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunOutput {
    /// Where it goes.
    pub destination: Destination,
    /// FFmpeg's name of the muxer, such as `mp4`.
    pub muxer: String,
    /// Its tracks, in order.
    pub tracks: Vec<Track>,
    /// Options of the whole file, each `-name value`.
    pub options: Vec<(String, String)>,
    /// The properties that the file is verified to have.
    pub expected: Expected,
}

/// The destination of an output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Destination {
    /// A file that the recipe names.
    Named(String),
    /// A file for later stages, named by an [`ArtifactId`].
    Artifact,
    /// No file: the run only measures.
    Null,
}

impl RunOutput {
    /// The name that the recipe gives it.
    pub fn name(&self) -> Option<&str> {
        match &self.destination {
            Destination::Named(name) => Some(name),
            Destination::Artifact | Destination::Null => None,
        }
    }
}

/// One track of an output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Track {
    /// Whether it is video, audio, or subtitles.
    pub kind: TrackKind,
    /// The stream that it carries.
    pub source: TrackSource,
    /// FFmpeg's name of the encoder, or `copy`.
    pub encoder: String,
    /// Options of the encoder, each `-name:TRACK value`.
    pub options: Vec<(String, String)>,
    /// Metadata, such as `language`.
    pub metadata: Vec<(String, String)>,
}

/// The kinds of tracks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum TrackKind {
    Video,
    Audio,
    Subtitle,
}

/// The stream that a track carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrackSource {
    /// A stream of an input: copied, or converted if it is subtitles.
    Stream {
        /// Index of the input.
        input: usize,
        /// Index of the stream in its file.
        stream: u32,
    },
    /// A link of the filter graph.
    Link(u32),
}
