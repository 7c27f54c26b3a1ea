//! What a pass is: its identifier, the properties that other crates query, and its report.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::facts::Facts;
use crate::graph::Graph;

/// A rewrite of the graph.
pub(super) struct Pass {
    /// What it does, in a sentence.
    pub(super) summary: &'static str,
    /// Returns the rewritten graph, and what was saved in words.
    pub(super) run: fn(&Graph, &Facts) -> (Graph, Vec<String>),
}

/// One thing that a pass did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Report {
    pub(crate) pass: PassId,
    pub(crate) message: String,
}

/// An optimization pass. Variants are in the order in which passes run; [`PassId::name`] is its serialized form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PassId {
    /// Drops streams that no output uses.
    DeadStreamElimination,
    /// Drops nodes that change nothing.
    NoOpRemoval,
    /// Moves frame rate conversions to where fewer frames are processed.
    FpsReorder,
    /// Turns trims into seeks in the input files.
    SeekPushdown,
    /// Common subexpression elimination: merges nodes that compute the same stream.
    Cse,
    /// Copies the GOPs of unchanged video and encodes only the rest.
    SmartRender,
    /// Encodes segments of a long video in parallel.
    // The alias is the name in tasks that earlier versions stored.
    #[serde(alias = "segments")]
    ParallelSegments,
    /// Copies the AAC packets of unchanged audio and encodes only those around cuts.
    #[serde(alias = "sound-join")]
    AudioPacketJoin,
    /// Copies whole tracks that nothing changes.
    TrackCopy,
    /// Limits how many input files one FFmpeg process opens.
    InputBatching,
}

impl PassId {
    /// Every pass, in the order in which they run.
    pub const ALL: [PassId; 10] = [
        PassId::DeadStreamElimination,
        PassId::NoOpRemoval,
        PassId::FpsReorder,
        PassId::SeekPushdown,
        PassId::Cse,
        PassId::SmartRender,
        PassId::ParallelSegments,
        PassId::AudioPacketJoin,
        PassId::TrackCopy,
        PassId::InputBatching,
    ];

    /// The name used by `--no-pass`, `--emit graph=after:` and explanations.
    pub fn name(self) -> &'static str {
        match self {
            PassId::DeadStreamElimination => "dead-stream-elimination",
            PassId::NoOpRemoval => "no-op-removal",
            PassId::FpsReorder => "fps-reorder",
            PassId::SeekPushdown => "seek-pushdown",
            PassId::Cse => "cse",
            PassId::SmartRender => "smart-render",
            PassId::ParallelSegments => "parallel-segments",
            PassId::AudioPacketJoin => "audio-packet-join",
            PassId::TrackCopy => "track-copy",
            PassId::InputBatching => "input-batching",
        }
    }

    /// The passes with a property: `PassId::all_that(PassId::joins_packets)`.
    pub fn all_that(property: fn(PassId) -> bool) -> impl Iterator<Item = PassId> {
        PassId::ALL.into_iter().filter(move |id| property(*id))
    }

    /// Whether it assembles tracks from separately coded packets to save time. Exact results are made without such
    /// passes. [`PassId::InputBatching`] joins packets, too, but to save memory.
    pub fn joins_packets(self) -> bool {
        matches!(
            self,
            PassId::SmartRender | PassId::ParallelSegments | PassId::AudioPacketJoin
        )
    }

    /// Whether it copies tracks as a whole.
    pub fn copies_tracks(self) -> bool {
        self == PassId::TrackCopy
    }

    /// Whether it limits the memory that a render needs.
    pub fn limits_memory(self) -> bool {
        self == PassId::InputBatching
    }

    /// Whether it decides by the keyframes of input files ([`Facts::keyframes`](crate::facts::Facts::keyframes)).
    pub fn needs_keyframes(self) -> bool {
        self == PassId::SmartRender
    }

    /// Whether its result depends on how many processor cores there are.
    pub fn depends_on_cores(self) -> bool {
        self == PassId::ParallelSegments
    }
}

impl fmt::Display for PassId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A stage of the compilation at which the graph can be printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GraphStage {
    /// As built from the recipe, before all passes.
    Checked,
    /// After a pass.
    After(PassId),
    /// After all passes.
    #[default]
    Optimized,
}

/// The error for a name that no pass has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct UnknownPass {
    /// The name as written.
    pub name: String,
}

/// Says which names there are, or which one was probably meant.
impl fmt::Display for UnknownPass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = PassId::ALL.map(PassId::name);
        write!(f, "there is no pass `{}`", self.name)?;
        match vidc_dsl::nearest(&self.name, names) {
            Some(nearest) => write!(f, "; did you mean `{nearest}`?"),
            None => write!(f, "; the passes are {}", names.join(", ")),
        }
    }
}

impl FromStr for PassId {
    type Err = UnknownPass;

    fn from_str(name: &str) -> Result<PassId, UnknownPass> {
        PassId::ALL
            .into_iter()
            .find(|id| id.name() == name)
            .ok_or_else(|| UnknownPass {
                name: name.to_owned(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_parsed_and_serialized_alike() {
        for id in PassId::ALL {
            assert_eq!(id.name().parse(), Ok(id));
            assert_eq!(serde_json::to_value(id).unwrap(), id.name());
        }
    }

    #[test]
    fn passes_are_listed_once_in_order() {
        assert!(PassId::ALL.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn unknown_names_get_a_suggestion() {
        let error = |name: &str| name.parse::<PassId>().unwrap_err().to_string();
        assert_eq!(
            error("smart-rendr"),
            "there is no pass `smart-rendr`; did you mean `smart-render`?"
        );
        assert!(error("x").ends_with("track-copy, input-batching"));
    }
}
