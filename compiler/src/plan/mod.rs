//! The plan: what will be run, as data. It serialises, prints as shell, and runs on whichever machine holds it.

mod argv;
mod escape;
mod filtergraph;
mod filters;
mod join;
mod loudness;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use vidc_dsl::Span;

pub use argv::{Arguments, RunEnvironment, argv, concat_lists};
pub use escape::escape;
pub use filtergraph::{Arg, Chain, FilterCall, FilterGraph, Pad};
pub use filters::{Benchmark, ColorHandling, Cost, FilterName, FilterSpec, Reason, Setting, Timing};
pub use loudness::Loudness;

use crate::cost::Work;
use crate::time::{Rational, Time};

/// Raised whenever a plan written by an older vidc could no longer be run as it stands.
pub const PLAN_VERSION: u32 = 5;

/// All the work of one recipe, in an order in which it can be run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// [`PLAN_VERSION`] of the vidc that made it.
    pub version: u32,
    /// The FFmpeg build it was made for, as in [`crate::facts::Capabilities::build`].
    pub ffmpeg_build: String,
    /// The stages; each uses only what earlier ones made.
    pub stages: Vec<Stage>,
}

impl Plan {
    /// Whether packets of different origin are joined.
    pub fn joins_packets(&self) -> bool {
        self.stages.iter().any(|stage| stage.kind == StageKind::Join)
    }

    /// Whether any packets are copied.
    pub fn copies_packets(&self) -> bool {
        let outputs = self.stages.iter().flat_map(|stage| &stage.run.outputs);
        outputs
            .flat_map(|output| &output.tracks)
            .any(|track| track.encoder == "copy")
    }

    /// Whether another plan does the same work.
    pub fn is_same_work(&self, other: &Plan) -> bool {
        let keys = self.stages.iter().map(|stage| &stage.key);
        keys.eq(other.stages.iter().map(|stage| &stage.key))
    }
}

/// One ffmpeg run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// What kind of work it is.
    pub kind: StageKind,
    /// A few words for a progress line, such as `render show.mp4`.
    pub title: String,
    /// What identifies the work: a hash of the run, its inputs' contents and the FFmpeg build, hexadecimal.
    pub key: String,
    /// How much media it makes or reads, for weighing its share of the progress.
    pub duration: Time,
    /// How much it does, for estimates; it does not count for the key.
    #[serde(default)]
    pub work: Work,
    /// What is run.
    pub run: Run,
}

impl Stage {
    /// The stages that must be done before it, by index.
    pub fn dependencies(&self) -> BTreeSet<usize> {
        let inputs = self.run.inputs.iter().flat_map(|input| match &input.source {
            RunSource::Artifact(part) => vec![part.stage],
            RunSource::Concat(segments) => segments.iter().filter_map(Segment::stage).collect(),
            RunSource::Media(_) | RunSource::File(_) => Vec::new(),
        });
        let args = self.run.graph.filters().flat_map(|filter| &filter.args);
        let measured = args.filter_map(|(_, arg)| match arg {
            Arg::GainTo { stage, .. } => Some(*stage),
            Arg::Text(_) | Arg::File(_) => None,
        });
        inputs.chain(measured).collect()
    }
}

/// The kinds of stages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StageKind {
    /// Decodes, filters and encodes.
    Render,
    /// Copies packets; decodes nothing.
    Copy,
    /// Copies packets of files and of earlier stages into one track.
    Join,
    /// Makes no file: measures loudness (EBU R128) for a later stage.
    Measure,
}

/// The arguments of one ffmpeg run, before any path is known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// What is read, in order.
    pub inputs: Vec<RunInput>,
    /// Small files to write beside it first; filters and inputs name them by index.
    pub files: Vec<GeneratedFile>,
    /// Whether FFmpeg counts by the files' own clocks (`-copyts`) and not from each file's start, as it must beside joined
    /// parts: the sound beside the pictures in a joined file would move them, for its priming comes before them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub copy_timestamps: bool,
    /// What is done to the decoded streams; empty where nothing is decoded.
    pub graph: FilterGraph,
    /// What is written, in order.
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
    /// `-ss`: where reading starts, from the file's start.
    pub seek: Option<Time>,
    /// Whether what is decoded from the keyframe before that time on stays, with times before zero (`-noaccurate_seek`).
    pub inaccurate_seek: bool,
    /// `-t`: how much is read.
    pub duration: Option<Time>,
    /// Further options, each `-name value`.
    pub options: Vec<(String, String)>,
}

/// What an input reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunSource {
    /// Media, by its key in [`crate::facts::Facts::media`].
    Media(String),
    /// A file of [`Run::files`], by index.
    File(usize),
    /// An output of an earlier stage.
    Artifact(ArtifactId),
    /// Packets of several, one after the other.
    Concat(Vec<Segment>),
}

