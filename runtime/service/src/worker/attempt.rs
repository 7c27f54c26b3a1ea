//! One attempt at a task: from its claim to the commit of how it ended.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;
use vidc_dsl::Syntax;

use super::helping::WorkerEnvironment;
use super::sharing::PartOffers;
use super::{UNUSED, WAIT};
use crate::bus::Notification;
use crate::error::Error;
use crate::service::Service;
use crate::store::model::{Output, Task, TaskFailure};
use crate::store::{DatabaseError, FailOutcome, Lease, Renewal};
use vidc_engine::ErrorKind;
use vidc_engine::cancel::{Cancel, Canceller};
use vidc_engine::execute::{Event, ExecContext, LocalOnly};
use vidc_engine::ffmpeg::failure::Cause;

/// How often progress is written down.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(500);
/// While the database is away, how long it is asked again to take a result.
const COMMIT_RETRY_LIMIT: Duration = Duration::from_secs(600);
/// While the blob store is away, how long it is asked again to take a result.
const STORE_RETRY_LIMIT: Duration = Duration::from_secs(600);
/// Of an attempt's log, this much is kept.
const MAX_LOG_BYTES: usize = 1 << 20;

/// Why an attempt is to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StopReason {
    Cancelled,
    LeaseLost,
    ShuttingDown,
}

/// How far an attempt is, as the render tells it.
#[derive(Default)]
struct Progress {
    percent: i64,
    stage: String,
    log: String,
    logged: usize,
}

pub(super) struct Attempt<'a> {
    service: &'a Service,
    task: &'a Task,
    lease: Lease,
    shutdown: Cancel,
    progress: Mutex<Progress>,
}

impl<'a> Attempt<'a> {
    pub(super) fn new(service: &'a Service, task: &'a Task, shutdown: Cancel) -> Self {
        let lease = Lease {
            task: task.id,
            attempt: task.attempt,
        };
        Attempt {
            service,
            task,
            lease,
            shutdown,
            progress: Mutex::default(),
        }
    }

    pub(super) async fn run(self) {
        let begun = Instant::now();
        let waited = jiff::Timestamp::now().duration_since(self.task.created_at);
        if self.lease.attempt == 1 {
            let class = [("class", self.task.priority.class().name())];
            let waiting = &self.service.metrics.wait_seconds;
            waiting
                .get_or_create(&class)
                .observe(waited.as_secs_f64().max(0.0));
        }
        tracing::info!(task = %self.task.id, attempt = self.lease.attempt, "task claimed");
        self.service
            .bus
            .publish(Notification::TaskChanged(self.task.id))
            .await;
        let (canceller, cancel) = Cancel::new();
        let (result, stopped) = {
            let making = self.render(cancel);
            let beating = self.renew_lease_loop(&canceller);
            tokio::pin!(making, beating);
            tokio::select! {
                result = &mut making => (result, None),
                stop = &mut beating => (making.await, Some(stop)),
            }
        };
        let result = match result {
            Ok(outputs) if stopped.is_none() => Ok(outputs),
            Ok(_) => Err(vidc_engine::Error::Interrupted.into()),
            Err(error) => Err(error),
        };
        let ended = self.finish(result, stopped).await;
        self.service
            .bus
            .publish(Notification::TaskChanged(self.task.id))
            .await;
        match ended {
            Ok(how) => {
                let metrics = &self.service.metrics;
                metrics.attempts.get_or_create(&[("ended", how)]).inc();
                metrics.attempt_seconds.observe(begun.elapsed().as_secs_f64());
                tracing::info!(task = %self.task.id, attempt = self.lease.attempt, how, "attempt ended")
            }
            Err(error) => {
                tracing::error!(task = %self.task.id, attempt = self.lease.attempt, %error, "attempt not committed");
            }
        }
    }

