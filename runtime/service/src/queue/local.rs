//! The ready queue of a single process.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::ready_queue::{QueueError, ReadyQueue, ReadyTask};
use super::weighted_round_robin::WeightedRoundRobin;
use crate::store::model::{Class, TaskId};

/// A ready queue in memory.
#[derive(Debug, Default)]
pub struct LocalQueue {
    index: Mutex<Index>,
    added: Notify,
    scheduler: WeightedRoundRobin,
}

#[derive(Debug, Default)]
struct Index {
    /// Scores and tasks of each class.
    tasks: HashMap<Class, BTreeSet<(i64, TaskId)>>,
    /// The tasks of all classes.
    members: HashSet<TaskId>,
}

impl LocalQueue {
    fn try_pop(&self) -> Option<TaskId> {
        let mut index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        if index.members.is_empty() {
            return None;
        }
        let mut order = self.scheduler.next_order().into_iter();
        let (_, task) = order.find_map(|class| index.tasks.get_mut(&class)?.pop_first())?;
        index.members.remove(&task);
        Some(task)
    }
}

#[async_trait]
impl ReadyQueue for LocalQueue {
    async fn announce(&self, ready: &[ReadyTask]) -> Result<(), QueueError> {
        let mut index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        for ready in ready {
            if index.members.insert(ready.task) {
                let tasks = index.tasks.entry(ready.class).or_default();
                tasks.insert((ready.score, ready.task));
                self.added.notify_one();
            }
        }
        Ok(())
    }

    async fn pop(&self, timeout: Duration) -> Result<Option<TaskId>, QueueError> {
        let deadline = Instant::now() + timeout;
        loop {
            if let Some(task) = self.try_pop() {
                return Ok(Some(task));
            }
            if timeout_at(deadline, self.added.notified()).await.is_err() {
                return Ok(self.try_pop());
            }
        }
    }
}
