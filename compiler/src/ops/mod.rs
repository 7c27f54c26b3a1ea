//! The operations, one a file: each declares its name and parameters, and how a call adds to the graph.
//!
//! Adding one takes a file in its group's folder and two lines in that folder's `mod.rs`; the compiler reports a
//! missing one of the two as dead code.

mod audio;
mod common;
mod composite;
mod frame;
mod look;
mod operation;
mod sources;
mod text;
mod time;

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

/// Every operation, in the order of the reference.
pub(crate) fn all() -> impl Iterator<Item = &'static Operation> {
    GROUPS.iter().flat_map(|group| group.iter().copied())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

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
        assert_eq!(names.len(), files.len(), "two operations have one name");
        assert_eq!(
            names.into_iter().map(str::to_owned).collect::<BTreeSet<_>>(),
            files
        );
    }
}
