//! One attempt at a task, from its claim to the commit of its outcome.

use std::path::Path;
use std::time::Duration;

use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;
use vidc_dsl::Syntax;
use vidc_engine::cancel::{Cancel, Canceller};
use vidc_engine::execute::{Event, ExecContext, LocalOnly};

use super::environment::WorkerEnvironment;
use super::failure::{is_retryable, task_failure};
use super::part_offers::PartOffers;
use super::progress::Progress;
use crate::blobs::StoredBlob;
use crate::bus::Notification;
use crate::error::Error;
use crate::service::Service;
use crate::store::model::{Lease, Output, Task};
use crate::store::{DatabaseError, FailOutcome, Renewal, UNREFERENCED_BLOB_LIFETIME};
use crate::temp_dir;

/// Time between two writes of the progress to the database.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(500);
/// Time for which a commit is retried while the database is unavailable.
const COMMIT_RETRY_LIMIT: Duration = Duration::from_secs(600);
/// Time for which storing an output is retried while the blob store or the database is unavailable.
const STORE_RETRY_LIMIT: Duration = Duration::from_secs(600);
/// Pause before such a retry.
const RETRY_PAUSE: Duration = Duration::from_secs(1);
/// Sequence number of the last chunk of an attempt's log, which is higher than any that the renewal loop assigns.
const LAST_LOG_CHUNK: i64 = i64::MAX / 2;

/// A reason to stop an attempt before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StopReason {
    Cancelled,
    LeaseLost,
    ShuttingDown,
}

/// An attempt at a task, whose lease this worker holds.
pub(super) struct Attempt<'a> {
    service: &'a Service,
    task: &'a Task,
    lease: Lease,
    shutdown: Cancel,
    progress: Progress<'a>,
}

impl<'a> Attempt<'a> {
    /// Prepares an attempt at a task that was just claimed.
    pub(super) fn new(service: &'a Service, task: &'a Task, shutdown: Cancel) -> Self {
        Attempt {
            service,
            task,
            lease: Lease {
                task: task.id,
                attempt: task.attempt,
            },
            shutdown,
            progress: Progress::new(task.id, &service.metrics),
        }
    }

    /// Renders the task and commits the outcome.
    pub(super) async fn run(self) {
        let started_at = Instant::now();
        let metrics = &self.service.metrics;
        if self.lease.attempt == 1 {
            let class = [("class", self.task.priority.class().name())];
            let waited = jiff::Timestamp::now().duration_since(self.task.created_at);
            let histogram = metrics.wait_seconds.get_or_create(&class);
            histogram.observe(waited.as_secs_f64().max(0.0));
        }
        tracing::info!(task = %self.task.id, attempt = self.lease.attempt, "task claimed");
        self.notify_changed().await;
        let (canceller, cancel) = Cancel::new();
        let (result, stop_reason) = {
            let render = self.render(cancel);
            let renew = self.renew_lease_loop(&canceller);
            tokio::pin!(render, renew);
            tokio::select! {
                result = &mut render => (result, None),
                reason = &mut renew => (render.await, Some(reason)),
            }
        };
        let result = match result {
            Ok(outputs) if stop_reason.is_none() => Ok(outputs),
            Ok(_) => Err(vidc_engine::Error::Interrupted.into()),
            Err(error) => Err(error),
        };
        let outcome = self.finish(result, stop_reason).await;
        self.notify_changed().await;
        match outcome {
            Ok(ended) => {
                metrics.attempts.get_or_create(&[("ended", ended)]).inc();
                metrics
                    .attempt_seconds
                    .observe(started_at.elapsed().as_secs_f64());
                tracing::info!(task = %self.task.id, attempt = self.lease.attempt, how = ended, "attempt ended");
            }
            Err(error) => {
                tracing::error!(task = %self.task.id, attempt = self.lease.attempt, %error, "attempt not committed");
            }
        }
    }

    async fn notify_changed(&self) {
        let changed = Notification::TaskChanged(self.task.id);
        self.service.bus.publish(changed).await;
    }

