//! Completes one stage: from the cache, from another worker, or by running it and verifying the result.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;
use vidc_compiler::facts::Facts;
use vidc_compiler::plan::{Loudness, Stage, StageKind, argv};

use super::context::ExecContext;
use super::event::Event;
use super::input_files::{Inputs, RunFiles};
use super::outputs::{Partial, Target};
use super::progress::PlanProgress;
use super::remote::Claim;
use super::results::{Completed, StageOutput, StageResult};
use crate::cancel::Cancel;
use crate::error::Error;
use crate::ffmpeg::diagnose::{diagnose, truncated_input};
use crate::ffmpeg::failure::Cause;
use crate::ffmpeg::process::{Ending, Limits, Outcome, Watcher, drive};
use crate::ffmpeg::progress::Progress;
use crate::mux::mux;
use crate::stage_cache::CachedStage;
use crate::verify::verify;

/// A stage with everything it needs.
pub(super) struct StageRun<'a> {
    pub(super) context: &'a ExecContext<'a>,
    pub(super) facts: &'a Facts,
    pub(super) index: usize,
    /// The number of stages in the plan.
    pub(super) stages: usize,
    pub(super) stage: &'a Stage,
    /// The time to wait for another worker's result, if the stage was offered.
    pub(super) offered: Option<Duration>,
    /// One permit per parallel stage.
    pub(super) permits: &'a Semaphore,
    pub(super) inputs: &'a Inputs,
    pub(super) completed: Completed,
}

impl StageRun<'_> {
    /// Uses the cached result or that of another worker, or runs the stage and caches its result.
    pub(super) async fn complete(
        &self,
        cached: Option<CachedStage>,
        targets: Vec<Option<Target>>,
        progress: &PlanProgress,
        events: &(dyn Fn(Event) + Send + Sync),
        cancel: Cancel,
    ) -> Result<StageResult, Error> {
        let stage = self.index;
        if let Some(cached) = cached {
            let outputs = reuse(self.stage, targets, &cached.outputs).await?;
            events(Event::Reused { stage });
            progress.finish(stage, events);
            return Ok((outputs, cached.loudness));
        }
        let _permit = match self.turn(&cancel).await? {
            Turn::Run(permit) => permit,
            Turn::StageOutput(path) => {
                let outputs = reuse(self.stage, targets, &[path]).await?;
                events(Event::Remote { stage });
                progress.finish(stage, events);
                return Ok((outputs, None));
            }
        };
        events(Event::Started {
            stage,
            stages: self.stages,
            title: self.stage.title.clone(),
        });
        let started = Instant::now();
        let (outcome, partials) = self.run(targets, &progress.stage(stage, events), cancel).await?;
        let measured = match self.stage.kind {
            StageKind::Measure => outcome
                .as_ref()
                .map(|outcome| loudness(self.stage, outcome))
                .transpose()?,
            _ => None,
        };
        // Plain packet copies are not worth the space.
        if self.stage.kind != StageKind::Copy {
            self.cache(&partials, measured).await;
        }
        let mut outputs = Vec::new();
        for partial in partials {
            outputs.push(partial.publish(&self.stage.key).await?);
        }
        progress.finish(stage, events);
        events(Event::Finished {
            stage,
            elapsed: started.elapsed(),
            peak_memory: outcome.and_then(|outcome| outcome.peak_memory),
        });
        Ok((outputs, measured))
    }

    /// Waits until it can run here, or another worker has finished it.
    async fn turn(&self, cancel: &Cancel) -> Result<Turn<'_>, Error> {
        let mut cancel = cancel.clone();
        tokio::select! {
            turn = self.await_turn() => turn,
            () = cancel.cancelled() => Err(Error::Interrupted),
        }
    }

    async fn await_turn(&self) -> Result<Turn<'_>, Error> {
        let elsewhere = self.context.elsewhere;
        let acquire = || async {
            let permit = self.permits.acquire().await;
            permit.map_err(|error| Error::Internal(format!("waiting for a permit: {error}")))
        };
        let Some(patience) = self.offered else {
            return Ok(Turn::Run(acquire().await?));
        };
        let mut remote_since = None;
        loop {
            let permit = acquire().await?;
            match elsewhere.claim(self.stage).await {
                Claim::Local => return Ok(Turn::Run(permit)),
                // Both produce the same result; the first to finish wins.
                Claim::Remote if remote_since.get_or_insert_with(Instant::now).elapsed() > patience => {
                    return Ok(Turn::Run(permit));
                }
                Claim::Remote => {
                    drop(permit);
                    elsewhere.changed().await;
                }
                Claim::Done(blob) => {
                    drop(permit);
                    return match elsewhere.fetch(&blob).await {
                        Some(path) => Ok(Turn::StageOutput(path)),
                        None => Ok(Turn::Run(acquire().await?)),
                    };
                }
            }
        }
    }

    /// Caches the result before it is published: a published file may be replaced at any time.
    async fn cache(&self, partials: &[Partial], measured: Option<Loudness>) {
        let files = partials.iter().map(Partial::stage_file).collect();
        let stage_cache = self.context.stage_cache;
        stage_cache.put(&self.stage.key, files, measured).await;
    }

    /// Runs and verifies the stage without publishing its outputs. Returns FFmpeg's outcome if FFmpeg was needed.
    async fn run(
        &self,
        targets: Vec<Option<Target>>,
        watcher: &dyn Watcher,
        cancel: Cancel,
    ) -> Result<(Option<Outcome>, Vec<Partial>), Error> {
        let partials = targets
            .into_iter()
            .map(|target| target.map(Target::open).transpose())
            .collect::<Result<Vec<_>, Error>>()?;
        let paths = partials.iter().map(|partial| partial.as_ref().map(Partial::path));
        let run_files = RunFiles::prepare(self.stage, self.facts, paths.collect(), &self.completed)?;
        let whole = |partials: Vec<Option<Partial>>| partials.into_iter().flatten().collect();
        if mux(&self.stage.run, &run_files, &cancel).await {
            match self.verify(&partials, cancel.clone()).await {
                Ok(()) => {
                    self.inputs.check_unchanged(self.stage)?;
                    return Ok((None, whole(partials)));
                }
                Err(Error::Mismatch { mismatches, .. }) => {
                    tracing::debug!(
                        "`{}` falls back to FFmpeg: {}",
                        self.stage.title,
                        mismatches.join("; ")
                    );
                }
                Err(error) => return Err(error),
            }
        }
        let outcome = self.drive(&run_files, watcher, cancel.clone()).await?;
        self.verify(&partials, cancel).await?;
        self.inputs.check_unchanged(self.stage)?;
        Ok((Some(outcome), whole(partials)))
    }

    /// Runs the stage with FFmpeg.
    async fn drive(
        &self,
        run_files: &RunFiles,
        watcher: &dyn Watcher,
        cancel: Cancel,
    ) -> Result<Outcome, Error> {
        let (arguments, script) =
            argv(&self.stage.run, run_files).into_argv(self.facts.ffmpeg.version, &run_files.script());
        if let Some(script) = script {
            run_files.write_script(&script)?;
        }
        let ffmpeg = &self.context.tools.ffmpeg;
        let outcome = drive(ffmpeg, &arguments, Limits::default(), watcher, cancel).await?;
        let failure = match outcome.ending {
            Ending::Cancelled => return Err(Error::Interrupted),
            Ending::Exited(status) if status.success() => truncated_input(&self.stage.title, &outcome),
            _ => Some(diagnose(&self.stage.title, &self.stage.run, &outcome)),
        };
        match failure {
            Some(failure) => Err(Error::Render(Box::new(failure))),
            None => Ok(outcome),
        }
    }

    /// Fails if an output is not as expected.
    async fn verify(&self, partials: &[Option<Partial>], mut cancel: Cancel) -> Result<(), Error> {
        for (output, partial) in self.stage.run.outputs.iter().zip(partials) {
            let Some(partial) = partial else { continue };
            let check = verify(self.context.tools, partial.path(), &output.expected);
            let verified = async { tokio::join!(check, partial.flush()).0 };
            let mismatches = tokio::select! {
                mismatches = verified => mismatches,
                () = cancel.cancelled() => return Err(Error::Interrupted),
            };
            if !mismatches.is_empty() {
                return Err(Error::Mismatch {
                    name: partial.name().to_owned(),
                    mismatches,
                });
            }
        }
        Ok(())
    }
}

