//! The graph: the compiler's intermediate representation, typed media operations over time.
//!
//! The set of operations of the language is open, but they all build a few closed kinds of nodes, so that passes can
//! match exhaustively. A node has one output stream; a [`Clip`] is the video, audio and subtitles that one value of a
//! recipe holds together.

mod builder;
mod clip;
mod color_compensation;
mod color_convert;
mod color_space;
mod copy_check;
mod flatten_alpha;
mod id;
mod no_op;
mod node;
mod pixel_format;
mod poster;
mod provenance;
mod to_cfr;
mod types;

pub(crate) use clip::{Clip, SubtitleSource, SubtitleTrack};
pub(crate) use color_space::{ColorSpace, Matrix, Range};
pub(crate) use copy_check::CopyObstacle;
pub(crate) use flatten_alpha::BLACK;
pub(crate) use id::NodeId;
pub(crate) use node::{Filter, Node, NodeKind};
pub(crate) use pixel_format::PixelFormat;
pub(crate) use provenance::SourcePosition;
pub(crate) use types::{AudioType, StreamType, VideoType};

pub(crate) use crate::time::Window;

use crate::output::OutputSpec;
use crate::plan::GeneratedFile;
use crate::time::Time;

/// The nodes and outputs of a recipe.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    nodes: Vec<Node>,
    /// Small text files that filters refer to by index ([`crate::plan::Arg::File`]).
    pub files: Vec<GeneratedFile>,
    /// The output files.
    pub outputs: Vec<OutputSpec>,
}

impl Graph {
    /// Adds a node. Its inputs must already be in the graph.
    pub fn add(&mut self, node: Node) -> NodeId {
        self.nodes.push(node);
        NodeId(self.nodes.len() - 1)
    }

    /// Builds a new graph node by node. `replace` gets each node, its inputs already mapped to the new graph, and
    /// returns the node of the new graph that replaces it. Nodes that no output needs are then dropped.
    pub fn rewrite(&self, mut replace: impl FnMut(&mut Graph, Node) -> NodeId) -> Graph {
        let mut new = Graph {
            nodes: Vec::new(),
            files: self.files.clone(),
            outputs: self.outputs.clone(),
        };
        let mut replacements: Vec<NodeId> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let inputs = node.inputs.iter().map(|id| replacements[id.0]).collect();
            let replacement = replace(
                &mut new,
                Node {
                    inputs,
                    ..node.clone()
                },
            );
            replacements.push(replacement);
        }
        new.remap_outputs(&replacements);
        new.without_dead_nodes()
    }

    /// Drops the nodes that no output needs.
    fn without_dead_nodes(mut self) -> Graph {
        let mut live = vec![false; self.nodes.len()];
        for id in self.outputs.iter().flat_map(OutputSpec::nodes) {
            live[id.0] = true;
        }
        // Inputs come before their users, so a single pass from the end finds all of them.
        for index in (0..self.nodes.len()).rev() {
            if live[index] {
                for input in &self.nodes[index].inputs {
                    live[input.0] = true;
                }
            }
        }
        let mut replacements = Vec::with_capacity(self.nodes.len());
        let mut kept = Vec::new();
        for (mut node, live) in std::mem::take(&mut self.nodes).into_iter().zip(live) {
            replacements.push(NodeId(kept.len()));
            if live {
                node.inputs = node.inputs.iter().map(|id| replacements[id.0]).collect();
                kept.push(node);
            }
        }
        self.nodes = kept;
        self.remap_outputs(&replacements);
        self
    }

    /// Points the outputs at the nodes that replaced theirs.
    fn remap_outputs(&mut self, replacements: &[NodeId]) {
        for output in &mut self.outputs {
            for track in output.video.iter_mut().chain(&mut output.audio) {
                track.node = replacements[track.node.0];
            }
        }
    }

    /// The streams that are read: the file's key, the type of the stream, and the window that is read.
    pub fn sources(&self) -> impl Iterator<Item = (&str, &StreamType, Window)> {
        self.nodes.iter().filter_map(|node| match &node.kind {
            NodeKind::Source { media, window, .. } => Some((media.as_str(), &node.ty, *window)),
            NodeKind::Still { media, .. } => Some((media.as_str(), &node.ty, Window::default())),
            _ => None,
        })
    }

    /// The node with an id.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }

    /// All nodes with their ids, inputs before their users.
    pub fn iter(&self) -> impl Iterator<Item = (NodeId, &Node)> {
        self.nodes
            .iter()
            .enumerate()
            .map(|(index, node)| (NodeId(index), node))
    }

    /// The number of nodes.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are no nodes.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The type of a video node; `None` for audio.
    pub fn video(&self, id: NodeId) -> Option<&VideoType> {
        match &self.node(id).ty {
            StreamType::Video(ty) => Some(ty),
            StreamType::Audio(_) => None,
        }
    }

    /// The type of an audio node; `None` for video.
    pub fn audio(&self, id: NodeId) -> Option<&AudioType> {
        match &self.node(id).ty {
            StreamType::Audio(ty) => Some(ty),
            StreamType::Video(_) => None,
        }
    }

    /// The duration of a clip: that of its video, or of its audio if it has no video; `None` if it is endless.
    pub fn duration(&self, clip: &Clip) -> Option<Time> {
        self.node(clip.video.or(clip.audio)?).ty.duration()
    }

    /// Adds a text file and returns its index. Equal files share one index.
    pub fn add_file(&mut self, extension: &str, text: String) -> usize {
        let file = GeneratedFile {
            extension: extension.to_owned(),
            text,
        };
        self.files
            .iter()
            .position(|known| *known == file)
            .unwrap_or_else(|| {
                self.files.push(file);
                self.files.len() - 1
            })
    }
}
