//! The faces of vidc: its command line, and later its HTTP service.
//!
//! Each turns what was asked into one call of the crates below, and what came back into text. Neither builds FFmpeg
//! arguments or touches media.

mod cli;
mod http;

pub use cli::run;
