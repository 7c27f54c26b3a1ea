//! The operations of the language, one per file: each declares its parameters and builds the nodes of a call.
//!
//! # Adding an operation
//!
//! As an example, `blur(radius)` softens a video.
//!
//! **1. The file** is named after the operation: `ops/look/blur.rs`. Parameters are constants whose type says what a
//! call reads, so that a misspelt name does not compile (see [`crate::param`]).
//!
//! ```ignore
//! //! `blur`: blurs a video.
//!
//! const RADIUS: Param<Length> =
//!     Param::length("radius", "blur radius; a percentage refers to the frame height").default(percent(1));
//!
//! pub(in crate::ops) static OPERATION: Operation = Operation {
//!     name: "blur",
//!     group: Group::Look,
//!     summary: "Blur the video.",
//!     input: Input::Clip,
//!     params: &[RADIUS.spec],
//!     examples: &["talk | blur(8px)"],
//!     build,
//! };
//!
//! fn build(call: &mut Call<'_>) -> Option<Value> {
//!     let (video, ty) = call.video()?;
//!     let radius = call.get(&RADIUS).to_pixels(ty.height);
//!     if radius < Rational::ZERO {
//!         let at = call.arg_span(&RADIUS);
//!         return call.fail(&codes::OUT_OF_RANGE, at, "`radius` is negative");
//!     }
//!     let sigma = [("sigma", filter_value::number(radius / 2))];
//!     let filter = Filter::new(vec![FilterCall::new(FilterName::Gblur, sigma)])
//!         .identity_if(radius == Rational::ZERO);
//!     let span = call.span;
//!     let video = call.graph().filter_video(video, filter, span, |_| {});
//!     call.with_video(video)
//! }
//! ```
//!
//! `build` is type checker and graph builder in one. It reports what is wrong with the call and returns `None`, or it
//! returns the clip with its new streams. It must be a pure function of the call: no files, clocks or randomness.
//!
//! **2. Registration** takes two lines in `ops/look/mod.rs`: `mod blur;` and `&blur::OPERATION`. If one of them is
//! missing, the compiler reports dead code or a test of this file fails.
//!
//! **3. Types.** The closure of [`filter_video`] updates the type of the stream: a filter that changes the frame size,
//! the pixel format, the duration or the frame rate must say so here. Passes and the check of the rendered file rely
//! on it. Call [`identity_if`] for arguments that change nothing, so that the stream can still be copied, and
//! `active_during` for a filter that is inactive outside known time ranges, so that smart rendering can copy the rest.
//!
//! **4. Color range.** `gblur` works on any matrix and range. A filter that assumes limited range, such as `hue`, needs
//! `graph.ensure_limited_range(video, span)` before it; one that draws a given color needs `graph.prepare_for_painting` before and
//! `graph.restore_color` after it; one that changes alpha or pixel format needs `ty.set_pixel_format(pixels)` in the closure.
//!
//! **5. The filter table.** FFmpeg's filters occur only as [`FilterName`](crate::plan::FilterName). A filter that is new
//! to vidc needs a row in `plan/filters.rs`: its cost, its timing (per frame, by timestamp, or stateful), its color
//! handling, and a graph that `vidc doctor --bench` measures it with. If frames become easier or harder to encode, add
//! it to `lower/complexity.rs`. If some builds of FFmpeg lack it, call [`Call::require_filter`] in `build`.
//!
//! **6. Aliases.** Names that other programs use, such as FFmpeg's `gblur` and `boxblur`, go into
//! `catalogue/aliases.rs`, so that the error about `gblur(8px)` names `blur`.
//!
//! **7. Tests.** Add a case with its diagnostics to `tests/cases/`, a comparison of rendered frames or samples to
//! `tests/tests/it/ops/`, and the operation to `compiler/tests/random_recipes.rs`.
//!
//! **8. Documentation.** `vidc ops`, completion and the reference page come from the declaration: `summary` is one
//! imperative sentence, `help` a noun phrase in lower case. Regenerate the reference page with
//! `UPDATE=1 cargo nextest run -p vidc-tests -E 'test(reference::)'`, and mention the operation in `CHANGELOG.md`.
//!
//! [`filter_video`]: crate::graph::Graph::filter_video
//! [`identity_if`]: crate::graph::Filter::identity_if
//! [`Call::require_filter`]: crate::call::Call::require_filter

