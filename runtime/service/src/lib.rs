//! Accepts tasks and renders them on any number of machines, with a database, a ready queue, a blob store and workers.
//!
//! ```text
//! submit ─▶ store (source of truth) ─▶ queue (index) ─▶ worker ─▶ engine ─▶ blobs ─▶ commit, fenced by the lease
//! ```
//!
//! This crate has no HTTP routes, does not parse media and does not build FFmpeg arguments.

pub mod asset_resolver;
pub mod blobs;
pub mod bus;
pub mod config;
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
mod temp_dir;
pub mod webhooks;
pub mod worker;

pub use error::Error;
