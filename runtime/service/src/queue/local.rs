//! The index of a single process.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::weighted_round_robin::WeightedRoundRobin;
use super::{QueueError, ReadyQueue, ReadyTask};
use crate::store::model::{Class, TaskId};

/// In memory.
#[derive(Debug, Default)]
pub struct LocalQueue {
    index: Mutex<Index>,
    added: Notify,
    turns: WeightedRoundRobin,
}

#[derive(Debug, Default)]
struct Index {
    sets: HashMap<Class, BTreeSet<(i64, TaskId)>>,
    members: HashSet<TaskId>,
}

impl LocalQueue {
    fn take(&self) -> Option<TaskId> {
        let mut index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        if index.members.is_empty() {
            return None;
        }
        let mut order = self.turns.next_order().into_iter();
        let (_, task) = order.find_map(|class| index.sets.get_mut(&class)?.pop_first())?;
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
                let set = index.sets.entry(ready.class).or_default();
                set.insert((ready.score, ready.task));
                self.added.notify_one();
            }
        }
        Ok(())
    }

    async fn pop(&self, wait: Duration) -> Result<Option<TaskId>, QueueError> {
        let until = Instant::now() + wait;
        loop {
            if let Some(task) = self.take() {
                return Ok(Some(task));
            }
            if timeout_at(until, self.added.notified()).await.is_err() {
                return Ok(self.take());
            }
        }
    }
}
