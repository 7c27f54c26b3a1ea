//! The catalogue: everything that a recipe can call, declared once.
//!
//! The evaluator, did-you-mean suggestions, both syntaxes' parsers, `vidc ops` and the reference pages read it.

mod aliases;
pub(crate) mod codecs;
pub(crate) mod output;
mod signatures;

pub use aliases::alias_of;
pub use output::OUTPUT;
pub use signatures::signatures;

pub use crate::ops::{Group, Input, Operation, PLACEMENTS, TRANSITIONS};
pub use crate::param::{Bounds, Constant, ParamDefault, ParamSpec, ParamType, VariantDef, primary};

/// Returns every operation, in the order of the reference.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    crate::ops::all()
}

/// Finds an operation by name.
pub fn operation(name: &str) -> Option<&'static Operation> {
    operations().find(|operation| operation.name == name)
}

/// Returns every variant once: codecs, transitions, and the placements that take arguments.
pub fn variants() -> impl Iterator<Item = &'static VariantDef> {
    let audio_only = codecs::AUDIO
        .iter()
        .filter(|audio| codecs::VIDEO.iter().all(|video| video.name != audio.name));
    let placements = PLACEMENTS.iter().filter(|placement| !placement.params.is_empty());
    codecs::VIDEO
        .iter()
        .chain(audio_only)
        .chain(TRANSITIONS)
        .chain(placements)
        .copied()
}

/// Finds the variants with a name; `none` is both a codec choice and a transition.
pub fn variants_named(name: &str) -> impl Iterator<Item = &'static VariantDef> {
    variants().filter(move |variant| variant.name == name)
}
