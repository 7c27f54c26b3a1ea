//! Functions that add nodes to a graph and infer their types from their inputs.
//!
//! Callers have checked whether an input is video or audio; given the wrong kind, these functions return it unchanged.

use vidc_dsl::Span;

use super::color_convert::{add_scaling, tag_call};
use super::{
    AudioType, ColorSpace, Filter, Graph, Node, NodeId, NodeKind, PixelFormat, StreamType, VideoType, Window,
};
use crate::facts::{AudioFacts, Media, Stream, VideoFacts};
use crate::plan::{FilterCall, FilterName, Timing};
use crate::time::{Rational, Time};
use crate::value::Size;

/// The default frame rate of video made from stills.
const STILL_RATE: Rational = Rational::new_raw(25, 1);

impl Graph {
    pub(super) fn add_node(
        &mut self,
        kind: NodeKind,
        inputs: Vec<NodeId>,
        ty: impl Into<StreamType>,
        origin: Span,
    ) -> NodeId {
        self.add(Node {
            kind,
            inputs,
            ty: ty.into(),
            origin,
        })
    }

    /// Reads a video stream or still image of a media file.
    pub fn video_source(
        &mut self,
        path: &str,
        media: &Media,
        stream: &Stream,
        facts: &VideoFacts,
        origin: Span,
    ) -> NodeId {
        if facts.still {
            let kind = NodeKind::Still {
                media: path.to_owned(),
                stream: stream.index,
            };
            let ty = VideoType {
                frame_rate: STILL_RATE,
                variable_rate: false,
                ..VideoType::from_facts(facts, None)
            };
            return self.add_node(kind, Vec::new(), ty, origin);
        }
        let (kind, duration) = source(path, media, stream);
        let mut ty = VideoType::from_facts(facts, duration);
        // In MPEG-PS and MPEG-TS, frames may be evenly spaced, but not on a grid that starts at the start of the file.
        ty.variable_rate |= media.format.starts_with("mpeg");
        self.add_node(kind, Vec::new(), ty, origin)
    }

    /// Reads an audio stream of a media file.
    pub fn audio_source(
        &mut self,
        path: &str,
        media: &Media,
        stream: &Stream,
        facts: &AudioFacts,
        origin: Span,
    ) -> NodeId {
        let (kind, duration) = source(path, media, stream);
        self.add_node(kind, Vec::new(), AudioType::from_facts(facts, duration), origin)
    }

    /// Generates endless video with a source filter.
    pub fn generate_video(&mut self, call: FilterCall, ty: VideoType, origin: Span) -> NodeId {
        let call = FilterCall {
            origin: Some(origin),
            ..call
        };
        self.add_node(
            NodeKind::Generate(call),
            Vec::new(),
            VideoType { duration: None, ..ty },
            origin,
        )
    }

    /// Generates silence that lasts `duration`, or is endless.
    pub fn silence(&mut self, like: &AudioType, duration: Option<Time>, origin: Span) -> NodeId {
        let call = FilterCall {
            origin: Some(origin),
            ..FilterCall::new(
                FilterName::Anullsrc,
                [("r", like.sample_rate.to_string()), ("cl", like.layout.clone())],
            )
        };
        let ty = AudioType {
            duration: None,
            ..like.clone()
        };
        let endless = self.add_node(NodeKind::Generate(call), Vec::new(), ty, origin);
        match duration {
            Some(duration) => self.trim(
                endless,
                Window {
                    start: Time::ZERO,
                    end: Some(duration),
                },
                origin,
            ),
            None => endless,
        }
    }

    /// Cuts a stream to a window, which must start before the stream ends.
    pub fn trim(&mut self, input: NodeId, window: Window, origin: Span) -> NodeId {
        let duration = self.node(input).ty.duration();
        let reaches_end = |end| duration.is_some_and(|duration| end >= duration);
        let input = match window.start == Time::ZERO && window.end.is_none_or(reaches_end) {
            true => input,
            false => self.ensure_cfr(input, origin),
        };
        let ty = &self.node(input).ty;
        let end = match (window.end, duration) {
            (Some(end), Some(duration)) => Some(end.min(duration)),
            (end, duration) => end.or(duration),
        };
        let ty = ty.with_duration(end.map(|end| end - window.start));
        self.add_node(
            NodeKind::Trim {
                start: window.start,
                end: window.end,
            },
            vec![input],
            ty,
            origin,
        )
    }

