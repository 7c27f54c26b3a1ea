//! The index of a single process.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::turns::Turns;
use super::{QueueError, Ready, ReadyQueue};
use crate::store::model::{Class, TaskId};

/// In memory.
#[derive(Debug, Default)]
pub struct LocalQueue {
    sets: Mutex<HashMap<Class, BTreeSet<(i64, TaskId)>>>,
    added: Notify,
    turns: Turns,
}

impl LocalQueue {
    fn take(&self) -> Option<TaskId> {
        let mut sets = self.sets.lock().unwrap_or_else(PoisonError::into_inner);
        if sets.values().all(BTreeSet::is_empty) {
            return None;
        }
        let mut order = self.turns.deal().into_iter();
        order.find_map(|class| sets.get_mut(&class)?.pop_first().map(|(_, task)| task))
    }
}

#[async_trait]
impl ReadyQueue for LocalQueue {
    async fn announce(&self, ready: &[Ready]) -> Result<(), QueueError> {
        let mut sets = self.sets.lock().unwrap_or_else(PoisonError::into_inner);
        for ready in ready {
            if sets
                .entry(ready.class)
                .or_default()
                .insert((ready.score, ready.task))
            {
                self.added.notify_one();
            }
        }
        Ok(())
    }

    async fn next(&self, wait: Duration) -> Result<Option<TaskId>, QueueError> {
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
