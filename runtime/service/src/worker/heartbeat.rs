//! A worker's heartbeat, by which other workers know that they can offer parts to it.

use std::num::NonZero;

use vidc_engine::cancel::Cancel;

use super::environment::WorkerEnvironment;
use crate::error::Error;
use crate::service::Service;

/// Registers the worker again and again until it is stopped, then deregisters it.
pub(super) async fn heartbeat_loop(service: &Service, worker: &str, mut stop: Cancel) {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let cores = u32::try_from(cores).unwrap_or(1);
    while !stop.is_cancelled() {
        if let Err(error) = register(service, worker, cores).await {
            tracing::warn!(%error, "heartbeat not sent; other workers may offer no parts to this one");
        }
        tokio::select! {
            () = tokio::time::sleep(service.settings.lease_duration / 3) => {}
            () = stop.cancelled() => {}
        }
    }
    if let Err(error) = service.store.deregister_worker(worker).await {
        tracing::debug!(%error, "worker not deregistered; its registration will expire");
    }
}

async fn register(service: &Service, worker: &str, cores: u32) -> Result<(), Error> {
    let environment = WorkerEnvironment::detect(service).await?;
    let compat_key = &environment.compat_key;
    Ok(service.store.register_worker(worker, compat_key, cores).await?)
}
