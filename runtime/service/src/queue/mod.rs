//! The ready queue: an index of the tasks that are ready to run, which may be lost at any moment.
//!
//! The database is the source of truth. The index only saves workers from polling it: the sweeper adds tasks that the
//! index has lost, and the claim rejects tasks that are not ready.

mod local;
mod ready_queue;
mod redis;
mod weighted_round_robin;

pub use local::LocalQueue;
pub use ready_queue::{QueueError, ReadyQueue, ReadyTask};
pub use redis::RedisQueue;
