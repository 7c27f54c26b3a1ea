//! Which task next: an index of what is ready, which may be lost at any moment.
//!
//! The rows are the truth. The index only saves workers from asking the database again and again; whatever it forgets
//! the sweeper announces anew, and whatever it says too much the claim refuses.

mod local;
mod redis;
mod weighted_round_robin;

use std::time::Duration;

use async_trait::async_trait;

pub use local::LocalQueue;
pub use redis::RedisQueue;

use crate::store::model::{Class, TaskId};

/// A task that is ready, and its place: the smaller, the sooner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadyTask {
    /// Which task.
    pub task: TaskId,
    /// Its class.
    pub class: Class,
    /// Enqueue time in milliseconds plus a minute for each step of priority: a task overtakes only those that have
    /// waited less than the difference.
    pub score: i64,
}

/// Why the index could not be asked.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the ready queue cannot be reached: {0}")]
pub struct QueueError(pub String);

/// An index of ready tasks.
#[async_trait]
pub trait ReadyQueue: Send + Sync + std::fmt::Debug {
    /// Adds tasks; one that is there already stays where it is.
    async fn announce(&self, ready: &[ReadyTask]) -> Result<(), QueueError>;

    /// Takes the next task, waiting up to `wait` for one. While every class has tasks, of ten taken in turn six are of
    /// high, three of normal and one of low priority; within a class the smallest score goes first.
    ///
    /// Must be waited for to its end: a task taken on behalf of nobody waits for the next sweep.
    async fn pop(&self, wait: Duration) -> Result<Option<TaskId>, QueueError>;
}
