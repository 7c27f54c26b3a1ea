//! Converts stills and VFR or interlaced video to progressive CFR.

use vidc_dsl::Span;

use super::{Filter, Graph, NodeId, NodeKind, VideoType, Window};
use crate::plan::{FilterCall, FilterName};
use crate::time::{Rational, Time};

impl Graph {
    /// Converts a still to video at a constant frame rate, as long as the still lasts.
    pub fn still_to_video(&mut self, input: NodeId, frame_rate: Rational, origin: Span) -> NodeId {
        let Some(ty) = self.video(input).filter(|ty| ty.still).cloned() else {
            return input;
        };
        let video = VideoType {
            still: false,
            frame_rate,
            variable_rate: false,
            duration: None,
            ..ty.clone()
        };
        let video = self.add_node(NodeKind::StillToVideo { frame_rate }, vec![input], video, origin);
        match ty.duration {
            Some(duration) => self.trim(
                video,
                Window {
                    start: Time::ZERO,
                    end: Some(duration),
                },
                origin,
            ),
            None => video,
        }
    }

    /// Converts video to a constant frame rate.
    pub fn fps(&mut self, input: NodeId, frame_rate: Rational, origin: Span) -> NodeId {
        if self.video(input).is_some_and(|ty| ty.still) {
            return self.still_to_video(input, frame_rate, origin);
        }
        let has_rate = |ty: &VideoType| ty.frame_rate == frame_rate && !ty.variable_rate;
        let same = self.video(input).is_some_and(has_rate);
        let input = match same {
            true => input,
            false => self.deinterlace(input, origin),
        };
        let Some(from) = self.video(input).cloned() else {
            return input;
        };
        let call = FilterCall::new(
            FilterName::Fps,
            [("fps", frame_rate.to_string()), ("start_time", "0".to_owned())],
        );
        let filter = Filter::new(vec![call]).identity_if(same);
        let (was_vfr, duration) = (from.variable_rate, from.duration);
        let ty = VideoType {
            frame_rate,
            variable_rate: false,
            ..from
        };
        let cfr = self.add_video_filter(input, filter, ty, origin);
        match duration.filter(|_| was_vfr) {
            // FFmpeg does not always know the duration of the last frame.
            Some(duration) => self.fix_length(cfr, duration.frames(frame_rate).max(1), origin),
            None => cfr,
        }
    }

    /// Converts video to progressive CFR, which all other filters need: an effect is visible for as long as the frame
    /// that it was applied to, and the two fields of an interlaced frame belong to different times.
    pub fn ensure_cfr(&mut self, input: NodeId, origin: Span) -> NodeId {
        let input = self.deinterlace(input, origin);
        match self.video(input) {
            Some(ty) if ty.variable_rate => self.fps(input, ty.frame_rate, origin),
            _ => input,
        }
    }

    /// Deinterlaces video: one field of each frame is kept, the other interpolated (FFmpeg documentation, "bwdif").
    fn deinterlace(&mut self, input: NodeId, origin: Span) -> NodeId {
        match self.video(input).cloned() {
            Some(from) if from.interlaced => {
                let options = [("mode", "send_frame"), ("deint", "interlaced")];
                let filter = Filter::new(vec![FilterCall::new(FilterName::Bwdif, options)]);
                let ty = VideoType {
                    interlaced: false,
                    ..from
                };
                self.add_video_filter(input, filter, ty, origin)
            }
            _ => input,
        }
    }
}
