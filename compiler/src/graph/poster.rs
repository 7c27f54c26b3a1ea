//! Frames for still images, such as posters: the frame shown at a time, in SDR and square pixels.

use vidc_dsl::Span;

use super::{Graph, NodeId, VideoType};
use crate::time::{Rational, Time};

/// The constant frame rate to which VFR video is converted to find the frame shown at a time: one per millisecond. No
/// common container has timestamps that differ by less between frames.
const SAMPLING_RATE: Rational = Rational::new_raw(1000, 1);

impl Graph {
    /// Converts video so that the frame shown `at` a time starts at the returned time, or less than a frame before it.
    pub fn with_frame_at(&mut self, id: NodeId, at: Time, origin: Span) -> (NodeId, Time) {
        let Some(ty) = self.video(id).filter(|ty| !ty.still).cloned() else {
            return (id, Time::ZERO);
        };
        match ty.variable_rate {
            true => (self.fps(id, SAMPLING_RATE, origin), at.floor_to(SAMPLING_RATE)),
            false => (id, at.floor_to(ty.frame_rate)),
        }
    }

    /// Converts video for a still image: to SDR and square pixels.
    pub fn prepare_still_image(&mut self, id: NodeId, origin: Span) -> NodeId {
        let id = self.ensure_sdr(id, origin);
        match self.video(id).map(VideoType::display_size) {
            Some(size) => self.scale(id, size, origin),
            None => id,
        }
    }

    /// Converts HDR video to SDR.
    pub fn ensure_sdr(&mut self, id: NodeId, origin: Span) -> NodeId {
        match self.video(id) {
            Some(ty) if ty.color_space.is_hdr() => self.tone_map(id, origin),
            _ => id,
        }
    }
}
