//! Notes where the frames of a file are normalized: VFR to CFR, interlaced to progressive.

use std::collections::BTreeSet;

use vidc_dsl::Diagnostic;

use super::Evaluator;
use crate::codes;
use crate::graph::{Node, NodeId, NodeKind, StreamType};
use crate::time::decimal;

impl Evaluator<'_> {
    /// Reports, where a file is opened, that its frames are converted to CFR or to progressive.
    pub(super) fn note_normalizations(&mut self) {
        let mut notes = BTreeSet::new();
        for (_, node) in self.graph.iter() {
            let (NodeKind::Filter(filter), StreamType::Video(to), Some(input)) =
                (&node.kind, &node.ty, node.inputs.first())
            else {
                continue;
            };
            let Some(from) = self.graph.video(*input).filter(|_| !filter.identity) else {
                continue;
            };
            if from.interlaced && !to.interlaced {
                let message = "interlaced video: converted to progressive".to_owned();
                notes.insert((self.source_node(*input).origin, message));
            }
            if from.variable_rate && !to.variable_rate {
                let source = self.source_node(*input);
                let rate = decimal(to.frame_rate, 3);
                if self.is_vfr_file(source) {
                    let message = format!("variable frame rate: converted to constant {rate} fps");
                    notes.insert((source.origin, message));
                }
            }
        }
        for (span, message) in notes {
            self.report(Diagnostic::new(&codes::CONFORMED, span, message));
        }
    }

    /// The node that a stream originates from, following first inputs.
    fn source_node(&self, id: NodeId) -> &Node {
        let node = self.graph.node(id);
        match node.inputs.first() {
            Some(input) => self.source_node(*input),
            None => node,
        }
    }

    /// Whether a node reads a file that is itself VFR. MPEG streams count as VFR in the graph even if their frames are
    /// evenly spaced, because they may begin off the grid; that is not worth a note.
    fn is_vfr_file(&self, node: &Node) -> bool {
        let NodeKind::Source { media, .. } = &node.kind else {
            return false;
        };
        let media = self.facts.media.get(media).and_then(|media| media.as_ref().ok());
        let video = media.and_then(|media| media.video());
        video.is_some_and(|(_, video)| video.variable_rate)
    }
}
