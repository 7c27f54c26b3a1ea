//! A worker: takes tasks, holds their leases, renders, stores, commits; and helps others while there is no task to take.

mod attempt;
mod helping;
mod sharing;

use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;
use tokio::time::Instant;

use crate::bus::Notification;
use crate::error::Error;
use crate::service::Service;
use crate::store::model::TaskId;
use attempt::Attempt;
use helping::WorkerEnvironment;
use vidc_engine::cancel::Cancel;

/// How long a worker waits for a task before it looks whether it is to stop, or may help.
const WAIT: Duration = Duration::from_secs(1);
/// How long it waits between two parts of others' tasks.
const BETWEEN: Duration = Duration::from_millis(50);
/// How often it is looked whether a full disk has room again.
const NO_ROOM: Duration = Duration::from_secs(5);
/// For how long stored bytes may lie before the commit that uses them.
const UNUSED: Duration = Duration::from_secs(24 * 3600);

/// Works off tasks, `slots` side by side, until told to stop; then gives back what is under way.
pub async fn run_worker(service: Arc<Service>, slots: usize, stop: Cancel) {
    // Random at every start: a name that came back would be taken for the worker that died.
    let name = uuid::Uuid::new_v4().to_string();
    let busy = Arc::new(AtomicUsize::new(0));
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..slots {
        let slot = Slot {
            service: Arc::clone(&service),
            name: name.clone(),
            stop: stop.clone(),
            running_tasks: Arc::clone(&busy),
        };
        running.spawn(slot.work());
    }
    if slots > 0 {
        running.spawn(async move { heartbeat_loop(&service, &name, stop).await });
    }
    running.join_all().await;
}

/// Lets the others know that this worker is there, so that they make parts for it.
async fn heartbeat_loop(service: &Service, name: &str, mut stop: Cancel) {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    while !stop.is_cancelled() {
        let greeted = async {
            let helper = WorkerEnvironment::detect(service).await?;
            let cores = u32::try_from(cores).unwrap_or(1);
            Ok::<_, Error>(
                service
                    .store
                    .register_worker(name, &helper.compat_key, cores)
                    .await?,
            )
        };
        if let Err(error) = greeted.await {
            tracing::warn!(%error, "other workers do not know of this one");
        }
        tokio::select! {
            () = tokio::time::sleep(service.settings.lease_duration / 3) => {}
            () = stop.cancelled() => {}
        }
    }
    if let Err(error) = service.store.deregister_worker(name).await {
        tracing::debug!(%error, "others will notice in a while that this worker is gone");
    }
}

/// A place for one task at a time.
struct Slot {
    service: Arc<Service>,
    name: String,
    stop: Cancel,
    /// How many tasks this process has under way: only one that has none helps others.
    running_tasks: Arc<AtomicUsize>,
}

impl Slot {
    async fn work(mut self) {
        let mut hints = self.service.bus.subscribe();
        let mut asked: Option<Instant> = None;
        let mut helped = false;
        while !self.stop.is_cancelled() {
            if let Some(lacking) = self.service.disk_guard.shortage() {
                tracing::warn!(lacking, "no tasks are taken until there is room");
                tokio::select! {
                    () = tokio::time::sleep(NO_ROOM) => {}
                    () = self.stop.cancelled() => {}
                }
                continue;
            }
            let wait = if helped { BETWEEN } else { WAIT };
            helped = false;
            let next = match self.service.queue.pop(wait).await {
                Ok(next) => next,
                Err(error) => {
                    tracing::warn!(%error, "no tasks are taken");
                    tokio::time::sleep(WAIT).await;
                    continue;
                }
            };
            if self.stop.is_cancelled() {
                // A task's row is still pending; another worker's sweep finds it.
                return;
            }
            if let Some(id) = next {
                self.run_task(id).await;
                continue;
            }
            let long_ago =
                asked.is_none_or(|asked| asked.elapsed() > self.service.settings.lease_duration / 3);
            if wait == BETWEEN || parts_were_offered(&mut hints) || long_ago {
                asked = Some(Instant::now());
                helped = self.run_remote_part().await;
            }
        }
    }

    async fn run_task(&self, id: TaskId) {
        let Slot { service, name, .. } = self;
        match service
            .store
            .claim(id, name, service.settings.lease_duration)
            .await
        {
            Ok(Some(task)) => {
                self.running_tasks.fetch_add(1, Ordering::Relaxed);
                Attempt::new(service, &task, self.stop.clone()).run().await;
                self.running_tasks.fetch_sub(1, Ordering::Relaxed);
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(task = %id, %error, "a task was not claimed"),
        }
    }

    /// Makes a part of another worker's task if there is one and nothing else is under way here. Whether it did.
    async fn run_remote_part(&self) -> bool {
        if self.running_tasks.load(Ordering::Relaxed) > 0 {
            return false;
        }
        match helping::run_remote_part(&self.service, &self.name, &self.stop).await {
            Ok(helped) => helped,
            Err(error) => {
                tracing::warn!(%error, "no other worker is helped");
                false
            }
        }
    }
}

/// Whether anybody has asked for help since this was last looked at.
fn parts_were_offered(hints: &mut Receiver<Notification>) -> bool {
    let mut wanted = false;
    loop {
        match hints.try_recv() {
            Ok(Notification::PartsOffered(_)) | Err(TryRecvError::Lagged(_)) => wanted = true,
            Ok(_) => {}
            Err(TryRecvError::Empty | TryRecvError::Closed) => return wanted,
        }
    }
}
