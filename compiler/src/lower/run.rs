//! One ffmpeg run: its inputs, its filter graph, its tracks.
//!
//! A node may be wanted at several places of the output's timeline. Two that want it at the same place share it
//! through a `split`. At different places each has its own copy, down to a file input of its own: frames shared
//! between them would pile up in memory until the later place is reached.

use std::collections::HashMap;

use vidc_dsl::Span;

use crate::cost::Work;
use crate::facts::Facts;
use crate::graph::{Graph, NodeId, NodeKind, StreamType, Window};
use crate::plan::{Arg, Chain, FilterCall, FilterName, Pad, Run, RunOutput, RunSource};
use crate::time::{Rational, Time};

use super::inputs::InputKey;
use super::stages::Before;
use super::workload::Wanted;
use super::{filters, placed};

/// The coarsest grain of a container's clock in which FFmpeg seeks.
const MILLIS: Rational = Rational::new_raw(1000, 1);
/// A sound of this length takes 46 MB of memory in stereo.
const EASILY_HELD: Time = Time::new(Rational::new_raw(120, 1));

/// Where a node is wanted: itself, and how much later than the output its beginning is.
pub(super) type Place = (NodeId, Time);

pub(super) struct RunBuilder<'g> {
    pub(super) graph: &'g Graph,
    pub(super) facts: &'g Facts,
    before: &'g Before,
    pub(super) run: Run,
    pub(super) inputs: HashMap<InputKey, usize>,
    files: HashMap<usize, usize>,
    uses: HashMap<Place, usize>,
    shared: HashMap<Place, Vec<Pad>>,
    links: u32,
    /// The tracks that are encoded.
    pub(super) wanted: Vec<Wanted>,
}

/// A run, and what it does.
pub(super) struct Lowered {
    pub(super) run: Run,
    pub(super) work: Work,
}

/// A stream on its way: filters that are still being gathered, or a pad.
pub(super) enum Flow {
    Pad(Pad),
    Chain {
        inputs: Vec<Pad>,
        filters: Vec<FilterCall>,
    },
}

impl Flow {
    pub(super) fn then(self, more: Vec<FilterCall>) -> Flow {
        match self {
            flow if more.is_empty() => flow,
            Flow::Pad(pad) => Flow::Chain {
                inputs: vec![pad],
                filters: more,
            },
            Flow::Chain { inputs, mut filters } => {
                filters.extend(more);
                Flow::Chain { inputs, filters }
            }
        }
    }
}

impl<'g> RunBuilder<'g> {
    /// A run that will lower exactly these nodes, each once for every time it is in the list.
    pub(super) fn new(graph: &'g Graph, facts: &'g Facts, before: &'g Before, roots: &[NodeId]) -> Self {
        let mut builder = RunBuilder {
            graph,
            facts,
            before,
            run: Run::default(),
            inputs: HashMap::new(),
            files: HashMap::new(),
            uses: HashMap::new(),
            shared: HashMap::new(),
            links: 0,
            wanted: Vec::new(),
        };
        for root in roots {
            builder.count((*root, Time::ZERO));
        }
        builder
    }

    pub(super) fn finish(mut self, outputs: Vec<RunOutput>) -> Lowered {
        let mut run = std::mem::take(&mut self.run);
        run.outputs = outputs;
        self.keep_to_timeline(&mut run);
        let work = self.work(&run, &self.wanted);
        Lowered { run, work }
    }

    fn count(&mut self, place: Place) {
        let uses = self.uses.entry(place).or_insert(0);
        *uses += 1;
        if *uses > 1 {
            return;
        }
        let node = self.graph.node(place.0);
        if node.kind == NodeKind::Loop && self.read_again(node.inputs[0]).is_some() {
            return;
        }
        for input in self.inputs_of(place) {
            self.count(input);
        }
    }

    /// The file and the stream of it that a node is all of, if repeating that is left to the demuxer: it hides nothing of
    /// what an encoder has put before a sound, so sounds that memory holds easily are kept there.
    fn read_again(&self, id: NodeId) -> Option<(&'g String, u32)> {
        let node = self.graph.node(id);
        let easily = matches!(node.ty, StreamType::Audio(_))
            && node.ty.duration().is_some_and(|duration| duration <= EASILY_HELD);
        match &node.kind {
            NodeKind::Source {
                media,
                stream,
                window,
                ..
            } if window.is_whole() && !easily => Some((media, *stream)),
            _ => None,
        }
    }

