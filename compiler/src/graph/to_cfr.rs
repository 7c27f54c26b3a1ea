//! Pictures whose frames are where whatever works on them needs them.

use vidc_dsl::Span;

use super::{Filter, Graph, NodeId, NodeKind, VideoType, Window};
use crate::plan::{FilterCall, FilterName};
use crate::time::{Rational, Time};

impl Graph {
    /// A picture that has frames: a still one is held at `frame_rate`, for as long as it is to last.
    pub fn still_to_video(&mut self, input: NodeId, frame_rate: Rational, origin: Span) -> NodeId {
        let Some(ty) = self.video(input).filter(|ty| ty.still).cloned() else {
            return input;
        };
        let held = VideoType {
            still: false,
            frame_rate,
            variable_rate: false,
            duration: None,
            ..ty.clone()
        };
        let held = self.add_node(NodeKind::StillToVideo { frame_rate }, vec![input], held, origin);
        match ty.duration {
            Some(duration) => self.trim(
                held,
                Window {
                    start: Time::ZERO,
                    end: Some(duration),
                },
                origin,
            ),
            None => held,
        }
    }

    /// A picture at so many frames a second, evenly spaced.
    pub fn fps(&mut self, input: NodeId, frame_rate: Rational, origin: Span) -> NodeId {
        if self.video(input).is_some_and(|ty| ty.still) {
            return self.still_to_video(input, frame_rate, origin);
        }
        let is_so = |ty: &VideoType| ty.frame_rate == frame_rate && !ty.variable_rate;
        let same = self.video(input).is_some_and(is_so);
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
        let (uneven, duration) = (from.variable_rate, from.duration);
        let ty = VideoType {
            frame_rate,
            variable_rate: false,
            ..from
        };
        let even = self.add_video_filter(input, filter, ty, origin);
        match duration.filter(|_| uneven) {
            // FFmpeg does not always know how long the last frame is seen.
            Some(duration) => self.fix_length(even, duration.frames(frame_rate).max(1), origin),
            None => even,
        }
    }

    /// A picture as everything that works on it needs it: its frames evenly spaced, since what is done to a frame is seen
    /// for as long as the frame is, and each of one moment.
    pub fn ensure_cfr(&mut self, input: NodeId, origin: Span) -> NodeId {
        let input = self.deinterlace(input, origin);
        match self.video(input) {
            Some(ty) if ty.variable_rate => self.fps(input, ty.frame_rate, origin),
            _ => input,
        }
    }

    /// A picture with each frame of one moment: the lines of the other are made anew (FFmpeg documentation, "bwdif").
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
