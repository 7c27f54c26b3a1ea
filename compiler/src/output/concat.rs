//! Tracks put together from copied packets and newly encoded segments.

use super::container::{Container, Muxer};
use super::encoder::Encoder;
use crate::facts::Keyframe;
use crate::graph::NodeId;
use crate::time::{Rational, Time, Window};

/// A video track put together from segments, of which only some are encoded.
#[derive(Clone, Debug, PartialEq)]
pub struct VideoConcat {
    /// The segments, in order.
    pub parts: Vec<VideoSegment>,
    /// The encoder of the segments that are encoded.
    pub encoder: Encoder,
    /// The codec of all segments.
    pub codec: ConcatCodec,
    /// Ticks per second in every segment. Packets are joined without rescaling, so all segments must share it.
    pub timescale: i64,
    /// Frames per second.
    pub rate: Rational,
    /// How far a frame's PTS may be off: one tick of the coarsest clock among the files.
    pub pts_jitter: Time,
    /// Whether segments have different parameter sets, which must then be sent in band.
    pub in_band: bool,
}

impl VideoConcat {
    /// The times at which one segment ends and the next begins.
    pub fn seams(&self) -> Vec<Time> {
        seams(Time::ZERO, self.parts.iter().map(|part| part.length))
    }
}

/// A segment of a [`VideoConcat`].
#[derive(Clone, Debug, PartialEq)]
pub struct VideoSegment {
    /// Its duration.
    pub length: Time,
    /// The source of its packets.
    pub source: VideoSegmentSource,
}

/// The source of a video segment's packets.
#[derive(Clone, Debug, PartialEq)]
pub enum VideoSegmentSource {
    /// A file, from a keyframe up to a given DTS or to the end.
    Packets {
        /// The file's key in the facts.
        media: String,
        /// Index of the stream in its file.
        stream: u32,
        /// The first packet.
        from: Keyframe,
        /// The DTS of the first packet that is not copied; `None` copies up to the end.
        until: Option<Time>,
        /// The number of packets.
        frames: i64,
        /// Whether packets are joined straight from the file; otherwise they are first copied to a file of their own.
        as_is: bool,
    },
    /// An encoder whose input is this node.
    Encoded(NodeId),
}

/// A video codec whose packets from different sources can be joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConcatCodec {
    /// ITU-T H.264
    H264,
    /// ITU-T H.265
    H265,
    /// MPEG-4 Visual (ISO/IEC 14496-2)
    Mpeg4,
}

impl ConcatCodec {
    /// The codecs whose packets can be joined in a container. Only AVI supports MPEG-4 segments with headers of their
    /// own among the packets.
    pub fn joinable_in(container: &Container) -> &'static [ConcatCodec] {
        match container.muxer {
            Muxer::Mp4 | Muxer::Mov | Muxer::Matroska => &[ConcatCodec::H264, ConcatCodec::H265],
            Muxer::Avi => &[ConcatCodec::Mpeg4],
            _ => &[],
        }
    }

    /// FFmpeg's name of the encoder.
    pub fn encoder(self) -> &'static str {
        match self {
            ConcatCodec::H264 => "libx264",
            ConcatCodec::H265 => "libx265",
            ConcatCodec::Mpeg4 => "mpeg4",
        }
    }

    /// The muxer of files that hold one segment.
    pub fn segment_muxer(self) -> Muxer {
        match self {
            ConcatCodec::H264 | ConcatCodec::H265 => Muxer::Mp4,
            ConcatCodec::Mpeg4 => Muxer::Avi,
        }
    }

    /// The sample entry's tag in MP4 and QuickTime files (ISO/IEC 14496-15), which depends on whether parameter sets are
    /// in band; `None` if FFmpeg's default is right.
    pub fn tag(self, in_band: bool) -> Option<&'static str> {
        match (self, in_band) {
            (ConcatCodec::H264, true) => Some("avc3"),
            (ConcatCodec::H264, false) => None,
            (ConcatCodec::H265, true) => Some("hev1"),
            (ConcatCodec::H265, false) => Some("hvc1"),
            (ConcatCodec::Mpeg4, _) => None,
        }
    }
}

/// An audio track put together from segments, of which only some are encoded.
#[derive(Clone, Debug, PartialEq)]
pub struct AudioConcat {
    /// The segments, in order.
    pub parts: Vec<AudioSegment>,
    /// The encoder of the segments that are encoded.
    pub encoder: Encoder,
    /// How much at the beginning of the first segment is only there for decoding, and is hidden.
    pub early: Time,
    /// Samples per second, the timescale of every segment.
    pub rate: Rational,
}

impl AudioConcat {
    /// The times at which one segment ends and the next begins.
    pub fn seams(&self) -> Vec<Time> {
        seams(-self.early, self.parts.iter().map(|part| part.length))
    }
}

/// A segment of an [`AudioConcat`].
#[derive(Clone, Debug, PartialEq)]
pub struct AudioSegment {
    /// Its duration, including what is hidden.
    pub length: Time,
    /// The source of its packets.
    pub source: AudioSegmentSource,
}

/// The source of an audio segment's packets.
#[derive(Clone, Debug, PartialEq)]
pub enum AudioSegmentSource {
    /// The packets of a file that begin in a window.
    Packets {
        /// The file's key in the facts.
        media: String,
        /// Index of the stream in its file.
        stream: u32,
        /// From the beginning of one packet to that of another. A window that begins at zero includes the priming.
        window: Window,
    },
    /// An encoder whose input is a node.
    Encoded {
        /// The encoder's input.
        node: NodeId,
        /// How much of the encoder's output is dropped because it overlaps the previous segment; `None` for the first
        /// segment.
        skip: Option<Time>,
        /// Whether this is the last segment.
        last: bool,
    },
}

/// The ends of all segments but the last.
fn seams(begin: Time, lengths: impl ExactSizeIterator<Item = Time>) -> Vec<Time> {
    let inner = lengths.len().saturating_sub(1);
    let ends = lengths.scan(begin, |end, length| {
        *end = *end + length;
        Some(*end)
    });
    ends.take(inner).collect()
}
