//! Probes media, drives FFmpeg and executes plans.
//!
//! ```text
//! Recipe ─▶ facts::gather ─▶ Facts ─▶ (compiler) ─▶ Plan ─▶ execute::execute ─▶ artifacts
//!              │ probe, subtitles, fonts, capabilities      │ ffmpeg::process, verify
//! ```
//!
//! Nothing here knows the recipe language beyond which files a recipe names, and nothing here knows HTTP.

pub mod bench;
pub mod cancel;
pub mod compilation;
pub mod disk_guard;
pub mod error;
pub mod execute;
pub mod facts;
pub mod ffmpeg;
pub mod fonts;
mod mux;
pub mod probe;
pub mod probe_cache;
pub mod resolver;
pub mod stage_cache;
pub mod subtitles;
pub mod verify;

pub use cancel::{Cancel, Canceller};
pub use compilation::{Compilation, compile_recipe};
pub use error::{Error, ErrorKind};
pub use execute::{Artifact, Event, ExecContext, LocalOnly, execute};
pub use facts::gather;
pub use ffmpeg::Tools;
pub use probe_cache::ProbeCache;
pub use resolver::{DirResolver, MediaResolver, ResolveError};
pub use stage_cache::{StageCache, Usage};
