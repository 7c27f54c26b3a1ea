//! A worker's slots, each of which runs one task at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;
use tokio::time::Instant;
use vidc_engine::cancel::Cancel;

use super::attempt::Attempt;
use super::heartbeat::heartbeat_loop;
use super::remote_part::run_remote_part;
use crate::bus::Notification;
use crate::service::Service;
use crate::store::model::TaskId;

/// Time for which a slot waits for a task before it looks for parts of other tasks, and whether it should stop.
const QUEUE_WAIT: Duration = Duration::from_secs(1);
/// The same between two parts of other tasks.
const QUEUE_WAIT_BETWEEN_PARTS: Duration = Duration::from_millis(50);
/// Pause after the queue could not be read.
const RETRY_PAUSE: Duration = Duration::from_secs(1);
/// Time between two checks of a full disk.
const DISK_CHECK_INTERVAL: Duration = Duration::from_secs(5);

/// Runs up to `slots` tasks at a time until it is stopped; then it releases those that are running.
pub async fn run_worker(service: Arc<Service>, slots: usize, stop: Cancel) {
    // A new name at every start: a worker that restarted under its old name would be taken for the one that died.
    let name = uuid::Uuid::new_v4().to_string();
    let running_tasks = Arc::new(AtomicUsize::new(0));
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..slots {
        let slot = Slot {
            service: Arc::clone(&service),
            worker: name.clone(),
            stop: stop.clone(),
            running_tasks: Arc::clone(&running_tasks),
        };
        running.spawn(slot.run());
    }
    if slots > 0 {
        running.spawn(async move { heartbeat_loop(&service, &name, stop).await });
    }
    running.join_all().await;
}

/// Room for one task at a time.
struct Slot {
    service: Arc<Service>,
    /// The worker's name.
    worker: String,
    stop: Cancel,
    /// Number of tasks that run in this process. Parts of other workers' tasks run only if there are none.
    running_tasks: Arc<AtomicUsize>,
}

impl Slot {
    async fn run(mut self) {
        let mut notifications = self.service.bus.subscribe();
        let mut looked_for_parts_at: Option<Instant> = None;
        let mut ran_part = false;
        while !self.stop.is_cancelled() {
            if let Some(shortage) = self.service.disk_guard.shortage() {
                tracing::warn!(
                    shortage,
                    "disk full; no tasks are claimed until there is free space"
                );
                tokio::select! {
                    () = tokio::time::sleep(DISK_CHECK_INTERVAL) => {}
                    () = self.stop.cancelled() => {}
                }
                continue;
            }
            let wait = match ran_part {
                true => QUEUE_WAIT_BETWEEN_PARTS,
                false => QUEUE_WAIT,
            };
            let task = match self.service.queue.pop(wait).await {
                Ok(task) => task,
                Err(error) => {
                    tracing::warn!(%error, "ready queue not read; trying again");
                    tokio::time::sleep(RETRY_PAUSE).await;
                    ran_part = false;
                    continue;
                }
            };
            if self.stop.is_cancelled() {
                // The task's row is still pending, so a sweep queues it again.
                return;
            }
            if let Some(id) = task {
                ran_part = false;
                self.run_task(id).await;
                continue;
            }
            let is_due =
                looked_for_parts_at.is_none_or(|at| at.elapsed() > self.service.settings.lease_duration / 3);
            let look = ran_part || parts_were_offered(&mut notifications) || is_due;
            ran_part = false;
            if look {
                looked_for_parts_at = Some(Instant::now());
                ran_part = self.run_part().await;
            }
        }
    }

    async fn run_task(&self, id: TaskId) {
        let Slot { service, worker, .. } = self;
        let lease_duration = service.settings.lease_duration;
        match service.store.claim(id, worker, lease_duration).await {
            Ok(Some(task)) => {
                self.running_tasks.fetch_add(1, Ordering::Relaxed);
                Attempt::new(service, &task, self.stop.clone()).run().await;
                self.running_tasks.fetch_sub(1, Ordering::Relaxed);
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(task = %id, %error, "task not claimed"),
        }
    }

    /// Runs a part of another worker's task if there is one and no task runs in this process. Returns whether it did.
    async fn run_part(&self) -> bool {
        if self.running_tasks.load(Ordering::Relaxed) > 0 {
            return false;
        }
        match run_remote_part(&self.service, &self.worker, &self.stop).await {
            Ok(ran) => ran,
            Err(error) => {
                tracing::warn!(%error, "no part of another task was run");
                false
            }
        }
    }
}

/// Whether a worker has offered parts since the last call.
fn parts_were_offered(notifications: &mut Receiver<Notification>) -> bool {
    let mut offered = false;
    loop {
        match notifications.try_recv() {
            Ok(Notification::PartsOffered(_)) | Err(TryRecvError::Lagged(_)) => offered = true,
            Ok(_) => {}
            Err(TryRecvError::Empty | TryRecvError::Closed) => return offered,
        }
    }
}
