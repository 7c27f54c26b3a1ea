//! Every integration test, in one program: it links once.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod architecture;
mod book;
mod cli;
mod examples;
mod ops;
mod readme;
mod reference;

/// The `vidc` that the tests run.
const VIDC: &str = env!("CARGO_BIN_EXE_vidc-under-test");