    /// Renders, and stores what was made under this attempt's own names.
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
        let elsewhere = self.remote_cores().await.unwrap_or_else(|error| {
            tracing::warn!(task = %self.task.id, %error, "no other worker is asked for help");
            0
        });
        let drafted = self
            .service
            .compile_recipe(tenant, name, syntax, recipe, job, elsewhere)
            .await?;
        if drafted.without_errors().is_none() {
            return Err(vidc_engine::Error::Refused(vidc_dsl::render::human(
                &drafted.compilation.diagnostics,
                &drafted.sources,
                false,
            ))
            .into());
        }
        let folder =
            tempfile::Builder::new()
                .prefix("vidc-task-")
                .tempdir()
                .map_err(vidc_engine::Error::io(
                    "make a directory in",
                    std::env::temp_dir(),
                ))?;
        let events = |event: Event| self.record(event);
        let Service {
            tools, stage_cache, ..
        } = self.service;
        let sharing = PartOffers {
            service: self.service,
            lease: self.lease,
        };
        let context = ExecContext {
            tools,
            stage_cache,
            elsewhere: if elsewhere > 0 { &sharing } else { &LocalOnly },
        };
        let made = drafted
            .compilation
            .render(&context, folder.path(), &events, cancel.clone())
            .await?;
        self.record(Event::Started {
            stage: 0,
            stages: 0,
            title: "store".to_owned(),
        });
        let mut outputs = Vec::new();
        for (index, artifact) in made.iter().enumerate() {
            outputs.push(
                self.store_output(index, &artifact.name, &artifact.path, &cancel)
                    .await?,
            );
        }
        Ok(outputs)
    }

    /// Processors of the workers that may help.
    async fn remote_cores(&self) -> Result<u32, Error> {
        let Service { store, settings, .. } = self.service;
        let worker = self.task.worker.as_deref().unwrap_or_default();
        let kin = WorkerEnvironment::detect(self.service).await?.compat_key;
        Ok(store
            .remote_cores(self.lease, worker, &kin, settings.lease_duration)
            .await?)
    }

    /// Stores a result. What was rendered is not given up because the blob store is away for a while.
    async fn store_output(
        &self,
        index: usize,
        name: &str,
        path: &Path,
        cancel: &Cancel,
    ) -> Result<Output, Error> {
        let blob = format!("results/{}/{}/{index}", self.lease.task, self.lease.attempt);
        let until = Instant::now() + STORE_RETRY_LIMIT;
        let stored = loop {
            let expected = self.service.store.reserve_blob(&blob, UNUSED).await;
            let stored = match expected {
                Ok(()) => self
                    .service
                    .blobs
                    .put_file(&blob, path)
                    .await
                    .map_err(Error::from),
                Err(error) => Err(error.into()),
            };
            match stored {
                Err(error) if error.is_transient() && Instant::now() < until => {
                    tracing::warn!(task = %self.task.id, %error, "a result is kept to be stored again");
                    let mut cancel = cancel.clone();
                    tokio::select! {
                        () = tokio::time::sleep(WAIT) => {}
                        () = cancel.cancelled() => return Err(vidc_engine::Error::Interrupted.into()),
                    }
                }
                done => break done?,
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

    fn record(&self, event: Event) {
        let mut news = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        let stages = &self.service.metrics.stages;
        let line = match event {
            Event::Started { title, .. } => {
                news.stage.clone_from(&title);
                format!("# {title}")
            }
            Event::Progress { percent, .. } => {
                news.percent = news.percent.max(percent.clamp(0.0, 99.0) as i64);
                return;
            }
            Event::Log { line, .. } => line,
            Event::Fallback { reason } => {
                format!("# all is encoded as a whole, because what was copied does not fit: {reason}")
            }
            Event::Reused { .. } => {
                stages.get_or_create(&[("result", "kept")]).inc();
                "# the same was made before, and is used".to_owned()
            }
            Event::Remote { .. } => {
                stages.get_or_create(&[("result", "elsewhere")]).inc();
                "# another worker made a part".to_owned()
            }
            Event::Finished {
                elapsed, peak_memory, ..
            } => {
                stages.get_or_create(&[("result", "new")]).inc();
                let peak = peak_memory.unwrap_or(0) as f64;
                self.service.metrics.peak_memory.observe(peak);
                tracing::info!(task = %self.task.id, seconds = elapsed.as_secs_f64(), peak, "ffmpeg ended");
                format!("# done in {:.1} s", elapsed.as_secs_f64())
            }
        };
        if news.logged < MAX_LOG_BYTES {
            news.logged += line.len();
            news.log.push_str(&line);
            news.log.push('\n');
        }
    }

    /// Keeps the lease; returns when the attempt has been told to stop, and why.
    async fn renew_lease_loop(&self, canceller: &Canceller) -> StopReason {
        let mut hints = self.service.bus.subscribe();
        let mut leaving = self.shutdown.clone();
        let mut renewed = Instant::now();
        let (mut seq, mut told) = (0, (-1, String::new()));
        loop {
            let hinted = tokio::select! {
                () = tokio::time::sleep(PROGRESS_INTERVAL) => false,
                () = cancel_hint(&mut hints, self.task) => true,
                () = leaving.cancelled() => {
                    canceller.cancel();
                    return StopReason::ShuttingDown;
                }
            };
            let (percent, stage, log) = {
                let mut news = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
                (news.percent, news.stage.clone(), std::mem::take(&mut news.log))
            };
            self.write_log(&mut seq, &log).await;
            let changed = told != (percent, stage.clone());
            if !changed && !hinted && renewed.elapsed() < self.service.settings.lease_duration / 3 {
                continue;
            }
            let Service { store, settings, .. } = self.service;
            match store
                .renew(self.lease, settings.lease_duration, percent, &stage)
                .await
            {
                Ok(Renewal::Held) => {}
                Ok(Renewal::CancelRequested) => {
                    canceller.cancel();
                    return StopReason::Cancelled;
                }
                Ok(Renewal::Lost) => {
                    tracing::warn!(task = %self.task.id, attempt = self.lease.attempt, "lease lost");
                    let lost = &self.service.metrics.lease_losses;
                    lost.get_or_create(&[("noticed", "worker")]).inc();
                    canceller.cancel();
                    return StopReason::LeaseLost;
                }
                // That is not a lost lease: the commit is fenced, so going on does no harm.
                Err(error) => {
                    tracing::warn!(task = %self.task.id, %error, "a lease was not renewed");
                    continue;
                }
            }
            renewed = Instant::now();
            told = (percent, stage);
            self.service
                .bus
                .publish(Notification::TaskChanged(self.task.id))
                .await;
        }
    }

    async fn write_log(&self, seq: &mut i64, lines: &str) {
        if lines.is_empty() {
            return;
        }
        if let Err(error) = self.service.store.append_log(self.lease, *seq, lines).await {
            tracing::warn!(task = %self.task.id, %error, "a part of the log was not kept");
        }
        *seq += 1;
    }

    /// Writes down how the attempt ended, asking the database again while it is away.
    async fn finish(
        &self,
        result: Result<Vec<Output>, Error>,
        stopped: Option<StopReason>,
    ) -> Result<&'static str, DatabaseError> {
        let rest = std::mem::take(&mut self.progress.lock().unwrap_or_else(PoisonError::into_inner).log);
        // Far beyond what `beat` has counted to.
        self.write_log(&mut (i64::MAX / 2), &rest).await;
        let until = Instant::now() + COMMIT_RETRY_LIMIT;
        loop {
            match self.commit(&result, stopped).await {
                Err(DatabaseError::Unavailable(error)) if Instant::now() < until => {
                    tracing::warn!(task = %self.task.id, error, "the database is asked again to take a result");
                    tokio::time::sleep(WAIT).await;
                }
                done => return done,
            }
        }
    }

    async fn commit(
        &self,
        result: &Result<Vec<Output>, Error>,
        stopped: Option<StopReason>,
    ) -> Result<&'static str, DatabaseError> {
        let Service { store, settings, .. } = self.service;
        let stale = |counted: bool, how| if counted { how } else { "stale" };
        Ok(match (result, stopped) {
            (_, Some(StopReason::LeaseLost)) => "lost",
            (_, Some(StopReason::Cancelled)) => stale(
                store.commit_cancelled(self.lease, settings.retention).await?,
                "cancelled",
            ),
            (_, Some(StopReason::ShuttingDown)) => {
                let released = store.release(self.lease).await?;
                self.service.announce(self.task.id).await;
                stale(released, "released")
            }
            (Ok(outputs), None) => stale(
                store.complete(self.lease, outputs, settings.retention).await?,
                "completed",
            ),
            (Err(error), None) => {
                let failure = TaskFailure {
                    kind: failure_kind(error).to_owned(),
                    message: error.to_string(),
                };
                match store
                    .fail(self.lease, &failure, worth_retrying(error), settings.retention)
                    .await?
                {
                    FailOutcome::Requeued => "failed, to be tried again",
                    FailOutcome::Final => "failed",
                    FailOutcome::Stale => "stale",
                }
            }
        })
    }
}

