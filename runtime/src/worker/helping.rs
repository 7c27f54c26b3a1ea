//! Running a part of another worker's task, when there is nothing else to do.

use std::path::PathBuf;

use tempfile::TempDir;
use tokio::sync::Mutex;
use vidc_compiler::facts::Facts;

use super::sharing::{Work, kin};
use super::{UNUSED, may_help};
use crate::assets::Assets;
use crate::bus::Hint;
use crate::cancel::{Cancel, Canceller};
use crate::error::Error;
use crate::execute::{Nobody, Workshop, run_alone};
use crate::ffmpeg::capabilities::capabilities;
use crate::fonts::fonts;
use crate::library::{Library as _, NotLocated};
use crate::service::Service;
use crate::store::Part;

/// Runs one, if there is one that this worker can. Whether there was.
pub(super) async fn help(service: &Service, worker: &str, leaving: &Cancel) -> Result<bool, Error> {
    let Service {
        store, cache, tools, ..
    } = service;
    let (ffmpeg, fonts) = tokio::join!(capabilities(tools, cache), fonts(cache));
    let ffmpeg = ffmpeg?;
    let kin = kin(&ffmpeg, &fonts);
    let Some(part) = store.help(worker, &kin, service.settings.lease).await? else {
        return Ok(false);
    };
    tracing::info!(task = %part.task, part = part.key, "helping");
    let (canceller, cancel) = Cancel::new();
    let made = {
        let making = make(
            service,
            &part,
            Facts {
                ffmpeg,
                fonts,
                ..Facts::default()
            },
            cancel,
        );
        let beating = beat(service, &part, &canceller, leaving.clone());
        tokio::pin!(making, beating);
        tokio::select! {
            made = &mut making => made,
            () = &mut beating => making.await,
        }
    };
    let how = match &made {
        Ok(true) => "used",
        Ok(false) => "too late",
        Err(error) => {
            tracing::warn!(task = %part.task, %error, again = may_help(error), "a part is given back");
            store.leave_part(&part).await?;
            "given back"
        }
    };
    service.metrics.parts.get_or_create(&[("ended", how)]).inc();
    service.bus.publish(Hint::Changed(part.task)).await;
    Ok(true)
}

/// Runs and stores it. Whether it was still wanted.
async fn make(service: &Service, part: &Part, mut facts: Facts, cancel: Cancel) -> Result<bool, Error> {
    let folder = folder()?;
    let work: Work = serde_json::from_str(&part.work)
        .map_err(|error| Error::Internal(format!("reading a part of a task: {error}")))?;
    let library = Assets {
        service,
        tenant: &part.tenant,
        assets: &part.job.assets,
        folder: folder.path(),
        fetched: Mutex::default(),
    };
    for (name, mut media) in work.media {
        let path = library.locate(&name).await.map_err(|error| match error {
            NotLocated::Away(error) => error,
            NotLocated::Problem(problem) => Error::InputUnusable {
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
        finished,
        ..
    } = service;
    let workshop = Workshop {
        tools,
        finished,
        elsewhere: &Nobody,
    };
    let path: PathBuf = run_alone(&workshop, &work.stage, &facts, folder.path(), cancel).await?;
    let blob = format!("parts/{}/{}", part.task, part.helper);
    store.expect_blob(&blob, UNUSED).await?;
    blobs.put_file(&blob, &path).await?;
    let wanted = store.finish_part(part, &blob).await?;
    if !wanted {
        store.discard_blob(&blob).await?;
    }
    Ok(wanted)
}

fn folder() -> Result<TempDir, Error> {
    tempfile::Builder::new()
        .prefix("vidc-help-")
        .tempdir()
        .map_err(Error::io("make a directory in", std::env::temp_dir()))
}

/// Keeps the lease; returns once the part is no longer to be made here.
async fn beat(service: &Service, part: &Part, canceller: &Canceller, mut leaving: Cancel) {
    let length = service.settings.lease;
    loop {
        tokio::select! {
            () = tokio::time::sleep(length / 3) => {}
            () = leaving.cancelled() => break,
        }
        match service.store.renew_part(part, length).await {
            Ok(true) => {}
            Ok(false) => break,
            // Should it be lost meanwhile, somebody else makes the same.
            Err(error) => tracing::warn!(task = %part.task, %error, "a part's lease was not renewed"),
        }
    }
    canceller.cancel();
}
