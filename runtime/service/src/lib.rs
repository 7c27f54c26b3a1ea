//! Accepts tasks and renders them on any number of machines: rows in a database, a ready queue, blobs, workers.
//!
//! ```text
//! submit ─▶ store (truth) ─▶ queue (index) ─▶ worker ─▶ (engine) ─▶ blobs ─▶ commit under the lease
//! ```
//!
//! Nothing here knows HTTP routes, and nothing here parses media or builds FFmpeg arguments.

pub mod assets;
pub mod blobs;
pub mod bus;
pub mod egress;
pub mod error;
pub mod metrics;
pub mod queue;
pub mod rate_limit;
pub mod redis;
pub mod requests;
pub mod service;
pub mod store;
pub mod sweeper;
pub mod worker;

pub use error::Error;
