//! Filter chains under construction, and the links between them.

use vidc_dsl::Span;

use crate::plan::{Chain, FilterCall, FilterGraph, Pad};

/// The chains of a run's filter graph so far.
#[derive(Default)]
pub(super) struct Chains {
    list: Vec<Chain>,
    next_link: u32,
}

/// A stream inside a filter graph under construction.
pub(super) enum PadOrChain {
    /// A pad that any filter can read.
    Pad(Pad),
    /// A chain that may still grow.
    Chain {
        inputs: Vec<Pad>,
        filters: Vec<FilterCall>,
    },
}

impl PadOrChain {
    /// The same through more filters.
    pub(super) fn then(self, more: Vec<FilterCall>) -> PadOrChain {
        match self {
            stream if more.is_empty() => stream,
            PadOrChain::Pad(pad) => PadOrChain::Chain {
                inputs: vec![pad],
                filters: more,
            },
            PadOrChain::Chain { inputs, mut filters } => {
                filters.extend(more);
                PadOrChain::Chain { inputs, filters }
            }
        }
    }
}

impl Chains {
    /// Adds a chain that ends in so many links.
    pub(super) fn add(&mut self, inputs: Vec<Pad>, filters: Vec<FilterCall>, outputs: u32) -> Vec<Pad> {
        let links: Vec<u32> = (self.next_link..self.next_link + outputs).collect();
        self.next_link += outputs;
        self.list.push(Chain {
            inputs,
            filters,
            outputs: links.clone(),
        });
        links.into_iter().map(Pad::Link).collect()
    }

    /// The pad of a stream; a chain is added with one link.
    pub(super) fn close(&mut self, stream: PadOrChain) -> Pad {
        match stream {
            PadOrChain::Pad(pad) => pad,
            PadOrChain::Chain { inputs, filters } => self.add(inputs, filters, 1)[0],
        }
    }

    /// The finished filter graph.
    pub(super) fn into_graph(self) -> FilterGraph {
        FilterGraph { chains: self.list }
    }
}

/// Points filters that the compiler adds at the place in the recipe that they are needed for.
pub(super) fn with_origin(calls: Vec<FilterCall>, origin: Span) -> Vec<FilterCall> {
    calls
        .into_iter()
        .map(|call| FilterCall {
            origin: call.origin.or(Some(origin)),
            ..call
        })
        .collect()
}
