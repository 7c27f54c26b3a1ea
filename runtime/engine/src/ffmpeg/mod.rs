//! The FFmpeg programs: location, capabilities, running them, and diagnosing failures.

pub mod capabilities;
pub(crate) mod capture;
mod command;
pub mod diagnose;
pub mod failure;
pub mod process;
pub mod progress;
pub(crate) mod rusage;
mod tools;

pub(crate) use command::command;
pub use tools::Tools;
pub(crate) use tools::on_path;
