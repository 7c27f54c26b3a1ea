//! A filter graph as data, and its text.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::{Origin, escape};

/// Chains of filters between pads.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FilterGraph {
    /// The chains; a link is made by exactly one and used by at most one.
    pub chains: Vec<Chain>,
}

/// Filters in a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chain {
    /// What flows into the first filter.
    pub inputs: Vec<Pad>,
    /// The filters, at least one.
    pub filters: Vec<FilterCall>,
    /// The links that flow out of the last filter.
    pub outputs: Vec<u32>,
}

/// One end of a chain's input.
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
    /// What another chain made.
    Link(u32),
}

/// One filter with its options.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FilterCall {
    /// The filter's name; always one that vidc's own code names.
    pub name: String,
    /// Its options by name.
    pub args: Vec<(String, Arg)>,
    /// The place in the recipe that asked for it.
    pub origin: Origin,
}

impl FilterCall {
    /// A filter with options whose values are known now.
    pub fn new<V: Into<String>>(name: &str, args: impl IntoIterator<Item = (&'static str, V)>) -> Self {
        FilterCall {
            name: name.to_owned(),
            args: args
                .into_iter()
                .map(|(key, value)| (key.to_owned(), Arg::Text(value.into())))
                .collect(),
            origin: None,
        }
    }

    /// A filter without options.
    pub fn plain(name: &str) -> Self {
        FilterCall {
            name: name.to_owned(),
            args: Vec::new(),
            origin: None,
        }
    }
}

/// The value of a filter's option.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arg {
    /// Known when the plan is made.
    Text(String),
    /// The path of a generated file, by index.
    File(usize),
    /// A figure measured by an earlier stage.
    Measured {
        /// Index of the measuring stage.
        stage: usize,
        /// Which figure.
        field: LoudnessField,
    },
}

/// What an EBU R128 measurement finds, in the terms of FFmpeg's `loudnorm`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Loudness {
    /// Integrated loudness, LUFS.
    pub integrated: f64,
    /// True peak, dBTP.
    pub true_peak: f64,
    /// Loudness range, LU.
    pub range: f64,
    /// Gating threshold, LUFS.
    pub threshold: f64,
    /// The gain still missing after normalising, LU.
    pub offset: f64,
}

/// Which figure of a [`Loudness`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoudnessField {
    /// Integrated loudness.
    Integrated,
    /// True peak.
    TruePeak,
    /// Loudness range.
    Range,
    /// A target range wide enough that linear normalising is not refused: the measured one, 7 to 50 LU.
    RangeTarget,
    /// Gating threshold.
    Threshold,
    /// The gain still missing.
    Offset,
}

impl Loudness {
    /// A figure as `loudnorm` reads it. Silence measures as minus infinity; `loudnorm`'s own floor stands for it.
    pub fn field(&self, field: LoudnessField) -> String {
        let (value, low, high) = match field {
            LoudnessField::Integrated => (self.integrated, -99.0, 0.0),
            LoudnessField::TruePeak => (self.true_peak, -99.0, 99.0),
            LoudnessField::Range => (self.range, 0.0, 99.0),
            LoudnessField::RangeTarget => (self.range, 7.0, 50.0),
            LoudnessField::Threshold => (self.threshold, -99.0, 0.0),
            LoudnessField::Offset => (self.offset, -99.0, 99.0),
        };
        let value = if value.is_nan() {
            low
        } else {
            value.clamp(low, high)
        };
        format!("{value:.2}")
    }
}

impl FilterGraph {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.chains.is_empty()
    }

    /// The filters in the order FFmpeg numbers them (`Parsed_NAME_3` is the fourth).
    pub fn filters(&self) -> impl Iterator<Item = &FilterCall> {
        self.chains.iter().flat_map(|chain| &chain.filters)
    }

    /// The text for `-filter_complex`, one chain a line. `resolve` gives the value of each option.
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
                text.push_str(&filter.name);
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