    /// Where a node's inputs are wanted.
    pub(super) fn inputs_of(&self, (id, at): Place) -> Vec<Place> {
        let node = self.graph.node(id);
        let length = |id: NodeId| self.graph.node(id).ty.duration().unwrap_or_default();
        match node.kind {
            NodeKind::Trim { start, .. } => vec![(node.inputs[0], at - start)],
            NodeKind::Delay { by } => vec![(node.inputs[0], at + by)],
            NodeKind::Crossfade { offset, .. } => vec![(node.inputs[0], at), (node.inputs[1], at + offset)],
            NodeKind::Concat => node
                .inputs
                .iter()
                .scan(at, |next, input| {
                    let place = (*input, *next);
                    *next = *next + length(*input);
                    Some(place)
                })
                .collect(),
            // It has been made.
            NodeKind::Materialize => Vec::new(),
            _ => node.inputs.iter().map(|input| (*input, at)).collect(),
        }
    }

    /// The pad of a node; to be asked for as many times as it was counted.
    pub(super) fn pad(&mut self, place: Place) -> Pad {
        let flow = self.flow(place);
        self.ended(flow)
    }

    pub(super) fn ended(&mut self, flow: Flow) -> Pad {
        match flow {
            Flow::Pad(pad) => pad,
            Flow::Chain { inputs, filters } => self.chain(inputs, filters, 1)[0],
        }
    }

    fn chain(&mut self, inputs: Vec<Pad>, filters: Vec<FilterCall>, outputs: u32) -> Vec<Pad> {
        let links: Vec<u32> = (self.links..self.links + outputs).collect();
        self.links += outputs;
        self.run.graph.chains.push(Chain {
            inputs,
            filters,
            outputs: links.clone(),
        });
        links.into_iter().map(Pad::Link).collect()
    }

    pub(super) fn flow(&mut self, place: Place) -> Flow {
        if let Some(pads) = self.shared.get_mut(&place) {
            // There are as many pads as uses were counted.
            return Flow::Pad(pads.pop().unwrap_or(Pad::Link(u32::MAX)));
        }
        let flow = self.made(place);
        let uses = self.uses.get(&place).copied().unwrap_or(1);
        // A stream of a file can be read by any number of filters.
        if uses < 2 || matches!(flow, Flow::Pad(Pad::Stream { .. })) {
            return flow;
        }
        let split = match self.graph.node(place.0).ty {
            StreamType::Video(_) => FilterName::Split,
            StreamType::Audio(_) => FilterName::Asplit,
        };
        let outputs = u32::try_from(uses).unwrap_or(u32::MAX);
        let flow = flow.then(vec![FilterCall::new(split, [("outputs", outputs.to_string())])]);
        let Flow::Chain { inputs, filters } = flow else {
            return flow;
        };
        let mut pads = self.chain(inputs, filters, outputs);
        pads.reverse();
        let first = pads.pop();
        self.shared.insert(place, pads);
        Flow::Pad(first.unwrap_or(Pad::Link(u32::MAX)))
    }

