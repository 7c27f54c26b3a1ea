//! The declaration of an operation.

use crate::call::Call;
use crate::param::ParamSpec;
use crate::value::Value;

/// An operation of the language: its name, its parameters, and the function that builds its nodes.
pub struct Operation {
    /// The name in a recipe.
    pub name: &'static str,
    /// The section of the catalogue that lists it.
    pub group: Group,
    /// One imperative sentence that describes it.
    pub summary: &'static str,
    /// Whether it takes a clip from a `|`.
    pub input: Input,
    /// The parameters. The first may be positional.
    pub params: &'static [ParamSpec],
    /// Fragments of recipes that use it.
    pub examples: &'static [&'static str],
    /// Checks the types of one call and adds its nodes to the graph. None after it has reported an error.
    pub build: fn(&mut Call<'_>) -> Option<Value>,
}

/// The clip that an operation takes from the pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// None: it starts a pipeline.
    Nothing,
    /// One clip: it follows a `|`.
    Clip,
}

/// The sections of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the variants are the headings of the reference")]
pub enum Group {
    Sources,
    Time,
    Frame,
    Look,
    Composite,
    Text,
    Audio,
}
