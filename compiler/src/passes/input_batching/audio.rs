//! Writes audio that reads very many files to intermediate files.

use std::collections::{BTreeSet, HashMap};

use crate::graph::{Graph, Node, NodeId, NodeKind, StreamType};
use crate::output::{AudioConcat, AudioSegmentSource, Encoding};

/// The most files that one audio node may open at once; measured, a process gets slow with more.
const MAX_FILES: usize = 32;
/// The most files that all encoded segments of an [`AudioConcat`] may open together; one process encodes 64 segments.
const MAX_CONCAT_FILES: usize = 128;
/// The most files that each segment opens where there are more in total: the clips on either side of a cut.
const MAX_SEGMENT_FILES: usize = 2;
/// The total size of intermediate files per recipe, in megabytes; temporary files may be in memory, so this is what the
/// video inputs of a process may take there. It is 35 minutes of stereo. Longer audio is opened at once, which takes less:
/// measured, 3 MB for half an hour of AAC.
const MAX_FILE_SIZE: f64 = 800.0;

/// Materializes parts of the outputs' audio, so that no process opens many files. Parts that several outputs share are
/// materialized once. Returns the reports.
pub(super) fn batch_audio(graph: &mut Graph) -> Vec<String> {
    let mut outputs = std::mem::take(&mut graph.outputs);
    let mut batcher = AudioBatcher {
        graph,
        replacements: HashMap::new(),
        open_files: HashMap::new(),
        materialized: 0,
        remaining_size: MAX_FILE_SIZE,
    };
    let mut reports = Vec::new();
    for output in &mut outputs {
        let Some(track) = &mut output.audio else { continue };
        let before = batcher.materialized;
        match &mut track.encoding {
            Encoding::Encode(_) | Encoding::Auto(_) => track.node = batcher.batch(track.node),
            Encoding::AudioConcat(concat) => batcher.batch_concat(concat),
            Encoding::Copy | Encoding::Frame(_) | Encoding::VideoConcat(_) => {}
        }
        let count = batcher.materialized - before;
        if count > 0 {
            reports.push(format!(
                "`{}`: audio rendered through {count} intermediate files to limit the number of open files",
                output.name
            ));
        }
    }
    graph.outputs = outputs;
    reports
}

struct AudioBatcher<'g> {
    graph: &'g mut Graph,
    /// The replacement of each node visited.
    replacements: HashMap<NodeId, NodeId>,
    /// The number of files that each replacement opens.
    open_files: HashMap<NodeId, usize>,
    /// The number of nodes materialized.
    materialized: usize,
    /// The size of intermediate files that may still be written, in megabytes.
    remaining_size: f64,
}

impl AudioBatcher<'_> {
    /// Limits the files that the encoded segments of a track open.
    fn batch_concat(&mut self, concat: &mut AudioConcat) {
        let mut encoded: Vec<&mut NodeId> = Vec::new();
        for segment in &mut concat.parts {
            if let AudioSegmentSource::Encoded { node, .. } = &mut segment.source {
                *node = self.batch(*node);
                encoded.push(node);
            }
        }
        let all: Vec<NodeId> = encoded.iter().map(|node| **node).collect();
        if self.files_opened(&all) > MAX_CONCAT_FILES {
            for node in encoded {
                if self.files_opened(&[*node]) > MAX_SEGMENT_FILES {
                    *node = self.materialize(*node);
                }
            }
        }
    }

    /// The replacement of a node, which opens few files.
    fn batch(&mut self, root: NodeId) -> NodeId {
        for id in audio_ancestors(self.graph, root) {
            if self.replacements.contains_key(&id) {
                continue;
            }
            let node = self.graph.node(id).clone();
            let inputs: Vec<NodeId> = node
                .inputs
                .iter()
                .map(|input| self.replacements.get(input).copied().unwrap_or(*input))
                .collect();
            let inputs = self.limit_inputs(&node, inputs);
            let own = usize::from(matches!(node.kind, NodeKind::Source { .. }));
            let opened = own + self.files_opened(&inputs);
            let replacement = match inputs == node.inputs {
                true => id,
                false => self.graph.add(Node { inputs, ..node }),
            };
            self.open_files.insert(replacement, opened);
            self.replacements.insert(id, replacement);
        }
        self.replacements.get(&root).copied().unwrap_or(root)
    }

    /// A node's inputs, materialized as far as necessary so that together they open few files.
    fn limit_inputs(&mut self, node: &Node, inputs: Vec<NodeId>) -> Vec<NodeId> {
        let mut inputs = inputs;
        while self.files_opened(&inputs) > MAX_FILES {
            let before = self.files_opened(&inputs);
            inputs = match node.kind {
                NodeKind::Concat => self.group_inputs(node, &inputs),
                _ => inputs.iter().map(|input| self.materialize(*input)).collect(),
            };
            // Audio that plays at the same time has to be open at the same time.
            if self.files_opened(&inputs) == before {
                break;
            }
        }
        inputs
    }

    /// Concatenates adjacent inputs in groups, and materializes each group.
    fn group_inputs(&mut self, node: &Node, inputs: &[NodeId]) -> Vec<NodeId> {
        let mut groups: Vec<Vec<NodeId>> = Vec::new();
        let mut opened = MAX_FILES;
        for input in inputs {
            let more = self.files_opened(&[*input]);
            match groups.last_mut() {
                Some(group) if opened + more <= MAX_FILES => group.push(*input),
                _ => {
                    groups.push(vec![*input]);
                    opened = 0;
                }
            }
            opened += more;
        }
        let mut grouped = Vec::new();
        for group in groups {
            if let [only] = group.as_slice() {
                grouped.push(self.materialize(*only));
                continue;
            }
            let concat = self.graph.concat(group.clone(), node.origin);
            self.open_files.insert(concat, self.files_opened(&group));
            match self.materialize(concat) {
                same if same == concat => grouped.extend(group),
                file => grouped.push(file),
            }
        }
        grouped
    }

    /// Materializes a node, if it opens more than one file, is not endless, and its file is not too large.
    fn materialize(&mut self, id: NodeId) -> NodeId {
        let size = size_in_megabytes(&self.graph.node(id).ty);
        let remaining = size.map(|size| self.remaining_size - size);
        let Some(remaining) = remaining.filter(|remaining| *remaining >= 0.0) else {
            return id;
        };
        if self.files_opened(&[id]) < 2 {
            return id;
        }
        self.remaining_size = remaining;
        let file = self.graph.materialize(id);
        self.open_files.insert(file, 1);
        self.materialized += 1;
        file
    }

    /// The number of files that nodes open together.
    fn files_opened(&self, nodes: &[NodeId]) -> usize {
        nodes.iter().filter_map(|id| self.open_files.get(id)).sum()
    }
}

/// The size of audio in 32-bit samples; `None` if it is endless.
fn size_in_megabytes(ty: &StreamType) -> Option<f64> {
    let StreamType::Audio(audio) = ty else { return None };
    let samples = audio.duration?.as_secs_f64() * f64::from(audio.sample_rate);
    Some(samples * f64::from(audio.channels) * 4.0 / 1e6)
}

/// A node and all audio nodes that it depends on, inputs before their users.
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
