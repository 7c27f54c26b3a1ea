//! What is done to the frames of a file before anything else can be.

use std::collections::BTreeSet;

use vidc_dsl::Diagnostic;

use super::Evaluator;
use crate::codes;
use crate::graph::{Node, NodeId, NodeKind, StreamType};
use crate::time::decimal;

impl Evaluator<'_> {
    /// Says, where a file is opened, that its frames are made even or progressive.
    pub(super) fn what_is_steadied(&mut self) {
        let mut told = BTreeSet::new();
        for (_, node) in self.graph.iter() {
            let (NodeKind::Filter(filter), StreamType::Video(made), Some(input)) =
                (&node.kind, &node.ty, node.inputs.first())
            else {
                continue;
            };
            let Some(from) = self.graph.video(*input).filter(|_| !filter.identity) else {
                continue;
            };
            if from.interlaced && !made.interlaced {
                let done = "interlaced, two moments to a frame, and become progressive".to_owned();
                told.insert((self.opened(*input).origin, done));
            }
            if from.variable_rate && !made.variable_rate {
                let opened = self.opened(*input);
                let rate = decimal(made.frame_rate, 3);
                if self.is_uneven(opened) {
                    told.insert((
                        opened.origin,
                        format!("unevenly spaced, and become {rate} a second"),
                    ));
                }
            }
        }
        for (opened, done) in told {
            let message = format!("the frames of this are {done}");
            self.report(Diagnostic::new(&codes::CONFORMED, opened, message));
        }
    }

    /// The file that a picture is of.
    fn opened(&self, id: NodeId) -> &Node {
        let node = self.graph.node(id);
        match node.inputs.first() {
            Some(input) => self.opened(*input),
            None => node,
        }
    }

    /// Whether a node is a picture of a file whose frames are unevenly spaced, and not only counted from elsewhere.
    fn is_uneven(&self, node: &Node) -> bool {
        let NodeKind::Source { media, .. } = &node.kind else {
            return false;
        };
        let known = self.facts.media.get(media).and_then(|media| media.as_ref().ok());
        let video = known.and_then(|media| media.video());
        video.is_some_and(|(_, video)| video.variable_rate)
    }
}
