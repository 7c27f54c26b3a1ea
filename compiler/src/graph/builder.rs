//! Adding nodes, each typed by what it does to its inputs.
//!
//! Whoever calls these has seen that an input is a picture or a sound; handed the other, they change nothing.

use vidc_dsl::Span;

use super::color_convert::{add_scaling, tag_call};
use super::{AudioType, ColorSpace, Filter, Graph, Node, NodeId, NodeKind, StreamType, VideoType, Window};
use crate::facts::{AudioFacts, Media, Stream, VideoFacts};
use crate::plan::{FilterCall, FilterName, Timing};
use crate::time::{Rational, Time};
use crate::value::Size;

/// What a still picture's frames come at where nothing else says.
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

    /// The picture of a media file.
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
        // Its frames may be even, but not from the file's beginning on.
        ty.variable_rate |= media.format.starts_with("mpeg");
        self.add_node(kind, Vec::new(), ty, origin)
    }

    /// The sound of a media file.
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

    /// An endless picture that a source filter makes.
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

    /// Silence; endless, or as long as `duration`.
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

    /// The part of a stream in a window, which must begin before the stream ends.
    pub fn trim(&mut self, input: NodeId, window: Window, origin: Span) -> NodeId {
        let duration = self.node(input).ty.duration();
        let to_end = |end| duration.is_some_and(|duration| end >= duration);
        let input = match window.start == Time::ZERO && window.end.is_none_or(to_end) {
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

    /// A stream later by some time.
    pub fn delay(&mut self, input: NodeId, by: Time, origin: Span) -> NodeId {
        let input = self.ensure_cfr(input, origin);
        let ty = &self.node(input).ty;
        let ty = ty.with_duration(ty.duration().map(|duration| duration + by));
        self.add_node(NodeKind::Delay { by }, vec![input], ty, origin)
    }

    /// A stream again and again, for ever.
    pub fn repeat(&mut self, input: NodeId, origin: Span) -> NodeId {
        let input = self.ensure_cfr(input, origin);
        let ty = self.node(input).ty.with_duration(None);
        self.add_node(NodeKind::Loop, vec![input], ty, origin)
    }

    /// A picture through filters that `change` its type as told. A still one is held first where time matters, and frames
    /// that are unevenly spaced are made even.
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

    /// A picture through filters that make it a type.
    pub(super) fn add_video_filter(
        &mut self,
        input: NodeId,
        filter: Filter,
        ty: VideoType,
        origin: Span,
    ) -> NodeId {
        let filter = Filter {
            calls: Graph::with_origin(filter.calls, origin),
            ..filter
        };
        self.add_node(NodeKind::Filter(filter), vec![input], ty, origin)
    }

    /// A sound through filters that `change` its type as told.
    pub fn filter_audio(
        &mut self,
        input: NodeId,
        filter: Filter,
        origin: Span,
        change: impl FnOnce(&mut AudioType),
    ) -> NodeId {
        self.filter_audio_inputs(&[input], filter, origin, change)
    }

    /// Several sounds through filters, the first of which takes them all; the type is made of the first sound's.
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
        let filter = Filter {
            calls: Graph::with_origin(filter.calls, origin),
            ..filter
        };
        self.add_node(NodeKind::Filter(filter), inputs.to_vec(), ty, origin)
    }

    /// A picture in square pixels of a size.
    pub fn scale(&mut self, input: NodeId, size: Size, origin: Span) -> NodeId {
        let same = self
            .video(input)
            .is_some_and(|ty| ty.size() == size && ty.sample_aspect == Rational::ONE);
        let input = match same {
            true => input,
            false => {
                let input = self.ensure_cfr(input, origin);
                // Of a full range `scale` makes a limited one or not, by which filters are behind it.
                self.ensure_limited_range(input, origin)
            }
        };
        let Some(mixed) = self.video(input).cloned() else {
            return input;
        };
        let (input, calls) = match self.color_conversion(input) {
            Some((whole, calls)) if !same => (whole, calls),
            _ => (input, vec![FilterCall::plain(FilterName::Scale)]),
        };
        let filter = Filter::new(add_scaling(calls, size));
        self.filter_video(input, filter.identity_if(same), origin, |ty| {
            *ty = VideoType {
                width: size.width,
                height: size.height,
                sample_aspect: Rational::ONE,
                ..mixed
            };
        })
    }

    /// A part of a picture.
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

    /// A picture on a larger ground, `color` as FFmpeg writes colors.
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

    /// A picture whose pixels are stored otherwise.
    pub fn convert_pixel_format(
        &mut self,
        input: NodeId,
        pixels: super::PixelFormat,
        origin: Span,
    ) -> NodeId {
        let same = self.video(input).is_some_and(|ty| ty.pixels == pixels);
        let call = FilterCall::new(FilterName::Format, [("pix_fmts", pixels.name.clone())]);
        self.filter_video(input, Filter::new(vec![call]).identity_if(same), origin, |ty| {
            ty.set_pixel_format(pixels)
        })
    }

    /// An HDR picture (PQ or HLG) as SDR in BT.709, by way of linear light (FFmpeg documentation, "tonemap").
    pub fn tone_map(&mut self, input: NodeId, origin: Span) -> NodeId {
        let zscale =
            |args: &[(&'static str, &str)]| FilterCall::new(FilterName::Zscale, args.iter().copied());
        let Some(from) = self.video(input).map(|ty| ty.color_space) else {
            return input;
        };
        // What a file leaves open, `zscale` would not guess.
        let mut calls: Vec<FilterCall> = tag_call(from).into_iter().collect();
        calls.extend([
            zscale(&[("t", "linear"), ("npl", "203")]),
            FilterCall::new(FilterName::Format, [("pix_fmts", "gbrpf32le")]),
            zscale(&[("p", "bt709")]),
            FilterCall::new(FilterName::Tonemap, [("tonemap", "hable"), ("desat", "0")]),
            zscale(&[("t", "bt709"), ("m", "bt709"), ("r", "tv")]),
            FilterCall::new(FilterName::Format, [("pix_fmts", "yuv420p")]),
        ]);
        self.filter_video(input, Filter::new(calls), origin, |ty| {
            ty.color_space = ColorSpace::HD;
            ty.pixels = super::PixelFormat::yuv420p();
        })
    }

    /// A picture in at most `colors` colors, those that suit it best.
    pub fn reduce_to_palette(&mut self, input: NodeId, colors: i64, origin: Span) -> NodeId {
        let generate = FilterCall::new(
            FilterName::Palettegen,
            [("max_colors", colors.to_string()), ("stats_mode", "diff".into())],
        );
        let palette = self.filter_video(input, Filter::new(vec![generate]), origin, |_| {});
        let using = FilterCall::new(
            FilterName::Paletteuse,
            [("dither", "sierra2_4a"), ("diff_mode", "rectangle")],
        );
        let filter = Filter::new(Graph::with_origin(vec![using], origin));
        let ty = self.node(input).ty.clone();
        self.add_node(NodeKind::Filter(filter), vec![input, palette], ty, origin)
    }

    /// A sound of another rate and layout.
    pub fn resample(&mut self, input: NodeId, like: &AudioType, origin: Span) -> NodeId {
        let Some(ty) = self.audio(input) else { return input };
        let same = ty.sample_rate == like.sample_rate && ty.layout == like.layout;
        let mut calls = vec![FilterCall::new(
            FilterName::Aresample,
            [("osr", like.sample_rate.to_string())],
        )];
        // The resampler would make both 3 dB quieter, or the one louder; one voice is to sound as loud from either.
        let even = match (ty.channels, like.layout.as_str()) {
            (1, "stereo") => Some("stereo|c0=c0|c1=c0"),
            (2, "mono") => Some("mono|c0=0.5*c0+0.5*c1"),
            _ => None,
        };
        calls.extend(even.map(|even| FilterCall::new(FilterName::Pan, [("args", even)])));
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

    /// Exactly as many frames or samples as fit a duration.
    pub fn fix_length(&mut self, input: NodeId, count: i64, origin: Span) -> NodeId {
        let node = self.node(input);
        let ty = node
            .ty
            .with_duration(Some(Time::from_frames(count, node.ty.rate())));
        // The first of the first are the first.
        let input = match node.kind {
            NodeKind::FixedLength { count: more } if count <= more => node.inputs[0],
            _ => input,
        };
        self.add_node(NodeKind::FixedLength { count }, vec![input], ty, origin)
    }

    /// Streams of one type, one after the other; at least one.
    pub fn concat(&mut self, inputs: Vec<NodeId>, origin: Span) -> NodeId {
        let durations: Option<Vec<Time>> = inputs.iter().map(|id| self.node(*id).ty.duration()).collect();
        let ty = self
            .node(inputs[0])
            .ty
            .with_duration(durations.map(|all| all.into_iter().sum()));
        self.add_node(NodeKind::Concat, inputs, ty, origin)
    }

    /// A sound that ends, kept in a file.
    pub fn materialize(&mut self, input: NodeId) -> NodeId {
        let Node { ty, origin, .. } = self.node(input).clone();
        self.add_node(NodeKind::Materialize, vec![input], ty, origin)
    }

    /// Two streams of one type that overlap; the first is known to end.
    pub fn crossfade(
        &mut self,
        (first, second): (NodeId, NodeId),
        transition: &str,
        overlap: Time,
        origin: Span,
    ) -> NodeId {
        let ty = &self.node(first).ty;
        let offset = ty.duration().unwrap_or_default() - overlap;
        let ty = ty.with_duration(self.node(second).ty.duration().map(|duration| offset + duration));
        let kind = NodeKind::Crossfade {
            transition: transition.to_owned(),
            overlap,
            offset,
        };
        self.add_node(kind, vec![first, second], ty, origin)
    }

    /// One picture drawn on another, its corner at `at`. A still ground is held if what is drawn moves.
    pub fn overlay(
        &mut self,
        (ground, inset): (NodeId, NodeId),
        (x, y): (i64, i64),
        during: Option<Window>,
        origin: Span,
    ) -> NodeId {
        let (ground, inset) = (self.ensure_cfr(ground, origin), self.ensure_cfr(inset, origin));
        // `overlay` makes it so, and says nothing of it.
        let ground = self.ensure_limited_range(ground, origin);
        let rate = self.video(inset).filter(|ty| !ty.still).map(|ty| ty.frame_rate);
        let ground = match rate.or(during.map(|_| STILL_RATE)) {
            Some(rate) => self.still_to_video(ground, rate, origin),
            None => ground,
        };
        let inset = self.match_color(inset, ground, origin);
        let ty = self.node(ground).ty.clone();
        self.add_node(
            NodeKind::Overlay { x, y, during },
            vec![ground, inset],
            ty,
            origin,
        )
    }

    /// Sounds of one type heard at once, as long as the first.
    pub fn mix(&mut self, inputs: Vec<NodeId>, origin: Span) -> NodeId {
        let ty = self.node(inputs[0]).ty.clone();
        self.add_node(NodeKind::Mix, inputs, ty, origin)
    }

    /// A sound brought to a loudness in LUFS with true peaks under `true_peak` dBTP.
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

/// A stream of a file, and when it ends on the file's clock.
fn source(path: &str, media: &Media, stream: &Stream) -> (NodeKind, Option<Time>) {
    let late = stream.start - media.start;
    let duration = stream.duration.map(|duration| duration + late).or(media.duration);
    let kind = NodeKind::Source {
        media: path.to_owned(),
        stream: stream.index,
        window: Window::default(),
        offset: late.max(Time::ZERO),
    };
    (kind, duration)
}
