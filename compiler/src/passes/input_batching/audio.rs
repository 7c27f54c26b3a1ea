//! Sounds of many files, kept in between.

use std::collections::{BTreeSet, HashMap};

use crate::graph::{Graph, Node, NodeId, NodeKind, StreamType};
use crate::output::{AudioConcat, AudioSegmentSource, Encoding};

/// How many files of a sound are opened at once: measured, a run gets slow with more.
const MOST: usize = 32;
/// How many files the parts of a spliced sound open together, of which one run makes 64.
const MOST_SPLICED: usize = 128;
/// How many files of it a part opens, where there are more: what is on either side of a joint.
const BESIDE: usize = 2;
/// Megabytes of sounds that are kept for a recipe: where temporary files are in memory, as much as a run's pictures may
/// take there. It is 35 minutes in stereo. What is longer is opened at once, which takes less: measured, 3 MB for half
/// an hour of AAC.
const ROOM: f64 = 800.0;

/// Keeps parts of the outputs' sounds in files, so that no run opens many; and says so. What several share is kept once.
pub(super) fn batch_audio(graph: &mut Graph) -> Vec<String> {
    let mut outputs = std::mem::take(&mut graph.outputs);
    let mut batches = AudioBatcher {
        graph,
        made: HashMap::new(),
        opened: HashMap::new(),
        kept: 0,
        room: ROOM,
    };
    let mut done = Vec::new();
    for output in &mut outputs {
        let Some(track) = &mut output.audio else { continue };
        let before = batches.kept;
        match &mut track.encoding {
            Encoding::Encode(_) | Encoding::Auto(_) => track.node = batches.batch(track.node),
            Encoding::AudioConcat(splice) => batches.batch_concat(splice),
            Encoding::Copy | Encoding::Frame(_) | Encoding::VideoConcat(_) => {}
        }
        let kept = batches.kept - before;
        if kept > 0 {
            done.push(format!(
                "the sound of `{}` is made of so many files that {kept} parts of it are kept in between, to save memory",
                output.name
            ));
        }
    }
    graph.outputs = outputs;
    done
}

struct AudioBatcher<'g> {
    graph: &'g mut Graph,
    /// The nodes that stand for others.
    made: HashMap<NodeId, NodeId>,
    /// How many files each node that was made opens.
    opened: HashMap<NodeId, usize>,
    kept: usize,
    /// Megabytes that may still be kept.
    room: f64,
}

impl AudioBatcher<'_> {
    /// Has what is encoded for the parts of a sound made of few files.
    fn batch_concat(&mut self, splice: &mut AudioConcat) {
        let mut encoded: Vec<&mut NodeId> = Vec::new();
        for part in &mut splice.parts {
            if let AudioSegmentSource::Encoded { node, .. } = &mut part.source {
                *node = self.batch(*node);
                encoded.push(node);
            }
        }
        let all: Vec<NodeId> = encoded.iter().map(|node| **node).collect();
        if self.files_opened(&all) > MOST_SPLICED {
            for node in encoded {
                if self.files_opened(&[*node]) > BESIDE {
                    *node = self.materialize(*node);
                }
            }
        }
    }

    /// The node that stands for one, made of few files.
    fn batch(&mut self, root: NodeId) -> NodeId {
        for id in audio_ancestors(self.graph, root) {
            if self.made.contains_key(&id) {
                continue;
            }
            let node = self.graph.node(id).clone();
            let inputs: Vec<NodeId> = node
                .inputs
                .iter()
                .map(|input| self.made.get(input).copied().unwrap_or(*input))
                .collect();
            let inputs = self.limit_inputs(&node, inputs);
            let own = usize::from(matches!(node.kind, NodeKind::Source { .. }));
            let opened = own + self.files_opened(&inputs);
            let place = match inputs == node.inputs {
                true => id,
                false => self.graph.add(Node { inputs, ..node }),
            };
            self.opened.insert(place, opened);
            self.made.insert(id, place);
        }
        self.made.get(&root).copied().unwrap_or(root)
    }

    /// A node's inputs, some of them kept, so that they do not open many files together.
    fn limit_inputs(&mut self, node: &Node, inputs: Vec<NodeId>) -> Vec<NodeId> {
        let mut inputs = inputs;
        while self.files_opened(&inputs) > MOST {
            let before = self.files_opened(&inputs);
            inputs = match node.kind {
                NodeKind::Concat => self.group_inputs(node, &inputs),
                _ => inputs.iter().map(|input| self.materialize(*input)).collect(),
            };
            // What is heard at once has to be opened at once.
            if self.files_opened(&inputs) == before {
                break;
            }
        }
        inputs
    }

    /// Neighbours put together, and kept.
    fn group_inputs(&mut self, node: &Node, inputs: &[NodeId]) -> Vec<NodeId> {
        let mut groups: Vec<Vec<NodeId>> = Vec::new();
        let mut opened = MOST;
        for input in inputs {
            let more = self.files_opened(&[*input]);
            match groups.last_mut() {
                Some(group) if opened + more <= MOST => group.push(*input),
                _ => {
                    groups.push(vec![*input]);
                    opened = 0;
                }
            }
            opened += more;
        }
        let mut kept = Vec::new();
        for group in groups {
            if let [only] = group.as_slice() {
                kept.push(self.materialize(*only));
                continue;
            }
            let whole = self.graph.concat(group.clone(), node.origin);
            self.opened.insert(whole, self.files_opened(&group));
            match self.materialize(whole) {
                same if same == whole => kept.extend(group),
                file => kept.push(file),
            }
        }
        kept
    }

    /// A sound that is kept, if it opens more than one file, and ends before there is no room for it.
    fn materialize(&mut self, id: NodeId) -> NodeId {
        let size = size_in_megabytes(&self.graph.node(id).ty);
        let Some(room) = size.map(|size| self.room - size).filter(|room| *room >= 0.0) else {
            return id;
        };
        if self.files_opened(&[id]) < 2 {
            return id;
        }
        self.room = room;
        let kept = self.graph.materialize(id);
        self.opened.insert(kept, 1);
        self.kept += 1;
        kept
    }

    fn files_opened(&self, nodes: &[NodeId]) -> usize {
        nodes.iter().filter_map(|id| self.opened.get(id)).sum()
    }
}

/// What a sound that ends takes in samples of 32 bits.
fn size_in_megabytes(ty: &StreamType) -> Option<f64> {
    let StreamType::Audio(sound) = ty else { return None };
    let samples = sound.duration?.as_secs_f64() * f64::from(sound.sample_rate);
    Some(samples * f64::from(sound.channels) * 4.0 / 1e6)
}

/// The sounds that one is made of, and itself, in order.
fn audio_ancestors(graph: &Graph, root: NodeId) -> BTreeSet<NodeId> {
    let mut found = BTreeSet::new();
    let mut next = vec![root];
    while let Some(id) = next.pop() {
        if matches!(graph.node(id).ty, StreamType::Audio(_)) && found.insert(id) {
            next.extend(&graph.node(id).inputs);
        }
    }
    found
}
