//! The declaration of an operation.

use crate::call::Call;
use crate::catalogue::Param;
use crate::value::Value;

/// An operation: what it is called, what it takes, and how it adds to the graph.
pub struct Operation {
    /// Its name in a recipe.
    pub name: &'static str,
    /// Which shelf of the catalogue it stands on.
    pub group: Group,
    /// One sentence.
    pub summary: &'static str,
    /// Whether something flows into it.
    pub input: Input,
    /// Its parameters; the first may be given by position.
    pub params: &'static [Param],
    /// Recipes' fragments that use it.
    pub examples: &'static [&'static str],
    /// Types one call and adds its nodes. What is wrong has been said when it returns none.
    pub build: fn(&mut Call<'_>) -> Option<Value>,
}

/// Whether something flows into an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// It stands at the start of a pipeline.
    Nothing,
    /// It stands behind a `|`.
    Clip,
}

/// The shelves of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Group {
    Sources,
    Time,
    Frame,
    Look,
    Composite,
    Text,
    Audio,
}
