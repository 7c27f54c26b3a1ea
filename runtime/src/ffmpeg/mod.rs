//! The FFmpeg programs: finding them, what they can do, running them, and understanding how they failed.

pub mod capabilities;
mod command;
pub mod explain;
pub mod process;
pub mod progress;
pub(crate) mod short;
mod tools;
pub(crate) mod usage;

pub(crate) use command::command;
pub use tools::Tools;
pub(crate) use tools::on_path;
