//! Plans and their stages.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Arg, Run, RunSource, Segment};
use crate::cost::Work;
use crate::time::Time;

/// The version of the plan format, raised whenever plans written by an older vidc cannot be executed unchanged.
pub const PLAN_VERSION: u32 = 5;

/// All the work of one recipe, in an order in which it can be executed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The [`PLAN_VERSION`] of the vidc that wrote it.
    pub version: u32,
    /// The FFmpeg build that it is for, as in [`crate::facts::Capabilities::build`].
    pub ffmpeg_build: String,
    /// The stages; each depends only on earlier ones.
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

    /// Whether another plan does the same work: its stages have the same keys.
    pub fn is_same_work(&self, other: &Plan) -> bool {
        let keys = self.stages.iter().map(|stage| &stage.key);
        keys.eq(other.stages.iter().map(|stage| &stage.key))
    }
}

/// One ffmpeg run with its identity and its estimated work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// The kind of work.
    pub kind: StageKind,
    /// A few words for a progress line, such as `render show.mp4`.
    pub title: String,
    /// The content key: a hash of the run, the contents of its inputs, and the FFmpeg build, in hexadecimal.
    pub key: String,
    /// The duration of the media that it writes or measures, which weighs its share of the progress.
    pub duration: Time,
    /// The work, for estimates. It is not part of the key.
    #[serde(default)]
    pub work: Work,
    /// The ffmpeg run.
    pub run: Run,
}

impl Stage {
    /// The indices of the earlier stages that it depends on.
    pub fn dependencies(&self) -> BTreeSet<usize> {
        let inputs = self.run.inputs.iter().flat_map(|input| match &input.source {
            RunSource::Artifact(id) => vec![id.stage],
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
    /// Decodes, filters, and encodes.
    Render,
    /// Copies packets and decodes nothing.
    Copy,
    /// Joins packets of files and of earlier stages into one track.
    Join,
    /// Writes no file: measures loudness (EBU R128) for a later stage.
    Measure,
}
