//! What a recipe means: typed media operations over time.
//!
//! The set of operations is open, the kinds of nodes are few and closed, so that passes match exhaustively.
//! A node has one output stream; a [`Clip`] is how a recipe holds a picture, a sound and subtitles together.

mod builder;
mod clip;
mod color_compensation;
mod color_convert;
mod color_space;
mod copy_check;
mod flatten_alpha;
mod id;
mod no_op;
mod poster;
mod provenance;
mod to_cfr;
mod types;

use vidc_dsl::Span;

pub(crate) use clip::{Clip, SubtitleSource, SubtitleTrack};
pub(crate) use color_space::{ColorSpace, Matrix, Range};
pub(crate) use copy_check::CopyObstacle;
pub(crate) use flatten_alpha::BLACK;
pub(crate) use id::NodeId;
pub(crate) use provenance::SourcePosition;
pub(crate) use types::{AudioType, PixelFormat, StreamType, VideoType};

pub(crate) use crate::time::Window;

use crate::output::OutputSpec;
use crate::plan::{ColorHandling, FilterCall, FilterName, GeneratedFile, Timing};
use crate::time::{Rational, Time};

/// The whole meaning of a recipe.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    nodes: Vec<Node>,
    /// Small files that filters name by index ([`crate::plan::Arg::File`]).
    pub files: Vec<GeneratedFile>,
    /// What is to be made.
    pub outputs: Vec<OutputSpec>,
}

/// One stream, made from others.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// How it is made.
    pub kind: NodeKind,
    /// From what.
    pub inputs: Vec<NodeId>,
    /// What it is.
    pub ty: StreamType,
    /// The place in the recipe that asked for it.
    pub origin: Span,
}

/// How a stream is made.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum NodeKind {
    /// A stream of a media file, or a window of it.
    Source {
        /// Its key in the facts.
        media: String,
        /// Index of the stream in its file.
        stream: u32,
        /// The part that is read.
        window: Window,
        /// How long after the file's start the stream itself starts.
        offset: Time,
    },
    /// A still picture: one frame, shown for as long as anyone looks. What is made of a still alone is still, too,
    /// until a [`NodeKind::StillToVideo`] makes frames of it.
    Still {
        /// Its key in the facts.
        media: String,
        /// Index of the stream in its file.
        stream: u32,
    },
    /// An endless stream that a source filter makes.
    Generate(FilterCall),
    /// A still made into frames at a steady rate, for ever.
    StillToVideo {
        /// Frames per second.
        frame_rate: Rational,
    },
    /// The part from `start` to `end`, moved to the beginning.
    Trim {
        /// First instant.
        start: Time,
        /// Last instant; none is the end.
        end: Option<Time>,
    },
    /// The same, later; silence (audio) or nothing at all (video, for [`NodeKind::Overlay`] to draw) before it.
    Delay {
        /// How much later.
        by: Time,
    },
    /// Again and again, for ever.
    Loop,
    /// Evenly spaced frames, or samples, exactly this many: the last frame is repeated, or silence added, where
    /// there are too few.
    FixedLength {
        /// How many frames or samples.
        count: i64,
    },
    /// One after the other; every input's type is the same but for its duration.
    Concat,
    /// The second input begins before the first ends, and takes over; types are the same but for durations.
    Crossfade {
        /// FFmpeg's name of the `xfade` transition; sound always crossfades.
        transition: String,
        /// How long both are heard or seen.
        overlap: Time,
        /// When the second begins.
        offset: Time,
    },
    /// The second input drawn on the first.
    Overlay {
        /// Pixels from the left.
        x: i64,
        /// Pixels from the top.
        y: i64,
        /// When it is drawn; none is always.
        during: Option<Window>,
    },
    /// All inputs heard at once; it is as long as the first.
    Mix,
    /// Brought to a loudness measured over the whole of it (EBU R128).
    Loudness {
        /// Integrated, LUFS.
        target: Rational,
        /// The most a true peak may be, dBTP.
        true_peak: Rational,
    },
    /// The same sound, kept in a file that loses nothing until it is made as a whole.
    Materialize,
    /// Anything else that filters do.
    Filter(Filter),
}

/// Filters in a row, and what passes may know of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Filter {
    /// The filters; with several inputs, all flow into the first.
    pub calls: Vec<FilterCall>,
    /// How what it does depends on time.
    pub timing: Timing,
    /// Whether its settings are such that nothing changes.
    pub identity: bool,
    /// When it changes anything; none is always.
    pub active: Option<Vec<Window>>,
}

impl Filter {
    /// Filters in a row, whose timing follows from the filters.
    pub fn new(calls: Vec<FilterCall>) -> Filter {
        let timing = calls.iter().map(|call| call.name.spec().timing).max();
        Filter {
            calls,
            timing: timing.unwrap_or(Timing::PerFrame),
            identity: false,
            active: None,
        }
    }

    /// The same with options that make it treat each frame or sample alone.
    pub fn per_frame(self) -> Filter {
        Filter {
            timing: Timing::PerFrame,
            ..self
        }
    }