    /// Delays a stream.
    pub fn delay(&mut self, input: NodeId, by: Time, origin: Span) -> NodeId {
        let input = self.ensure_cfr(input, origin);
        let ty = &self.node(input).ty;
        let ty = ty.with_duration(ty.duration().map(|duration| duration + by));
        self.add_node(NodeKind::Delay { by }, vec![input], ty, origin)
    }

    /// Repeats a stream endlessly.
    pub fn repeat(&mut self, input: NodeId, origin: Span) -> NodeId {
        let input = self.ensure_cfr(input, origin);
        let ty = self.node(input).ty.with_duration(None);
        self.add_node(NodeKind::Loop, vec![input], ty, origin)
    }

    /// Filters video; `change` applies the filters' effect to the type. VFR and interlaced video is first converted to
    /// progressive CFR, and a still to video if the filters depend on time.
    pub fn filter_video(
        &mut self,
        input: NodeId,
        filter: Filter,
        origin: Span,
        change: impl FnOnce(&mut VideoType),
    ) -> NodeId {
        let input = match filter.identity {
            true => input,
            false => self.ensure_cfr(input, origin),
        };
        let input = match filter.timing {
            Timing::Timestamp | Timing::Stateful => self.still_to_video(input, STILL_RATE, origin),
            Timing::PerFrame => input,
        };
        let Some(mut ty) = self.video(input).cloned() else {
            return input;
        };
        change(&mut ty);
        self.add_video_filter(input, filter, ty, origin)
    }

    /// Adds video filters whose output type is known.
    pub(super) fn add_video_filter(
        &mut self,
        input: NodeId,
        filter: Filter,
        ty: VideoType,
        origin: Span,
    ) -> NodeId {
        let kind = NodeKind::Filter(filter.with_origin(origin));
        self.add_node(kind, vec![input], ty, origin)
    }

    /// Filters audio; `change` applies the filters' effect to the type.
    pub fn filter_audio(
        &mut self,
        input: NodeId,
        filter: Filter,
        origin: Span,
        change: impl FnOnce(&mut AudioType),
    ) -> NodeId {
        self.filter_audio_inputs(&[input], filter, origin, change)
    }

    /// Filters several audio streams together, all of which go into the first filter. `change` gets the type of the
    /// first stream.
    pub fn filter_audio_inputs(
        &mut self,
        inputs: &[NodeId],
        filter: Filter,
        origin: Span,
        change: impl FnOnce(&mut AudioType),
    ) -> NodeId {
        let first = inputs[0];
        let Some(mut ty) = self.audio(first).cloned() else {
            return first;
        };
        change(&mut ty);
        let kind = NodeKind::Filter(filter.with_origin(origin));
        self.add_node(kind, inputs.to_vec(), ty, origin)
    }

    /// Scales video to a size in square pixels. A color conversion directly before it is merged into the same filter.
    pub fn scale(&mut self, input: NodeId, size: Size, origin: Span) -> NodeId {
        let same = self
            .video(input)
            .is_some_and(|ty| ty.size() == size && ty.sample_aspect == Rational::ONE);
        let input = match same {
            true => input,
            false => {
                let input = self.ensure_cfr(input, origin);
                // Whether `scale` turns full range into limited range depends on the filters after it.
                self.ensure_limited_range(input, origin)
            }
        };
        let Some(converted) = self.video(input).cloned() else {
            return input;
        };
        let (input, calls) = match self.color_conversion(input) {
            Some((unconverted, calls)) if !same => (unconverted, calls),
            _ => (input, vec![FilterCall::plain(FilterName::Scale)]),
        };
        let filter = Filter::new(add_scaling(calls, size));
        self.filter_video(input, filter.identity_if(same), origin, |ty| {
            *ty = VideoType {
                width: size.width,
                height: size.height,
                sample_aspect: Rational::ONE,
                ..converted
            };
        })
    }

    /// Crops video to a size, with the top left corner at `(x, y)`.
    pub fn crop(&mut self, input: NodeId, size: Size, (x, y): (i64, i64), origin: Span) -> NodeId {
        let same = self.video(input).is_some_and(|ty| ty.size() == size);
        let call = FilterCall::new(
            FilterName::Crop,
            [
                ("w", size.width.to_string()),
                ("h", size.height.to_string()),
                ("x", x.to_string()),
                ("y", y.to_string()),
                ("exact", "1".to_owned()),
            ],
        );
        self.filter_video(input, Filter::new(vec![call]).identity_if(same), origin, |ty| {
            (ty.width, ty.height) = (size.width, size.height);
        })
    }