    fn made(&mut self, place: Place) -> Flow {
        let (id, at) = place;
        let node = self.graph.node(id);
        let inputs = self.inputs_of(place);
        let origin = node.origin;
        match &node.kind {
            NodeKind::Source {
                media,
                stream,
                window,
                offset,
            } => {
                let uneven = window.start.is_positive()
                    && matches!(&node.ty, StreamType::Video(ty) if ty.variable_rate);
                let early = self.preroll(media, *window, uneven);
                let read = Window {
                    start: window.start - early,
                    end: window.end,
                };
                let key = InputKey {
                    media: media.clone(),
                    window: read,
                    repeats: false,
                    from_keyframe: uneven,
                    packets: false,
                    at,
                };
                let flow = Flow::Pad(Pad::Stream {
                    input: self.input(key),
                    stream: *stream,
                });
                let mut calls = match uneven {
                    true => filters::seen_within(*window, early),
                    false => {
                        let unsure = *offset > read.start || self.is_coarse(media, *stream, &node.ty);
                        filters::after_reading(&node.ty, read, early, unsure)
                    }
                };
                match node.ty {
                    StreamType::Audio(_) => {
                        if self.begins_early(media, *window) {
                            calls.insert(0, filters::from_zero());
                        }
                        calls.insert(0, filters::by_the_clock(*offset - window.start + early));
                    }
                    StreamType::Video(_) if self.is_late(media, *stream) => {
                        calls.insert(0, filters::from_the_first());
                    }
                    StreamType::Video(_) => {}
                }
                flow.then(placed(calls, origin))
            }
            NodeKind::Still { media, stream } => {
                let key = InputKey::whole(media.clone());
                Flow::Pad(Pad::Stream {
                    input: self.input(key),
                    stream: *stream,
                })
            }
            NodeKind::Generate(call) => Flow::Chain {
                inputs: Vec::new(),
                filters: vec![call.clone()],
            },
            NodeKind::Loop => self.repeated(inputs[0], at, origin),
            NodeKind::Concat | NodeKind::Crossfade { .. } | NodeKind::Overlay { .. } | NodeKind::Mix => {
                self.several(id, &inputs, origin)
            }
            NodeKind::Filter(filter) => {
                let calls = filter
                    .calls
                    .clone()
                    .into_iter()
                    .map(|call| self.with_files(call))
                    .collect();
                let calls = placed(filters::of_filter(self.graph, node, calls), origin);
                match inputs.as_slice() {
                    [only] => self.flow(*only).then(calls),
                    several => {
                        let pads = several.iter().map(|place| self.pad(*place)).collect();
                        Flow::Chain {
                            inputs: pads,
                            filters: calls,
                        }
                    }
                }
            }
            NodeKind::Loudness { target, true_peak } => {
                let stage = self.before.measured.get(&id).copied().unwrap_or_default();
                let rate = node.ty.rate();
                self.flow(inputs[0]).then(placed(
                    filters::loudness(*target, *true_peak, stage, rate),
                    origin,
                ))
            }
            NodeKind::Materialize => {
                let part = self.before.kept.get(&id).copied().unwrap_or_default();
                let input = self.made_input(RunSource::Artifact(part));
                Flow::Pad(Pad::Stream { input, stream: 0 })
            }
            NodeKind::StillToVideo { .. }
            | NodeKind::Trim { .. }
            | NodeKind::Delay { .. }
            | NodeKind::FixedLength { .. } => {
                let calls = filters::of_one(self.graph, node);
                self.flow(inputs[0]).then(placed(calls, origin))
            }
        }
    }

    /// Whether frames of a stream do not begin with ticks of its file's clock, or not a whole number of frames from the
    /// file's beginning.
    fn is_coarse(&self, media: &str, stream: u32, ty: &StreamType) -> bool {
        let (Some((media, stream)), StreamType::Video(ty)) = (self.stream(media, stream), ty) else {
            return false;
        };
        let late = stream.start - media.start;
        let ticks = stream.time_base.map(|base| (base * ty.frame_rate).recip());
        late.round_to(ty.frame_rate) != late || ticks.is_some_and(|ticks| !ticks.is_integer())
    }

    /// How much of a file is read before a window of it: what decoders of sound need to find their way, and what FFmpeg
    /// needs to find a keyframe that is shown before the window and not only decoded before it.
    fn preroll(&self, media: &str, window: Window, uneven: bool) -> Time {
        let of_sound = match self.before.prerolled.contains(&(media.to_owned(), window)) {
            true => filters::PREROLL,
            false => Time::ZERO,
        };
        let of_picture = self.reordering(media, uneven);
        let early = of_sound.max(of_picture);
        if early == Time::ZERO {
            return early;
        }
        // FFmpeg moves an input's times by whole ticks, of which Matroska has a thousand a second.
        window.start - (window.start - early).max(Time::ZERO).floor_to(MILLIS)
    }

    /// A stream for ever: its file read again and again, or what was made of it kept in memory.
    fn repeated(&mut self, place: Place, at: Time, origin: Span) -> Flow {
        if let Some((media, stream)) = self.read_again(place.0) {
            let key = InputKey {
                repeats: true,
                at,
                ..InputKey::whole(media.clone())
            };
            let flow = Flow::Pad(Pad::Stream {
                input: self.input(key),
                stream,
            });
            // Where the file begins anew, the times of its packets leave a gap.
            return match self.graph.node(place.0).ty {
                StreamType::Audio(_) => flow.then(placed(vec![filters::by_the_samples()], origin)),
                StreamType::Video(_) => flow,
            };
        }
        let calls = filters::repeat(&self.graph.node(place.0).ty);
        self.flow(place).then(placed(calls, origin))
    }

    /// A filter whose files are those of this run.
    fn with_files(&mut self, mut call: FilterCall) -> FilterCall {
        for (_, arg) in &mut call.args {
            if let Arg::File(index) = arg {
                *index = self.file(*index);
            }
        }
        call
    }

    fn file(&mut self, index: usize) -> usize {
        let (files, graph) = (&mut self.run.files, self.graph);
        *self.files.entry(index).or_insert_with(|| {
            files.push(graph.files[index].clone());
            files.len() - 1
        })
    }
}