/// The way a stage is completed.
enum Turn<'a> {
    Run(tokio::sync::SemaphorePermit<'a>),
    StageOutput(PathBuf),
}

/// Copies cached or fetched outputs to their targets.
async fn reuse(
    stage: &Stage,
    targets: Vec<Option<Target>>,
    outputs: &[PathBuf],
) -> Result<Vec<StageOutput>, Error> {
    let mut published = Vec::new();
    for (target, path) in targets.into_iter().flatten().zip(outputs) {
        let partial = target.open()?;
        tokio::fs::copy(path, partial.path())
            .await
            .map_err(Error::io("copy", path))?;
        published.push(partial.publish(&stage.key).await?);
    }
    Ok(published)
}

fn loudness(stage: &Stage, outcome: &Outcome) -> Result<Loudness, Error> {
    Loudness::from_log(&outcome.log.join("\n")).ok_or_else(|| {
        let mut failure = diagnose(&stage.title, &stage.run, outcome);
        failure.cause = Cause::NotMeasured;
        Error::Render(Box::new(failure))
    })
}

/// Runs a single stage for another worker and caches its result. Returns the path of the file in `folder`.
pub async fn run_stage(
    context: &ExecContext<'_>,
    stage: &Stage,
    facts: &Facts,
    folder: &Path,
    cancel: Cancel,
) -> Result<PathBuf, Error> {
    let cached = context
        .stage_cache
        .get(stage)
        .and_then(|cached| cached.held(&[folder], 0));
    if let Some([path]) = cached.as_ref().map(|cached| cached.outputs.as_slice()) {
        return Ok(path.clone());
    }
    let permits = Semaphore::new(1);
    let inputs = Inputs::resolve([stage], facts)?;
    let run = StageRun {
        context,
        facts,
        index: 0,
        stages: 1,
        stage,
        offered: None,
        permits: &permits,
        inputs: &inputs,
        completed: Completed::default(),
    };
    let target = Target::intermediate(folder.join("part"));
    let (_, mut partials) = run.run(vec![Some(target)], &Unwatched, cancel).await?;
    run.cache(&partials, None).await;
    let output = match partials.pop() {
        Some(partial) => partial.publish(&stage.key).await?,
        None => return Err(Error::Internal(format!("`{}` produced no output", stage.title))),
    };
    Ok(output.into_path())
}

/// Ignores progress.
struct Unwatched;

impl Watcher for Unwatched {
    fn progress(&self, _: &Progress) {}

    fn log(&self, _: &str) {}
}
