//! A filter graph as data, and its text.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use vidc_dsl::Span;

use super::escape;
use super::filters::FilterName;
use crate::time::Rational;

/// Chains of filters between pads.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FilterGraph {
    /// The chains. Exactly one chain writes a link, and at most one reads it.
    pub chains: Vec<Chain>,
}

/// Filters in a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chain {
    /// The inputs of the first filter.
    pub inputs: Vec<Pad>,
    /// The filters, at least one.
    pub filters: Vec<FilterCall>,
    /// The links that the last filter writes.
    pub outputs: Vec<u32>,
}

/// An input of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pad {
    /// A decoded stream of an input.
    Stream {
        /// Index of the input in the run.
        input: usize,
        /// Index of the stream in its file.
        stream: u32,
    },
    /// A link that another chain writes.
    Link(u32),
}

/// The place in the recipe that a filter is for, so that the filter's failure can point there.
pub type Origin = Option<Span>;

/// One filter with its options.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FilterCall {
    /// Which filter.
    pub name: FilterName,
    /// Its options by name.
    pub args: Vec<(String, Arg)>,
    /// The place in the recipe that it is for.
    pub origin: Origin,
}

impl FilterCall {
    /// A filter with options whose values are known at compile time.
    pub fn new<V: Into<String>>(name: FilterName, args: impl IntoIterator<Item = (&'static str, V)>) -> Self {
        FilterCall {
            name,
            args: args
                .into_iter()
                .map(|(key, value)| (key.to_owned(), Arg::Text(value.into())))
                .collect(),
            origin: None,
        }
    }

    /// A filter without options.
    pub fn plain(name: FilterName) -> Self {
        FilterCall {
            name,
            args: Vec::new(),
            origin: None,
        }
    }
}

/// The value of a filter's option.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arg {
    /// A value known at compile time.
    Text(String),
    /// The path of a generated file, by index.
    File(usize),
    /// The gain that brings audio to a loudness.
    GainTo {
        /// Index of the stage that measured the audio.
        stage: usize,
        /// The loudness, LUFS.
        target: Rational,
    },
}

impl FilterGraph {
    /// Whether it has no chains.
    pub fn is_empty(&self) -> bool {
        self.chains.is_empty()
    }

    /// The filters in the order in which FFmpeg numbers them (`Parsed_NAME_3` is the fourth).
    pub fn filters(&self) -> impl Iterator<Item = &FilterCall> {
        self.chains.iter().flat_map(|chain| &chain.filters)
    }

    /// The text for `-filter_complex`, one chain per line. `resolve` returns the value of each option.
    pub fn text(&self, resolve: &dyn Fn(&Arg) -> String) -> String {
        let mut text = String::new();
        for (index, chain) in self.chains.iter().enumerate() {
            if index > 0 {
                text.push_str(";\n");
            }
            for pad in &chain.inputs {
                // Writing to a String cannot fail.
                let _ = match pad {
                    Pad::Stream { input, stream } => write!(text, "[{input}:{stream}]"),
                    Pad::Link(link) => write!(text, "[l{link}]"),
                };
            }
            for (position, filter) in chain.filters.iter().enumerate() {
                if position > 0 {
                    text.push(',');
                }
                text.push_str(filter.name.as_str());
                for (number, (key, value)) in filter.args.iter().enumerate() {
                    text.push(if number == 0 { '=' } else { ':' });
                    text.push_str(key);
                    text.push('=');
                    text.push_str(&escape(&resolve(value)));
                }
            }
            for link in &chain.outputs {
                let _ = write!(text, "[l{link}]");
            }
        }
        text
    }
}
