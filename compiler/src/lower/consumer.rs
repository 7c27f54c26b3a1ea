//! The consumers of a run's decoded streams: encoders and measurements.

use crate::graph::NodeId;
use crate::output::{Encoder, Encoding, TrackSpec};

/// A node whose stream leaves the filter graph.
#[derive(Clone)]
pub(super) struct Consumer {
    pub(super) node: NodeId,
    pub(super) purpose: Purpose,
}

/// What consumes the stream.
#[derive(Clone)]
pub(super) enum Purpose {
    /// An encoder.
    Encode(Encoder),
    /// An encoder of the first frame only.
    EncodeFirstFrame(Encoder),
    /// A loudness measurement.
    MeasureLoudness,
}

impl Consumer {
    /// The encoder of a track; none if no encoder of the same run consumes its node.
    pub(super) fn for_track(track: &TrackSpec) -> Option<Consumer> {
        let purpose = match &track.encoding {
            Encoding::Encode(encoder) | Encoding::Auto(encoder) => Purpose::Encode(encoder.clone()),
            Encoding::Frame(encoder) => Purpose::EncodeFirstFrame(encoder.clone()),
            Encoding::Copy | Encoding::VideoConcat(_) | Encoding::AudioConcat(_) => return None,
        };
        Some(Consumer {
            node: track.node,
            purpose,
        })
    }

    /// An encoder of a whole node.
    pub(super) fn encode(node: NodeId, encoder: Encoder) -> Consumer {
        Consumer {
            node,
            purpose: Purpose::Encode(encoder),
        }
    }
}