/// An output of an earlier stage, a [`Destination::Part`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ArtifactId {
    /// Index of the stage.
    pub stage: usize,
    /// Index of the output in its run.
    pub output: usize,
}

/// A stretch of packets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// Where they are.
    pub source: SegmentSource,
    /// How long they are shown.
    pub duration: Time,
}

impl Segment {
    /// The key of the media file it is in.
    pub fn media(&self) -> Option<&String> {
        match &self.source {
            SegmentSource::Media { key, .. } => Some(key),
            SegmentSource::Artifact { .. } => None,
        }
    }

    /// The stage that made it.
    fn stage(&self) -> Option<usize> {
        match &self.source {
            SegmentSource::Artifact { id: part, .. } => Some(part.stage),
            SegmentSource::Media { .. } => None,
        }
    }
}

/// Where a segment's packets are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SegmentSource {
    /// In a media file, on that file's own clock.
    Media {
        /// Its key in [`crate::facts::Facts::media`].
        key: String,
        /// When the first is shown.
        in_point: Time,
        /// When the first that does not belong to it is decoded.
        out_point: Option<Time>,
    },
    /// In what an earlier stage made.
    Artifact {
        /// Which of its outputs.
        id: ArtifactId,
        /// Where it begins, on that file's own clock; none is its first packet.
        in_point: Option<Time>,
        /// Where what follows it begins; none is the end.
        out_point: Option<Time>,
    },
}

/// A small text file that a run needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GeneratedFile {
    /// What its name ends in, without the dot, such as `ass`.
    pub extension: String,
    /// Its text, UTF-8.
    pub text: String,
}

/// One file written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunOutput {
    /// What it is for.
    pub destination: Destination,
    /// FFmpeg's muxer, such as `mp4`.
    pub muxer: String,
    /// Its tracks, in order.
    pub tracks: Vec<Track>,
    /// Options of the whole file, each `-name value`.
    pub options: Vec<(String, String)>,
    /// What it must turn out to be.
    pub expected: Expected,
}

/// What an output of a run is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Destination {
    /// A file that the recipe names.
    Named(String),
    /// A part that a later stage uses.
    Artifact,
    /// Nothing: the run only measures.
    Null,
}

impl RunOutput {
    /// The name the recipe gives it.
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
    /// Whether it is picture, sound or text.
    pub kind: TrackKind,
    /// Where it comes from.
    pub source: TrackSource,
    /// Its encoder's name, or `copy`.
    pub encoder: String,
    /// Options of its encoder, each `-name:TRACK value`.
    pub options: Vec<(String, String)>,
    /// Metadata, such as `language`.
    pub metadata: Vec<(String, String)>,
}

/// What a track carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum TrackKind {
    Video,
    Audio,
    Subtitle,
}

/// Where a track comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrackSource {
    /// Stream `stream` of input `input` as it is: copied, or (subtitles) converted.
    Stream {
        /// Index of the input.
        input: usize,
        /// Index of the stream in its file.
        stream: u32,
    },
    /// A pad of the filter graph.
    Link(u32),
}

/// What the compiler predicts of an output; a result that is not so is a failure.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Expected {
    /// The duration of the longest of picture and sound; none for a still image or where it cannot be known.
    pub duration: Option<Time>,
    /// How far the duration may be off: the grain of frames and packets.
    pub tolerance: Time,
    /// The picture, if there is to be one.
    pub video: Option<ExpectedVideo>,
    /// The sound, if there is to be any.
    pub audio: Option<ExpectedAudio>,
    /// How many subtitle tracks.
    pub subtitles: usize,
    /// Whether picture and sound must be equally long, within the tolerance.
    pub equal_lengths: bool,
    /// Where packets of different origin meet; around these it must decode without a complaint.
    pub seams: Vec<Time>,
}

/// What the picture must be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpectedVideo {
    /// Pixels across, as shown.
    pub width: u32,
    /// Pixels down, as shown.
    pub height: u32,
    /// Frames per second; none where they are unevenly spaced or the container does not keep it exactly.
    pub frame_rate: Option<Rational>,
    /// Its own duration; none for a still.
    pub duration: Option<Time>,
    /// How far a frame's time may be off, beyond a tick of the file's clock.
    pub pts_jitter: Time,
}

/// What the sound must be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpectedAudio {
    /// Samples per second.
    pub sample_rate: u32,
    /// How many channels.
    pub channels: u16,
    /// Its own duration.
    pub duration: Option<Time>,
    /// Whether every packet begins where the one before ends.
    pub gapless: bool,
}

/// A place in the recipe that a filter was made for, so that its failure can point there.
pub type Origin = Option<Span>;
