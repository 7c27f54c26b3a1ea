//! Every integration test, in one program: it links once.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod architecture;
mod book;
mod cases;
mod cli;
mod equivalence;
mod examples;
mod ops;
mod preview;
mod readme;
mod reference;
mod service;
mod torture;
mod words;

/// The `vidc` that the tests run.
const VIDC: &str = env!("CARGO_BIN_EXE_vidc-under-test");

/// A folder in which recipes find the sample media.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let media = vidc_tests::workspace::root()
        .join("examples/media")
        .canonicalize()
        .unwrap();
    std::os::unix::fs::symlink(media, folder.path().join("media")).unwrap();
    folder
}