    /// Renders the task and stores its outputs as blobs of this attempt alone.
    async fn render(&self, cancel: Cancel) -> Result<Vec<Output>, Error> {
        let Task {
            tenant,
            name,
            recipe,
            job,
            ..
        } = self.task;
        let syntax = match self.task.syntax.as_str() {
            "yaml" => Syntax::Yaml,
            _ => Syntax::Text,
        };
        let remote_cores = self.remote_cores().await.unwrap_or_else(|error| {
            tracing::warn!(task = %self.task.id, %error, "no parts are offered to other workers");
            0
        });
        let compiled = self
            .service
            .compile_recipe(tenant, name, syntax, recipe, job, remote_cores)
            .await?;
        if compiled.without_errors().is_none() {
            return Err(vidc_engine::Error::Refused(vidc_dsl::render::human(
                &compiled.compilation.diagnostics,
                &compiled.sources,
                false,
            ))
            .into());
        }
        let dir = temp_dir::create("vidc-task-")?;
        let Service {
            tools, stage_cache, ..
        } = self.service;
        let part_offers = PartOffers {
            service: self.service,
            lease: self.lease,
        };
        let context = ExecContext {
            tools,
            stage_cache,
            elsewhere: if remote_cores > 0 {
                &part_offers
            } else {
                &LocalOnly
            },
        };
        let artifacts = compiled
            .compilation
            .render(
                &context,
                dir.path(),
                &|event| self.progress.record(event),
                cancel.clone(),
            )
            .await?;
        self.progress.record(Event::Started {
            stage: 0,
            stages: 0,
            title: "store".to_owned(),
        });
        let mut outputs = Vec::new();
        for (index, artifact) in artifacts.iter().enumerate() {
            let output = self.store_output(index, &artifact.name, &artifact.path, &cancel);
            outputs.push(output.await?);
        }
        Ok(outputs)
    }

    /// Returns the number of processors of other workers for which parts are planned.
    async fn remote_cores(&self) -> Result<u32, Error> {
        let Service { store, settings, .. } = self.service;
        let worker = self.task.worker.as_deref().unwrap_or_default();
        let compat_key = WorkerEnvironment::detect(self.service).await?.compat_key;
        let max_age = settings.lease_duration;
        Ok(store
            .remote_cores(self.lease, worker, &compat_key, max_age)
            .await?)
    }

    /// Stores an output, waiting for a blob store that is unavailable rather than giving up what was rendered.
    async fn store_output(
        &self,
        index: usize,
        name: &str,
        path: &Path,
        cancel: &Cancel,
    ) -> Result<Output, Error> {
        let blob = format!("results/{}/{}/{index}", self.lease.task, self.lease.attempt);
        let deadline = Instant::now() + STORE_RETRY_LIMIT;
        let stored = loop {
            match self.put_blob(&blob, path).await {
                Err(error) if error.is_transient() && Instant::now() < deadline => {
                    tracing::warn!(task = %self.task.id, %error, "output not stored; trying again");
                    let mut cancel = cancel.clone();
                    tokio::select! {
                        () = tokio::time::sleep(RETRY_PAUSE) => {}
                        () = cancel.cancelled() => return Err(vidc_engine::Error::Interrupted.into()),
                    }
                }
                result => break result?,
            }
        };
        self.service.metrics.output_bytes.inc_by(stored.bytes);
        let media_type = mime_guess::from_path(name).first_or_octet_stream();
        Ok(Output {
            name: name.to_owned(),
            media_type: media_type.to_string(),
            bytes: i64::try_from(stored.bytes).unwrap_or(i64::MAX),
            hash: stored.hash,
            blob,
        })
    }

    async fn put_blob(&self, blob: &str, path: &Path) -> Result<StoredBlob, Error> {
        let Service { store, blobs, .. } = self.service;
        store.reserve_blob(blob, UNREFERENCED_BLOB_LIFETIME).await?;
        Ok(blobs.put_file(blob, path).await?)
    }

