//! The `vidc` program: its command line, its recipe preview and, with the `service` feature, its HTTP API.
//!
//! Each turns a request into one call of the crates below, and the result into text. Nothing here builds FFmpeg
//! arguments or parses media.

mod cli;
#[cfg(feature = "service")]
mod http;
mod preview;

pub use cli::run;
