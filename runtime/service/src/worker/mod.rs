//! Workers: they claim tasks, hold their leases, render, store the results and commit. A worker without a task runs
//! parts of other workers' tasks.

mod attempt;
mod environment;
mod failure;
mod heartbeat;
mod part_offers;
mod pool;
mod progress;
mod remote_part;

pub use pool::run_worker;
