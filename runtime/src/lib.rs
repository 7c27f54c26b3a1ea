//! Probes media, drives FFmpeg and executes plans.
//!
//! ```text
//! Recipe ─▶ facts::gather ─▶ Facts ─▶ (compiler) ─▶ Plan ─▶ execute::execute ─▶ artifacts
//!              │ probe, subtitles, fonts, capabilities      │ ffmpeg::process, verify
//! ```
//!
//! Nothing here knows the recipe language beyond which files a recipe names, and nothing here knows HTTP.

pub mod assets;
pub mod bench;
pub mod blobs;
pub mod bus;
pub mod cache;
pub mod cancel;
pub mod draft;
pub mod error;
pub mod execute;
pub mod facts;
pub mod ffmpeg;
pub mod finished;
pub mod fonts;
pub mod library;
pub mod limit;
pub mod metrics;
mod mux;
pub mod outside;
pub mod probe;
pub mod queue;
pub mod redis;
pub mod room;
pub mod service;
pub mod store;
pub mod subtitles;
pub mod sweeper;
pub mod verify;
pub mod worker;

pub use cache::Cache;
pub use cancel::{Cancel, Canceller};
pub use draft::{Draft, draft};
pub use error::{Error, ErrorKind};
pub use execute::{Artifact, Event, Nobody, Workshop, execute};
pub use facts::gather;
pub use ffmpeg::Tools;
pub use finished::{Finished, Usage};
pub use library::{Folder, Library, NotLocated};
