//! Following a task until it ends.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast::Receiver;

use super::error::RequestError;
use super::tasks::TaskWithOutputs;
use crate::bus::Notification;
use crate::service::Service;
use crate::store::model::{TaskId, Tenant};

/// Longest time between two reads of the task: hints make the wait short, but one may be lost.
const POLL: Duration = Duration::from_secs(2);

/// Waits for new versions of a task.
#[derive(Debug)]
pub struct TaskWatcher {
    service: Arc<Service>,
    tenant: Tenant,
    id: TaskId,
    hints: Receiver<Notification>,
    /// The last version that was returned.
    version: i64,
    is_started: bool,
    is_ended: bool,
}

impl Service {
    /// Follows a task from the first version after `version`.
    pub async fn watch_task(
        self: &Arc<Self>,
        tenant: &Tenant,
        id: TaskId,
        version: i64,
    ) -> Result<TaskWatcher, RequestError> {
        let hints = self.bus.subscribe();
        self.task(tenant, id).await?;
        Ok(TaskWatcher {
            service: Arc::clone(self),
            tenant: tenant.clone(),
            id,
            hints,
            version,
            is_started: false,
            is_ended: false,
        })
    }
}

impl TaskWatcher {
    /// Waits until the task has a newer version than the last one returned, and returns the newest. Versions in between
    /// are skipped. `None` follows the version in which the task has ended.
    pub async fn next(&mut self) -> Result<Option<TaskWithOutputs>, RequestError> {
        while !self.is_ended {
            if self.is_started {
                self.changed().await;
            }
            let task = self.service.task(&self.tenant, self.id).await?;
            self.is_started = true;
            self.is_ended = task.status.is_final();
            if task.version > self.version {
                self.version = task.version;
                return self.service.with_outputs(task).await.map(Some);
            }
        }
        Ok(None)
    }

    /// Returns when the task may have changed.
    async fn changed(&mut self) {
        let hints = &mut self.hints;
        let hinted = async {
            // A missed hint (`Lagged`) may have been this task's.
            while let Ok(hint) = hints.recv().await {
                if hint == Notification::TaskChanged(self.id) {
                    return;
                }
            }
        };
        tokio::select! {
            () = hinted => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
}