    /// Whether it converts the frame rate and does nothing else.
    pub fn is_rate_conversion(&self) -> bool {
        matches!(self.calls.as_slice(), [call] if call.name == FilterName::Fps)
    }

    /// Whether it deinterlaces and does nothing else.
    pub fn is_deinterlacer(&self) -> bool {
        matches!(self.calls.as_slice(), [call] if call.name == FilterName::Bwdif)
    }

    /// Whether it changes the pixel format and nothing else.
    pub fn only_changes_pixel_format(&self) -> bool {
        let color = |call: &FilterCall| call.name.spec().color;
        self.calls
            .iter()
            .all(|call| color(call) == ColorHandling::PixelFormat)
    }

    /// The same, known to change nothing outside these windows.
    pub fn active_during(self, active: Vec<Window>) -> Filter {
        Filter {
            active: Some(active),
            ..self
        }
    }

    /// The same, known to change nothing if `identity`.
    pub fn identity_if(self, identity: bool) -> Filter {
        Filter { identity, ..self }
    }
}

impl Graph {
    /// Adds a node.
    pub fn add(&mut self, node: Node) -> NodeId {
        self.nodes.push(node);
        NodeId(self.nodes.len() - 1)
    }

    /// The same recipe's meaning with nodes made anew: `remake` is handed each node, its inputs already those of the
    /// new graph, and says which node of the new graph stands for it. What no output needs then is left out.
    pub fn rewrite(&self, mut remake: impl FnMut(&mut Graph, Node) -> NodeId) -> Graph {
        let mut new = Graph {
            nodes: Vec::new(),
            files: self.files.clone(),
            outputs: self.outputs.clone(),
        };
        let mut places: Vec<NodeId> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let inputs = node.inputs.iter().map(|id| places[id.0]).collect();
            let place = remake(
                &mut new,
                Node {
                    inputs,
                    ..node.clone()
                },
            );
            places.push(place);
        }
        new.remap_outputs(&places);
        new.without_dead_nodes()
    }

    /// Without the nodes that no output needs.
    fn without_dead_nodes(mut self) -> Graph {
        let mut live = vec![false; self.nodes.len()];
        for id in self.outputs.iter().flat_map(OutputSpec::nodes) {
            live[id.0] = true;
        }
        // Inputs come before what uses them, so one round from the end finds them all.
        for index in (0..self.nodes.len()).rev() {
            if live[index] {
                for input in &self.nodes[index].inputs {
                    live[input.0] = true;
                }
            }
        }
        let mut places = Vec::with_capacity(self.nodes.len());
        let mut kept = Vec::new();
        for (mut node, live) in std::mem::take(&mut self.nodes).into_iter().zip(live) {
            places.push(NodeId(kept.len()));
            if live {
                node.inputs = node.inputs.iter().map(|id| places[id.0]).collect();
                kept.push(node);
            }
        }
        self.nodes = kept;
        self.remap_outputs(&places);
        self
    }

    /// Points outputs at the nodes that took the place of theirs.
    fn remap_outputs(&mut self, places: &[NodeId]) {
        for output in &mut self.outputs {
            for track in output.video.iter_mut().chain(&mut output.audio) {
                track.node = places[track.node.0];
            }
        }
    }

    /// The parts of files that are read: each file's key, which of its streams, and the window.
    pub fn sources(&self) -> impl Iterator<Item = (&str, &StreamType, Window)> {
        self.nodes.iter().filter_map(|node| match &node.kind {
            NodeKind::Source { media, window, .. } => Some((media.as_str(), &node.ty, *window)),
            NodeKind::Still { media, .. } => Some((media.as_str(), &node.ty, Window::default())),
            _ => None,
        })
    }

    /// A node by its id.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }

    /// A node's id and itself, inputs before what uses them.
    pub fn iter(&self) -> impl Iterator<Item = (NodeId, &Node)> {
        self.nodes
            .iter()
            .enumerate()
            .map(|(index, node)| (NodeId(index), node))
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are no nodes.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The type of a node that is a picture; none if it is a sound.
    pub fn video(&self, id: NodeId) -> Option<&VideoType> {
        match &self.node(id).ty {
            StreamType::Video(ty) => Some(ty),
            StreamType::Audio(_) => None,
        }
    }

    /// The type of a node that is a sound; none if it is a picture.
    pub fn audio(&self, id: NodeId) -> Option<&AudioType> {
        match &self.node(id).ty {
            StreamType::Audio(ty) => Some(ty),
            StreamType::Video(_) => None,
        }
    }

    /// Points filters at the recipe's line that a node is for.
    fn with_origin(calls: Vec<FilterCall>, origin: Span) -> Vec<FilterCall> {
        calls
            .into_iter()
            .map(|call| FilterCall {
                origin: Some(origin),
                ..call
            })
            .collect()
    }

    /// How long a clip is: as long as its picture, or its sound where it has none; none if it never ends.
    pub fn duration(&self, clip: &Clip) -> Option<Time> {
        self.node(clip.video.or(clip.audio)?).ty.duration()
    }

    /// Adds a small file and returns the index by which filters name it; the same text is kept once.
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
