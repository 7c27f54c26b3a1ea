//! The sweeper: queues tasks that the ready queue has lost, reaps expired leases and deletes what has expired.
//!
//! Any number of sweepers may run at the same time, because every update checks its precondition again.

use std::sync::Arc;

use tokio::time::Instant;
use vidc_engine::cancel::Cancel;

use crate::bus::Notification;
use crate::queue::ReadyTask;
use crate::service::Service;
use crate::store::DatabaseError;
use crate::store::model::Class;

/// Number of tasks of each class that a sweep queues. The queue needs only the first of them: later sweeps add the
/// rest.
const ANNOUNCE_LIMIT: i64 = 1000;
/// Number of tasks, assets and blobs that a sweep deletes.
const DELETE_LIMIT: i64 = 100;

/// Sweeps until it is stopped.
pub async fn run_sweeper(service: Arc<Service>, mut stop: Cancel) {
    let mut reap_from = Instant::now();
    while !stop.is_cancelled() {
        if let Err(error) = sweep(&service, reap_from).await {
            tracing::warn!(%error, "sweep failed; trying again");
            // Workers could not renew their leases either, so they get time to do so once the database is back.
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
        reap_expired_leases(service).await?;
    }
    for class in Class::ALL {
        let ready = service.store.ready_tasks(class, ANNOUNCE_LIMIT).await?;
        let ready: Vec<ReadyTask> = ready
            .into_iter()
            .map(|(task, score)| ReadyTask { task, class, score })
            .collect();
        if let Err(error) = service.queue.announce(&ready).await {
            tracing::warn!(%error, "ready tasks not queued");
        }
    }
    service.store.delete_expired(DELETE_LIMIT).await?;
    for blob in service.store.blobs_to_delete(DELETE_LIMIT).await? {
        match service.blobs.delete(&blob).await {
            Ok(()) => service.store.confirm_deleted(&blob).await?,
            Err(error) => tracing::warn!(blob, %error, "blob not deleted"),
        }
    }
    Ok(())
}

async fn reap_expired_leases(service: &Service) -> Result<(), DatabaseError> {
    let Service {
        store,
        settings,
        metrics,
        bus,
        ..
    } = service;
    for (lease, outcome) in store.reap_expired_leases(settings.retention).await? {
        metrics
            .lease_losses
            .get_or_create(&[("noticed", "sweeper")])
            .inc();
        tracing::warn!(task = %lease.task, attempt = lease.attempt, ended = ?outcome, "lease reaped");
        bus.publish(Notification::TaskChanged(lease.task)).await;
    }
    Ok(())
}
