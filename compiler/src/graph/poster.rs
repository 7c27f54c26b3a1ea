//! Pictures as a screen shows them: which frame is seen when, evenly spaced, and in SDR.

use vidc_dsl::Span;

use super::{Graph, NodeId, VideoType};
use crate::time::{Rational, Time};

/// Moments a second at which it is looked what an unevenly spaced picture shows: the times of no common container are
/// much finer.
const MOMENTS: Rational = Rational::new_raw(1000, 1);

impl Graph {
    /// A picture of which some frame begins at the returned time, or less than a frame before, and is the one that is
    /// seen `at` a time.
    pub fn with_frame_at(&mut self, id: NodeId, at: Time, origin: Span) -> (NodeId, Time) {
        let Some(ty) = self.video(id).filter(|ty| !ty.still).cloned() else {
            return (id, Time::ZERO);
        };
        match ty.variable_rate {
            true => (self.fps(id, MOMENTS, origin), at.floor_to(MOMENTS)),
            false => (id, at.floor_to(ty.frame_rate)),
        }
    }

    /// A picture as a still image shows it: in SDR, in square pixels.
    pub fn prepare_still_image(&mut self, id: NodeId, origin: Span) -> NodeId {
        let id = self.ensure_sdr(id, origin);
        match self.video(id).map(VideoType::display_size) {
            Some(size) => self.scale(id, size, origin),
            None => id,
        }
    }

    /// A picture as SDR, which it may already be.
    pub fn ensure_sdr(&mut self, id: NodeId, origin: Span) -> NodeId {
        match self.video(id) {
            Some(ty) if ty.color_space.is_hdr() => self.tone_map(id, origin),
            _ => id,
        }
    }
}
