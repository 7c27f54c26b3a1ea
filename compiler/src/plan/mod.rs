//! The plan: the ffmpeg runs that write the outputs of a recipe, as data. It serializes, prints as shell, and runs on any
//! machine that has the inputs.

mod argv;
mod concat_list;
mod environment;
mod escape;
mod expected;
mod filtergraph;
mod filters;
mod loudness;
mod run;
mod stage;

pub use argv::{Arguments, argv, concat_lists};
pub use environment::RunEnvironment;
pub use escape::escape;
pub use expected::{Expected, ExpectedAudio, ExpectedVideo};
pub use filtergraph::{Arg, Chain, FilterCall, FilterGraph, Origin, Pad};
pub use filters::{Benchmark, ColorHandling, Cost, FilterName, FilterSpec, Reason, Setting, Timing};
pub use loudness::Loudness;
pub use run::{
    ArtifactId, Destination, GeneratedFile, Run, RunInput, RunOutput, RunSource, Segment, SegmentSource,
    Track, TrackKind, TrackSource,
};
pub use stage::{PLAN_VERSION, Plan, Stage, StageKind};
