//! The sweeper: announces what the index has forgotten, reaps leases that have run out, collects garbage.
//!
//! Any number may sweep side by side: each update looks again at what it changes.

use std::sync::Arc;

use tokio::time::Instant;

use crate::bus::Notification;
use crate::queue::ReadyTask;
use crate::service::Service;
use crate::store::DatabaseError;
use crate::store::model::Class;
use vidc_engine::cancel::Cancel;

/// The index needs only the heads of the classes; the rest is announced as they are worked off.
const ANNOUNCED_AT_ONCE: i64 = 1000;
/// Deleted in one sweep.
const DELETED_AT_ONCE: i64 = 100;

/// Sweeps until told to stop.
pub async fn run_sweeper(service: Arc<Service>, mut stop: Cancel) {
    let mut reap_from = Instant::now();
    while !stop.is_cancelled() {
        if let Err(error) = sweep(&service, reap_from).await {
            tracing::warn!(%error, "the sweeper tries again");
            // Workers could not renew either: give them time to, once the database is back.
            reap_from = Instant::now() + service.settings.lease_duration * 2;
        }
        tokio::select! {
            () = tokio::time::sleep(service.settings.sweep_interval) => {}
            () = stop.cancelled() => {}
        }
    }
}

async fn sweep(service: &Service, reap_from: Instant) -> Result<(), DatabaseError> {
    if Instant::now() >= reap_from {
        for (lease, ended) in service
            .store
            .reap_expired_leases(service.settings.retention)
            .await?
        {
            service
                .metrics
                .lease_losses
                .get_or_create(&[("noticed", "sweeper")])
                .inc();
            tracing::warn!(task = %lease.task, attempt = lease.attempt, ?ended, "lease reaped");
            service.bus.publish(Notification::TaskChanged(lease.task)).await;
        }
    }
    for class in Class::ALL {
        let ready = service.store.ready_tasks(class, ANNOUNCED_AT_ONCE).await?;
        let ready: Vec<ReadyTask> = ready
            .into_iter()
            .map(|(task, score)| ReadyTask { task, class, score })
            .collect();
        if let Err(error) = service.queue.announce(&ready).await {
            tracing::warn!(%error, "ready tasks were not announced");
        }
    }
    service.store.delete_expired(DELETED_AT_ONCE).await?;
    for blob in service.store.blobs_to_delete(DELETED_AT_ONCE).await? {
        match service.blobs.delete(&blob).await {
            Ok(()) => service.store.confirm_deleted(&blob).await?,
            Err(error) => tracing::warn!(blob, %error, "bytes were not deleted"),
        }
    }
    Ok(())
}
