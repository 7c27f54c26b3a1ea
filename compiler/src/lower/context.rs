//! The data that every step of lowering a run reads and none changes.

use std::collections::{HashMap, HashSet};

use crate::facts::{Facts, Media, Stream};
use crate::graph::{Graph, NodeId};
use crate::plan::ArtifactId;
use crate::time::Window;

/// The graph, the facts, and what earlier stages of the plan provide.
#[derive(Clone, Copy)]
pub(super) struct Context<'g> {
    pub(super) graph: &'g Graph,
    pub(super) facts: &'g Facts,
    /// Windows of files whose audio needs a preroll. Their video is read together with it, so it has the same preroll.
    pub(super) preroll_windows: &'g HashSet<(String, Window)>,
    pub(super) prior: &'g Prior,
}

/// What earlier stages of the plan provide for nodes.
#[derive(Default)]
pub(super) struct Prior {
    /// The stage that measured the input of each loudness node.
    pub(super) loudness: HashMap<NodeId, usize>,
    /// The file of each materialized node.
    pub(super) materialized: HashMap<NodeId, ArtifactId>,
}

impl<'g> Context<'g> {
    /// A media file; none if it could not be probed.
    pub(super) fn media(&self, key: &str) -> Option<&'g Media> {
        self.facts.media.get(key)?.as_ref().ok()
    }

    /// A stream of a media file, with the file.
    pub(super) fn stream(&self, key: &str, index: u32) -> Option<(&'g Media, &'g Stream)> {
        let media = self.media(key)?;
        Some((media, media.stream(index)?))
    }
}