/// Comes back when somebody hints that the task is to be cancelled.
async fn cancel_hint(hints: &mut Receiver<Notification>, task: &Task) {
    loop {
        match hints.recv().await {
            Ok(Notification::CancelRequested(id)) if id == task.id => return,
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

/// Whether another attempt may end otherwise: what FFmpeg refuses once, it refuses again.
/// Only what the machine lacked, or did, may be otherwise on another.
fn worth_retrying(error: &Error) -> bool {
    if let Error::Engine(vidc_engine::Error::Render(failure)) = error {
        return matches!(
            failure.cause,
            Cause::DiskFull | Cause::OutOfMemory | Cause::Unwritable | Cause::InputMissing | Cause::Killed(_)
        );
    }
    match error.kind() {
        ErrorKind::Environment | ErrorKind::Internal | ErrorKind::Interrupted => true,
        ErrorKind::InvalidRecipe | ErrorKind::Usage | ErrorKind::RenderFailed => false,
    }
}

fn failure_kind(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::InvalidRecipe => "invalid-recipe",
        ErrorKind::Usage => "usage",
        ErrorKind::Environment => "environment",
        ErrorKind::RenderFailed => "render-failed",
        ErrorKind::Internal => "internal",
        ErrorKind::Interrupted => "interrupted",
    }
}