    /// Renews the lease and writes progress and log to the database. Returns when the attempt must stop, after it has
    /// cancelled the render.
    async fn renew_lease_loop(&self, canceller: &Canceller) -> StopReason {
        let mut notifications = self.service.bus.subscribe();
        let mut shutdown = self.shutdown.clone();
        let mut renewed_at = Instant::now();
        let (mut seq, mut written) = (0, (-1, String::new()));
        loop {
            let cancel_requested = tokio::select! {
                () = tokio::time::sleep(PROGRESS_INTERVAL) => false,
                () = wait_for_cancel_request(&mut notifications, self.task) => true,
                () = shutdown.cancelled() => {
                    canceller.cancel();
                    return StopReason::ShuttingDown;
                }
            };
            let current = self.progress.current();
            self.append_log(&mut seq).await;
            let Service { store, settings, .. } = self.service;
            let is_due = renewed_at.elapsed() >= settings.lease_duration / 3;
            if current == written && !cancel_requested && !is_due {
                continue;
            }
            let (percent, stage) = &current;
            match store
                .renew(self.lease, settings.lease_duration, *percent, stage)
                .await
            {
                Ok(Renewal::Held) => {}
                Ok(Renewal::CancelRequested) => {
                    canceller.cancel();
                    return StopReason::Cancelled;
                }
                Ok(Renewal::Lost) => {
                    tracing::warn!(task = %self.task.id, attempt = self.lease.attempt, "lease lost");
                    let losses = &self.service.metrics.lease_losses;
                    losses.get_or_create(&[("noticed", "worker")]).inc();
                    canceller.cancel();
                    return StopReason::LeaseLost;
                }
                // The lease may still be held. Going on does no harm, since the commit is fenced.
                Err(error) => {
                    tracing::warn!(task = %self.task.id, %error, "lease not renewed");
                    continue;
                }
            }
            renewed_at = Instant::now();
            written = current;
            self.notify_changed().await;
        }
    }

    async fn append_log(&self, seq: &mut i64) {
        let lines = self.progress.take_log();
        if lines.is_empty() {
            return;
        }
        if let Err(error) = self.service.store.append_log(self.lease, *seq, &lines).await {
            tracing::warn!(task = %self.task.id, %error, "lines of the log lost");
        }
        *seq += 1;
    }

    /// Commits the outcome, retrying while the database is unavailable. Returns the outcome's name in metrics.
    async fn finish(
        &self,
        result: Result<Vec<Output>, Error>,
        stop_reason: Option<StopReason>,
    ) -> Result<&'static str, DatabaseError> {
        let mut seq = LAST_LOG_CHUNK;
        self.append_log(&mut seq).await;
        let deadline = Instant::now() + COMMIT_RETRY_LIMIT;
        loop {
            match self.commit(&result, stop_reason).await {
                Err(DatabaseError::Unavailable(error)) if Instant::now() < deadline => {
                    tracing::warn!(task = %self.task.id, error, "attempt not committed; trying again");
                    tokio::time::sleep(RETRY_PAUSE).await;
                }
                result => return result,
            }
        }
    }

    async fn commit(
        &self,
        result: &Result<Vec<Output>, Error>,
        stop_reason: Option<StopReason>,
    ) -> Result<&'static str, DatabaseError> {
        let Service { store, settings, .. } = self.service;
        let or_stale = |is_committed: bool, ended| if is_committed { ended } else { "stale" };
        Ok(match (result, stop_reason) {
            (_, Some(StopReason::LeaseLost)) => "lost",
            (_, Some(StopReason::Cancelled)) => or_stale(
                store.commit_cancelled(self.lease, settings.retention).await?,
                "cancelled",
            ),
            (_, Some(StopReason::ShuttingDown)) => {
                let is_released = store.release(self.lease).await?;
                self.service.announce(self.task.id).await;
                or_stale(is_released, "released")
            }
            (Ok(outputs), None) => or_stale(
                store.complete(self.lease, outputs, settings.retention).await?,
                "completed",
            ),
            (Err(error), None) => {
                let failure = task_failure(error);
                let outcome = store.fail(self.lease, &failure, is_retryable(error), settings.retention);
                match outcome.await? {
                    FailOutcome::Requeued => "failed, to be tried again",
                    FailOutcome::Final => "failed",
                    FailOutcome::Stale => "stale",
                }
            }
        })
    }
}

/// Returns when a client has requested that the task be cancelled.
async fn wait_for_cancel_request(notifications: &mut Receiver<Notification>, task: &Task) {
    loop {
        match notifications.recv().await {
            Ok(Notification::CancelRequested(id)) if id == task.id => return,
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}
