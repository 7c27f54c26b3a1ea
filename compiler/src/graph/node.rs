//! Nodes: one stream each, computed from the streams of other nodes.

use vidc_dsl::Span;

use super::id::NodeId;
use super::types::StreamType;
use crate::plan::{ColorHandling, FilterCall, FilterName, Timing};
use crate::time::{Rational, Time, Window};

/// One stream, computed from others.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The operation.
    pub kind: NodeKind,
    /// Its operands.
    pub inputs: Vec<NodeId>,
    /// The type of its result.
    pub ty: StreamType,
    /// The place in the recipe that it comes from.
    pub origin: Span,
}

/// The operation of a node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum NodeKind {
    /// A stream of a media file, or a window of it.
    Source {
        /// The file's key in the facts.
        media: String,
        /// Index of the stream in its file.
        stream: u32,
        /// The part that is read.
        window: Window,
        /// The start of the stream, after the start of the file.
        offset: Time,
    },
    /// A still image: one frame, shown for as long as needed. Results computed from stills alone are still as well, up
    /// to a [`NodeKind::StillToVideo`].
    Still {
        /// The file's key in the facts.
        media: String,
        /// Index of the stream in its file.
        stream: u32,
    },
    /// An endless stream from a source filter.
    Generate(FilterCall),
    /// A still repeated endlessly at a constant frame rate.
    StillToVideo {
        /// Frames per second.
        frame_rate: Rational,
    },
    /// The part from `start` to `end`, shifted to start at zero.
    Trim {
        /// Start time.
        start: Time,
        /// End time; `None` is the end of the stream.
        end: Option<Time>,
    },
    /// The input, delayed. The gap before it is silence (audio), or has no frames at all (video, for
    /// [`NodeKind::Overlay`]).
    Delay {
        /// The delay.
        by: Time,
    },
    /// The input, repeated endlessly.
    Loop,
    /// Exactly `count` evenly spaced frames or samples: a longer input is cut, a shorter one is padded with its last
    /// frame or with silence.
    FixedLength {
        /// Number of frames or samples.
        count: i64,
    },
    /// The inputs one after the other. Their types differ only in duration.
    Concat,
    /// A transition: the second input starts before the first ends. Their types differ only in duration.
    Crossfade {
        /// FFmpeg's name of the `xfade` transition; audio is always crossfaded.
        transition: String,
        /// Duration of the overlap.
        overlap: Time,
        /// Start of the second input.
        offset: Time,
    },
    /// The second input drawn on top of the first.
    Overlay {
        /// Pixels from the left.
        x: i64,
        /// Pixels from the top.
        y: i64,
        /// When it is visible; `None` is always.
        during: Option<Window>,
    },
    /// The sum of all inputs, as long as the first.
    Mix,
    /// Loudness normalization by measuring the whole input (EBU R 128).
    Loudness {
        /// Integrated loudness, LUFS.
        target: Rational,
        /// Maximum true peak, dBTP.
        true_peak: Rational,
    },
    /// The same audio, written to a lossless temporary file that its users read.
    Materialize,
    /// A chain of FFmpeg filters.
    Filter(Filter),
}

/// A chain of filters, with the properties that passes rely on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Filter {
    /// The filters; all inputs of the node go into the first.
    pub calls: Vec<FilterCall>,
    /// How its effect depends on time.
    pub timing: Timing,
    /// Whether its settings are such that it changes nothing.
    pub identity: bool,
    /// The windows outside of which it changes nothing; `None` is always active.
    pub active: Option<Vec<Window>>,
}

impl Filter {
    /// A chain of filters. Its timing is that of the most time-dependent one.
    pub fn new(calls: Vec<FilterCall>) -> Filter {
        let timing = calls.iter().map(|call| call.name.spec().timing).max();
        Filter {
            calls,
            timing: timing.unwrap_or(Timing::PerFrame),
            identity: false,
            active: None,
        }
    }

    /// The same chain with options that make it treat each frame or sample alone.
    pub fn per_frame(self) -> Filter {
        Filter {
            timing: Timing::PerFrame,
            ..self
        }
    }

    /// The same chain, known to change nothing outside these windows.
    pub fn active_during(self, active: Vec<Window>) -> Filter {
        Filter {
            active: Some(active),
            ..self
        }
    }

    /// The same chain, known to change nothing if `identity`.
    pub fn identity_if(self, identity: bool) -> Filter {
        Filter { identity, ..self }
    }

    /// The same chain, with `origin` as the place in the recipe of each filter.
    pub fn with_origin(self, origin: Span) -> Filter {
        let calls = self.calls.into_iter().map(|call| FilterCall {
            origin: Some(origin),
            ..call
        });
        Filter {
            calls: calls.collect(),
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

    /// Whether it scales to square pixels and does nothing else.
    pub fn is_scaler(&self) -> bool {
        let names: Vec<FilterName> = self.calls.iter().map(|call| call.name).collect();
        names == [FilterName::Scale, FilterName::Setsar]
    }

    /// Whether it changes the pixel format and nothing else.
    pub fn only_changes_pixel_format(&self) -> bool {
        let color = |call: &FilterCall| call.name.spec().color;
        self.calls
            .iter()
            .all(|call| color(call) == ColorHandling::PixelFormat)
    }
}
