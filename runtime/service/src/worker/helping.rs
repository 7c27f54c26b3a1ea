//! Running a part of another worker's task, when there is nothing else to do.

use std::path::PathBuf;

use tempfile::TempDir;
use tokio::sync::Mutex;
use vidc_compiler::facts::Facts;

use super::UNUSED;
use super::sharing::{PartJob, compat_key};
use crate::assets::AssetResolver;
use crate::bus::Notification;
use crate::error::Error;
use crate::service::Service;
use crate::store::ClaimedPart;
use crate::store::model::Class;
use vidc_engine::ErrorKind;
use vidc_engine::cancel::Cancel;
use vidc_engine::execute::{ExecContext, LocalOnly, run_stage};
use vidc_engine::ffmpeg::capabilities::capabilities;
use vidc_engine::fonts::fonts;
use vidc_engine::resolver::{MediaResolver as _, ResolveError};

/// What this worker can make parts with.
pub(super) struct WorkerEnvironment {
    facts: Facts,
    /// Whose parts it can make.
    pub(super) compat_key: String,
}

impl WorkerEnvironment {
    /// As FFmpeg and the fonts are now.
    pub(super) async fn detect(service: &Service) -> Result<WorkerEnvironment, Error> {
        let Service {
            probe_cache: cache,
            tools,
            ..
        } = service;
        let (ffmpeg, fonts) = tokio::join!(capabilities(tools, cache), fonts(cache));
        let ffmpeg = ffmpeg?;
        Ok(WorkerEnvironment {
            compat_key: compat_key(&ffmpeg, &fonts),
            facts: Facts {
                ffmpeg,
                fonts,
                ..Facts::default()
            },
        })
    }
}

/// Runs one, if there is one that this worker can. Whether it did.
pub(super) async fn run_remote_part(
    service: &Service,
    worker: &str,
    leaving: &Cancel,
) -> Result<bool, Error> {
    let store = &service.store;
    let WorkerEnvironment {
        facts,
        compat_key: kin,
    } = WorkerEnvironment::detect(service).await?;
    let Some(part) = store
        .claim_remote_part(worker, &kin, service.settings.lease_duration)
        .await?
    else {
        return Ok(false);
    };
    tracing::info!(task = %part.task, part = part.key, "helping");
    // Whatever it does is given up at once, and FFmpeg is killed when nobody waits for it any more.
    let made = tokio::select! {
        made = render_part(service, &part, facts) => made,
        () = renew_lease_loop(service, &part, leaving.clone()) => Err(vidc_engine::Error::Interrupted.into()),
    };
    let how = match &made {
        Ok(true) => "made",
        Ok(false) => "too late",
        Err(error) => {
            let tried = error.kind() != ErrorKind::Interrupted;
            tracing::warn!(task = %part.task, %error, "a part is given back");
            store.release_part(&part, tried).await?;
            service.bus.publish(Notification::PartsOffered(part.task)).await;
            "given back"
        }
    };
    service
        .metrics
        .remote_parts
        .get_or_create(&[("ended", how)])
        .inc();
    service.bus.publish(Notification::TaskChanged(part.task)).await;
    Ok(made.is_ok())
}

/// Runs and stores it. Whether it was still wanted.
async fn render_part(service: &Service, part: &ClaimedPart, mut facts: Facts) -> Result<bool, Error> {
    let folder = create_temp_dir()?;
    let work: PartJob = serde_json::from_str(&part.work)
        .map_err(|error| vidc_engine::Error::Internal(format!("reading a part of a task: {error}")))?;
    let library = AssetResolver {
        service,
        tenant: &part.tenant,
        assets: &part.job.assets,
        dir: folder.path(),
        fetched: Mutex::default(),
    };
    for (name, mut media) in work.media {
        let path = library.locate(&name).await.map_err(|error| match error {
            ResolveError::Unavailable(error) => error.into(),
            ResolveError::Problem(problem) => vidc_engine::Error::InputUnusable {
                key: name.clone(),
                reason: format!("is not there ({problem:?})"),
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
    let path: PathBuf = run_stage(&context, &work.stage, &facts, folder.path(), Cancel::never()).await?;
    let blob = format!("parts/{}/{}", part.task, part.helper);
    store.reserve_blob(&blob, UNUSED).await?;
    blobs.put_file(&blob, &path).await?;
    let wanted = store.complete_part(part, &blob).await?;
    if !wanted {
        store.discard_blob(&blob).await?;
    }
    Ok(wanted)
}

fn create_temp_dir() -> Result<TempDir, Error> {
    tempfile::Builder::new()
        .prefix("vidc-help-")
        .tempdir()
        .map_err(vidc_engine::Error::io(
            "make a directory in",
            std::env::temp_dir(),
        ))
        .map_err(Error::from)
}

/// Keeps the lease; returns once the part is no longer to be made here: it is not wanted, or this worker is, elsewhere.
async fn renew_lease_loop(service: &Service, part: &ClaimedPart, mut leaving: Cancel) {
    let length = service.settings.lease_duration;
    loop {
        tokio::select! {
            () = tokio::time::sleep(length / 3) => {}
            () = leaving.cancelled() => return,
        }
        match service.store.renew_part(part, length).await {
            Ok(true) => {}
            Ok(false) => return,
            // Should it be lost meanwhile, somebody else makes the same.
            Err(error) => tracing::warn!(task = %part.task, %error, "a part's lease was not renewed"),
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
