//! The interface of ready queues.

use std::time::Duration;

use async_trait::async_trait;

use crate::store::model::{Class, TaskId};

/// A task that is ready to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadyTask {
    /// The task.
    pub task: TaskId,
    /// Its class.
    pub class: Class,
    /// Its place in the class: the smallest score is first. The score is the time of its creation in milliseconds plus
    /// a minute for each step of priority, so a task overtakes only tasks that have waited less than the difference.
    pub score: i64,
}

/// The index cannot be reached.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the ready queue is unavailable: {0}")]
pub struct QueueError(pub String);

/// An index of the tasks that are ready to run.
#[async_trait]
pub trait ReadyQueue: Send + Sync + std::fmt::Debug {
    /// Adds tasks. A task that is in the index keeps its place.
    async fn announce(&self, ready: &[ReadyTask]) -> Result<(), QueueError>;

    /// Removes and returns the next task, waiting up to `timeout` for one. While every class has tasks, six of ten are
    /// of high, three of normal and one of low priority. Within a class the smallest score is first.
    ///
    /// The future must be polled to its end: a task that it has removed when it is dropped waits for the next sweep.
    async fn pop(&self, timeout: Duration) -> Result<Option<TaskId>, QueueError>;
}