    /// Places video on a larger canvas, with its top left corner at `(x, y)`; `color` is in FFmpeg's syntax.
    pub fn pad(
        &mut self,
        input: NodeId,
        size: Size,
        (x, y): (i64, i64),
        color: String,
        origin: Span,
    ) -> NodeId {
        let same = self.video(input).is_some_and(|ty| ty.size() == size);
        let call = FilterCall::new(
            FilterName::Pad,
            [
                ("w", size.width.to_string()),
                ("h", size.height.to_string()),
                ("x", x.to_string()),
                ("y", y.to_string()),
                ("color", color),
            ],
        );
        self.filter_video(input, Filter::new(vec![call]).identity_if(same), origin, |ty| {
            (ty.width, ty.height) = (size.width, size.height);
        })
    }

    /// Converts video to another pixel format.
    pub fn convert_pixel_format(&mut self, input: NodeId, pixels: PixelFormat, origin: Span) -> NodeId {
        let same = self.video(input).is_some_and(|ty| ty.pixels == pixels);
        let filter = Filter::new(vec![pixels.conversion()]);
        self.filter_video(input, filter.identity_if(same), origin, |ty| {
            ty.set_pixel_format(pixels)
        })
    }

    /// Converts HDR video (PQ or HLG) to SDR in BT.709, in linear light (FFmpeg documentation, "tonemap").
    pub fn tone_map(&mut self, input: NodeId, origin: Span) -> NodeId {
        let zscale =
            |args: &[(&'static str, &str)]| FilterCall::new(FilterName::Zscale, args.iter().copied());
        let Some(from) = self.video(input).map(|ty| ty.color_space) else {
            return input;
        };
        // `zscale` fails on untagged properties instead of assuming defaults.
        let mut calls: Vec<FilterCall> = tag_call(from).into_iter().collect();
        calls.extend([
            zscale(&[("t", "linear"), ("npl", "203")]),
            FilterCall::new(FilterName::Format, [("pix_fmts", "gbrpf32le")]),
            zscale(&[("p", "bt709")]),
            FilterCall::new(FilterName::Tonemap, [("tonemap", "hable"), ("desat", "0")]),
            zscale(&[("t", "bt709"), ("m", "bt709"), ("r", "tv")]),
            PixelFormat::yuv420p().conversion(),
        ]);
        self.filter_video(input, Filter::new(calls), origin, |ty| {
            ty.color_space = ColorSpace::HD;
            ty.pixels = PixelFormat::yuv420p();
        })
    }

    /// Reduces video to an optimized palette of at most `colors` colors.
    pub fn reduce_to_palette(&mut self, input: NodeId, colors: i64, origin: Span) -> NodeId {
        let generate = FilterCall::new(
            FilterName::Palettegen,
            [("max_colors", colors.to_string()), ("stats_mode", "diff".into())],
        );
        let palette = self.filter_video(input, Filter::new(vec![generate]), origin, |_| {});
        let apply = FilterCall::new(
            FilterName::Paletteuse,
            [("dither", "sierra2_4a"), ("diff_mode", "rectangle")],
        );
        let filter = Filter::new(vec![apply]).with_origin(origin);
        let ty = self.node(input).ty.clone();
        self.add_node(NodeKind::Filter(filter), vec![input, palette], ty, origin)
    }

    /// Converts audio to the sample rate and channel layout of another type.
    pub fn resample(&mut self, input: NodeId, like: &AudioType, origin: Span) -> NodeId {
        let Some(ty) = self.audio(input) else { return input };
        let same = ty.sample_rate == like.sample_rate && ty.layout == like.layout;
        let mut calls = vec![FilterCall::new(
            FilterName::Aresample,
            [("osr", like.sample_rate.to_string())],
        )];
        // From mono to stereo, the resampler would make both channels 3 dB quieter, and from stereo to mono it would
        // make the one channel louder. A voice must keep its level either way.
        let mapping = match (ty.channels, like.layout.as_str()) {
            (1, "stereo") => Some("stereo|c0=c0|c1=c0"),
            (2, "mono") => Some("mono|c0=0.5*c0+0.5*c1"),
            _ => None,
        };
        calls.extend(mapping.map(|mapping| FilterCall::new(FilterName::Pan, [("args", mapping)])));
        calls.push(FilterCall::new(
            FilterName::Aformat,
            [
                ("sample_fmts", "fltp".to_owned()),
                ("channel_layouts", like.layout.clone()),
            ],
        ));
        let (rate, channels, layout) = (like.sample_rate, like.channels, like.layout.clone());
        self.filter_audio(input, Filter::new(calls).identity_if(same), origin, |ty| {
            (ty.sample_rate, ty.channels, ty.layout) = (rate, channels, layout);
        })
    }

    /// Cuts or pads a stream to exactly `count` frames or samples.
    pub fn fix_length(&mut self, input: NodeId, count: i64, origin: Span) -> NodeId {
        let node = self.node(input);
        let duration = Time::from_frames(count, node.ty.rate());
        let ty = node.ty.with_duration(Some(duration));
        // The first frames of the first frames are the first frames.
        let input = match node.kind {
            NodeKind::FixedLength { count: longer } if count <= longer => node.inputs[0],
            _ => input,
        };
        self.add_node(NodeKind::FixedLength { count }, vec![input], ty, origin)
    }

    /// Concatenates streams of one type; there must be at least one.
    pub fn concat(&mut self, inputs: Vec<NodeId>, origin: Span) -> NodeId {
        let durations: Option<Vec<Time>> = inputs.iter().map(|id| self.node(*id).ty.duration()).collect();
        let ty = self
            .node(inputs[0])
            .ty
            .with_duration(durations.map(|all| all.into_iter().sum()));
        self.add_node(NodeKind::Concat, inputs, ty, origin)
    }

    /// Writes audio, which must not be endless, to a temporary file.
    pub fn materialize(&mut self, input: NodeId) -> NodeId {
        let Node { ty, origin, .. } = self.node(input).clone();
        self.add_node(NodeKind::Materialize, vec![input], ty, origin)
    }

    /// Joins two streams of one type with a transition. The first must not be endless.
    pub fn crossfade(
        &mut self,
        (first, second): (NodeId, NodeId),
        transition: &str,
        overlap: Time,
        origin: Span,
    ) -> NodeId {
        let ty = &self.node(first).ty;
        let offset = ty.duration().unwrap_or_default() - overlap;
        let duration = self.node(second).ty.duration();
        let ty = ty.with_duration(duration.map(|duration| offset + duration));
        let kind = NodeKind::Crossfade {
            transition: transition.to_owned(),
            overlap,
            offset,
        };
        self.add_node(kind, vec![first, second], ty, origin)
    }

    /// Draws an inset on a background, with its top left corner at `(x, y)`. A still background becomes video if the
    /// inset moves or appears for part of the time only.
    pub fn overlay(
        &mut self,
        (background, inset): (NodeId, NodeId),
        (x, y): (i64, i64),
        during: Option<Window>,
        origin: Span,
    ) -> NodeId {
        let (background, inset) = (
            self.ensure_cfr(background, origin),
            self.ensure_cfr(inset, origin),
        );
        // `overlay` converts to limited range without tagging its output so.
        let background = self.ensure_limited_range(background, origin);
        let rate = self.video(inset).filter(|ty| !ty.still).map(|ty| ty.frame_rate);
        let background = match rate.or(during.map(|_| STILL_RATE)) {
            Some(rate) => self.still_to_video(background, rate, origin),
            None => background,
        };
        let inset = self.match_color(inset, background, origin);
        let ty = self.node(background).ty.clone();
        self.add_node(
            NodeKind::Overlay { x, y, during },
            vec![background, inset],
            ty,
            origin,
        )
    }

    /// Mixes audio streams of one type; the result is as long as the first.
    pub fn mix(&mut self, inputs: Vec<NodeId>, origin: Span) -> NodeId {
        let ty = self.node(inputs[0]).ty.clone();
        self.add_node(NodeKind::Mix, inputs, ty, origin)
    }

    /// Normalizes audio to an integrated loudness in LUFS, with true peaks below `true_peak` dBTP.
    pub fn normalize_loudness(
        &mut self,
        input: NodeId,
        target: Rational,
        true_peak: Rational,
        origin: Span,
    ) -> NodeId {
        let ty = self.node(input).ty.clone();
        self.add_node(NodeKind::Loudness { target, true_peak }, vec![input], ty, origin)
    }
}

/// The node kind for a stream of a file, and the end of the stream on the file's clock.
fn source(path: &str, media: &Media, stream: &Stream) -> (NodeKind, Option<Time>) {
    let offset = stream.start - media.start;
    let end = stream
        .duration
        .map(|duration| duration + offset)
        .or(media.duration);
    let kind = NodeKind::Source {
        media: path.to_owned(),
        stream: stream.index,
        window: Window::default(),
        offset: offset.max(Time::ZERO),
    };
    (kind, end)
}
