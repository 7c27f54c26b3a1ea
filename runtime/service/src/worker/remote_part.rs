//! Runs a part of another worker's task.

use std::path::PathBuf;

use vidc_compiler::facts::Facts;
use vidc_engine::ErrorKind;
use vidc_engine::cancel::Cancel;
use vidc_engine::execute::{ExecContext, LocalOnly, run_stage};
use vidc_engine::resolver::{MediaResolver as _, ResolveError};

use super::environment::WorkerEnvironment;
use super::part_offers::PartJob;
use crate::asset_resolver::AssetResolver;
use crate::bus::Notification;
use crate::error::Error;
use crate::service::Service;
use crate::store::model::Class;
use crate::store::{ClaimedPart, UNREFERENCED_BLOB_LIFETIME};
use crate::temp_dir;

/// Claims and runs a part that this worker can run, if there is one. Returns whether it ran one.
pub(super) async fn run_remote_part(service: &Service, worker: &str, stop: &Cancel) -> Result<bool, Error> {
    let store = &service.store;
    let WorkerEnvironment { facts, compat_key } = WorkerEnvironment::detect(service).await?;
    let lease_duration = service.settings.lease_duration;
    let claimed = store.claim_remote_part(worker, &compat_key, lease_duration);
    let Some(part) = claimed.await? else {
        return Ok(false);
    };
    tracing::info!(task = %part.task, part = part.key, "running a part of another worker's task");
    // Dropping the render kills its FFmpeg process.
    let result = tokio::select! {
        result = run_part(service, &part, facts) => result,
        () = renew_lease_loop(service, &part, stop.clone()) => Err(vidc_engine::Error::Interrupted.into()),
    };
    let ended = match &result {
        Ok(true) => "made",
        Ok(false) => "too late",
        Err(error) => {
            let is_try = error.kind() != ErrorKind::Interrupted;
            tracing::warn!(task = %part.task, %error, "part released");
            store.release_part(&part, is_try).await?;
            service.bus.publish(Notification::PartsOffered(part.task)).await;
            "given back"
        }
    };
    service
        .metrics
        .remote_parts
        .get_or_create(&[("ended", ended)])
        .inc();
    service.bus.publish(Notification::TaskChanged(part.task)).await;
    Ok(result.is_ok())
}

/// Runs a part and stores its result. Returns whether the result was still needed.
async fn run_part(service: &Service, part: &ClaimedPart, mut facts: Facts) -> Result<bool, Error> {
    let dir = temp_dir::create("vidc-help-")?;
    let job: PartJob = serde_json::from_str(&part.job)
        .map_err(|error| vidc_engine::Error::Internal(format!("cannot read a part of a task: {error}")))?;
    let resolver = AssetResolver::new(service, &part.tenant, &part.task_job.assets, dir.path());
    for (name, mut media) in job.media {
        let path = resolver.locate(&name).await.map_err(|error| match error {
            ResolveError::Unavailable(error) => error,
            ResolveError::Problem(problem) => vidc_engine::Error::InputUnusable {
                key: name.clone(),
                reason: format!("cannot be read on this machine ({problem:?})"),
            },
        })?;
        media.path = path.to_string_lossy().into_owned();
        facts.media.insert(name, Ok(media));
    }
    let Service {
        store,
        blobs,
        tools,
        stage_cache,
        ..
    } = service;
    let context = ExecContext {
        tools,
        stage_cache,
        elsewhere: &LocalOnly,
    };
    let path: PathBuf = run_stage(&context, &job.stage, &facts, dir.path(), Cancel::never()).await?;
    let blob = format!("parts/{}/{}", part.task, part.claim_id);
    store.reserve_blob(&blob, UNREFERENCED_BLOB_LIFETIME).await?;
    blobs.put_file(&blob, &path).await?;
    let is_needed = store.complete_part(part, &blob).await?;
    if !is_needed {
        store.discard_blob(&blob).await?;
    }
    Ok(is_needed)
}

/// Renews the lease of a part. Returns when this worker should give the part up: it is no longer needed, the worker is
/// stopped, or a task waits that nobody runs.
async fn renew_lease_loop(service: &Service, part: &ClaimedPart, mut stop: Cancel) {
    let lease_duration = service.settings.lease_duration;
    loop {
        tokio::select! {
            () = tokio::time::sleep(lease_duration / 3) => {}
            () = stop.cancelled() => return,
        }
        match service.store.renew_part(part, lease_duration).await {
            Ok(true) => {}
            Ok(false) => return,
            // Should the lease expire meanwhile, another worker produces the same.
            Err(error) => tracing::warn!(task = %part.task, %error, "lease of a part not renewed"),
        }
        for class in Class::ALL {
            if let Ok(waiting) = service.store.ready_tasks(class, 1).await
                && !waiting.is_empty()
            {
                return;
            }
        }
    }
}