mod audio;
mod common;
mod composite;
mod frame;
mod look;
mod operation;
mod sources;
mod text;
mod time;

pub use common::placement::PLACEMENTS;
pub use common::transition::TRANSITIONS;
pub use operation::{Group, Input, Operation};

static GROUPS: &[&[&Operation]] = &[
    sources::OPERATIONS,
    time::OPERATIONS,
    frame::OPERATIONS,
    look::OPERATIONS,
    composite::OPERATIONS,
    text::OPERATIONS,
    audio::OPERATIONS,
];

/// Returns every operation, in the order of the reference.
pub(crate) fn all() -> impl Iterator<Item = &'static Operation> {
    GROUPS.iter().flat_map(|group| group.iter().copied())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use crate::catalogue::{self, OUTPUT};
    use crate::param::{ParamDefault, ParamSpec, ParamType};

    /// The parameters of every operation, variant and statement, and the fields of their records.
    fn params() -> Vec<(&'static str, &'static ParamSpec)> {
        let operations = super::all().map(|operation| (operation.name, operation.params));
        let variants = catalogue::variants().map(|variant| (variant.name, variant.params));
        let declared: Vec<_> = operations.chain(variants).chain([("output", OUTPUT)]).collect();
        let fields = |params: &'static [ParamSpec]| {
            params.iter().flat_map(|param| match &param.ty {
                ParamType::List(ParamType::Record(fields)) | ParamType::Record(fields) => fields.iter(),
                _ => [].iter(),
            })
        };
        declared
            .into_iter()
            .flat_map(|(owner, params)| {
                params
                    .iter()
                    .chain(fields(params))
                    .map(move |param| (owner, param))
            })
            .collect()
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test may read its own folder")]
    fn operations_are_named_like_their_files() {
        let ops = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ops");
        let groups = ["audio", "composite", "frame", "look", "sources", "text", "time"];
        let files: BTreeSet<String> = groups
            .iter()
            .flat_map(|group| std::fs::read_dir(ops.join(group)).unwrap())
            .map(|entry| {
                entry
                    .unwrap()
                    .path()
                    .file_stem()
                    .unwrap()
                    .to_string_lossy()
                    .into_owned()
            })
            .filter(|name| name != "mod")
            .map(|name| name.trim_end_matches('_').replace('_', "-"))
            .collect();
        let names: Vec<&str> = super::all().map(|operation| operation.name).collect();
        assert_eq!(names.len(), files.len(), "two operations have the same name");
        assert_eq!(
            names.into_iter().map(str::to_owned).collect::<BTreeSet<_>>(),
            files
        );
    }

    #[test]
    fn parameters_accept_their_defaults() {
        for (owner, param) in params() {
            let ParamDefault::Value(constant) = param.default else {
                continue;
            };
            let value = constant.value();
            let accepted = match (&param.ty, value.as_text()) {
                (ParamType::Variant(variants), Some(word)) => variants.iter().any(|v| v.name == word),
                (ty, _) => ty.accept(value, None).is_ok(),
            };
            assert!(accepted, "the default of `{owner}({}:)` is invalid", param.name);
        }
    }

    #[test]
    fn parameters_are_declared_once() {
        for operation in super::all() {
            let names: BTreeSet<&str> = operation.params.iter().map(|param| param.name).collect();
            assert_eq!(names.len(), operation.params.len(), "`{}`", operation.name);
        }
    }

    #[test]
    fn summaries_are_sentences_and_help_is_a_phrase() {
        let operations = super::all().map(|operation| (operation.name, operation.summary));
        let variants = catalogue::variants().map(|variant| (variant.name, variant.summary));
        for (name, summary) in operations.chain(variants) {
            assert!(
                summary.starts_with(|c: char| c.is_ascii_uppercase()),
                "`{name}`: {summary}"
            );
            assert!(
                summary.ends_with('.') && !summary.contains(". "),
                "`{name}`: {summary}"
            );
        }
        for (owner, param) in params() {
            let (name, help) = (param.name, param.help);
            assert!(
                !help.starts_with(|c: char| c.is_ascii_uppercase()),
                "`{owner}({name}:)`: {help}"
            );
            assert!(!help.ends_with('.'), "`{owner}({name}:)`: {help}");
        }
    }
}
