//! Text forms of graphs and plans, for people and other programs.

mod dot;
mod graph;
mod shell;

pub use dot::dot;
pub(crate) use graph::graph;
pub use shell::shell;
