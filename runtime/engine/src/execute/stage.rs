//! One stage: taken from what is kept, left to somebody else, or run, verified and put in its place.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;
use vidc_compiler::facts::Facts;
use vidc_compiler::plan::{Loudness, Stage, StageKind, argv};

use super::input_files::{Inputs, Places};
use super::outputs::{Made, Partial, Target};
use super::progress::Meter;
use super::{Claim, Done, Event, ExecContext};
use crate::cancel::Cancel;
use crate::error::Error;
use crate::ffmpeg::diagnose::{Cause, cut_short, explain};
use crate::ffmpeg::process::{Ending, Limits, Outcome, Watcher, drive};
use crate::ffmpeg::progress::Progress;
use crate::mux::mux;
use crate::stage_cache::CachedStage;
use crate::verify::verify;

/// A stage with what it needs.
pub(super) struct StageRun<'a> {
    pub(super) context: &'a ExecContext<'a>,
    pub(super) facts: &'a Facts,
    pub(super) index: usize,
    /// How many there are.
    pub(super) stages: usize,
    pub(super) stage: &'a Stage,
    /// How long somebody else's run of it is waited for, if it was offered.
    pub(super) offered: Option<Duration>,
    /// As many permits as stages may run side by side.
    pub(super) turns: &'a Semaphore,
    pub(super) inputs: &'a Inputs,
    pub(super) before: Done,
}

/// What a stage made, and measured.
pub(super) type Results = (Vec<Made>, Option<Loudness>);

impl StageRun<'_> {
    /// Takes what was kept of it or what somebody else made, or runs it and keeps what it makes.
    pub(super) async fn done(
        &self,
        kept: Option<CachedStage>,
        targets: Vec<Option<Target>>,
        meter: &Meter,
        events: &(dyn Fn(Event) + Send + Sync),
        cancel: Cancel,
    ) -> Result<Results, Error> {
        let stage = self.index;
        if let Some(kept) = kept {
            let made = reuse(self.stage, targets, &kept.outputs).await?;
            events(Event::Reused { stage });
            meter.finish(stage, events);
            return Ok((made, kept.loudness));
        }
        let _turn = match self.turn(&cancel).await? {
            Turn::Ours(permit) => permit,
            Turn::Made(path) => {
                let made = reuse(self.stage, targets, &[path]).await?;
                events(Event::Remote { stage });
                meter.finish(stage, events);
                return Ok((made, None));
            }
        };
        events(Event::Started {
            stage,
            stages: self.stages,
            title: self.stage.title.clone(),
        });
        let started = Instant::now();
        let (outcome, partials) = self.run(targets, &meter.of_stage(stage, events), cancel).await?;
        let measured = match self.stage.kind {
            StageKind::Measure => outcome
                .as_ref()
                .map(|outcome| loudness(self.stage, outcome))
                .transpose()?,
            _ => None,
        };
        // Mere copies of packets are not worth their space.
        if self.stage.kind != StageKind::Copy {
            self.keep(&partials, measured).await;
        }
        let mut made = Vec::new();
        for partial in partials {
            made.push(partial.publish(&self.stage.key).await?);
        }
        meter.finish(stage, events);
        events(Event::Finished {
            stage,
            elapsed: started.elapsed(),
            peak_memory: outcome.and_then(|outcome| outcome.peak_memory),
        });
        Ok((made, measured))
    }

    /// Waits until it may run here, or somebody else has run it.
    async fn turn(&self, cancel: &Cancel) -> Result<Turn<'_>, Error> {
        let mut cancel = cancel.clone();
        tokio::select! {
            turn = self.await_turn() => turn,
            () = cancel.cancelled() => Err(Error::Interrupted),
        }
    }

    async fn await_turn(&self) -> Result<Turn<'_>, Error> {
        let elsewhere = self.context.elsewhere;
        let permit = || async {
            let permit = self.turns.acquire().await;
            permit.map_err(|error| Error::Internal(format!("waiting for a turn: {error}")))
        };
        let Some(patience) = self.offered else {
            return Ok(Turn::Ours(permit().await?));
        };
        let mut theirs_since = None;
        loop {
            let ours = permit().await?;
            match elsewhere.take(self.stage).await {
                Claim::Local => return Ok(Turn::Ours(ours)),
                // Both make the same; whoever is first is used.
                Claim::Remote if theirs_since.get_or_insert_with(Instant::now).elapsed() > patience => {
                    return Ok(Turn::Ours(ours));
                }
                Claim::Remote => {
                    drop(ours);
                    elsewhere.changed().await;
                }
                Claim::Done(made) => {
                    drop(ours);
                    return match elsewhere.fetch(&made).await {
                        Some(path) => Ok(Turn::Made(path)),
                        None => Ok(Turn::Ours(permit().await?)),
                    };
                }
            }
        }
    }

    /// Keeps what it made, by names that nobody else knows: in its place it may be replaced at any time.
    async fn keep(&self, partials: &[Partial], measured: Option<Loudness>) {
        let products = partials.iter().map(Partial::product).collect();
        let stage_cache = self.context.stage_cache;
        stage_cache.put(&self.stage.key, products, measured).await;
    }

    /// Runs it; what it made is right, and not in its places yet. Gives what is left of FFmpeg, if it was needed.
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
        let places = Places::prepare(self.stage, self.facts, paths.collect(), &self.before)?;
        let whole = |partials: Vec<Option<Partial>>| partials.into_iter().flatten().collect();
        if mux(&self.stage.run, &places, &cancel).await {
            match self.verify(&partials, cancel.clone()).await {
                Ok(()) => {
                    self.inputs.are_as_before(self.stage)?;
                    return Ok((None, whole(partials)));
                }
                Err(Error::Mismatch { mismatches, .. }) => {
                    tracing::debug!(
                        "`{}` is left to FFmpeg: {}",
                        self.stage.title,
                        mismatches.join("; ")
                    );
                }
                Err(error) => return Err(error),
            }
        }
        let outcome = self.drive(&places, watcher, cancel.clone()).await?;
        self.verify(&partials, cancel).await?;
        self.inputs.are_as_before(self.stage)?;
        Ok((Some(outcome), whole(partials)))
    }

    /// Has FFmpeg run it.
    async fn drive(&self, places: &Places, watcher: &dyn Watcher, cancel: Cancel) -> Result<Outcome, Error> {
        let (arguments, script) =
            argv(&self.stage.run, places).into_argv(self.facts.ffmpeg.version, &places.script());
        if let Some(script) = script {
            places.write_script(&script)?;
        }
        let ffmpeg = &self.context.tools.ffmpeg;
        let outcome = drive(ffmpeg, &arguments, Limits::default(), watcher, cancel).await?;
        let failure = match outcome.ending {
            Ending::Cancelled => return Err(Error::Interrupted),
            Ending::Exited(status) if status.success() => cut_short(&self.stage.title, &outcome),
            _ => Some(explain(&self.stage.title, &self.stage.run, &outcome)),
        };
        match failure {
            Some(failure) => Err(Error::Render(Box::new(failure))),
            None => Ok(outcome),
        }
    }

    /// Says so if what was made is not what it should be.
    async fn verify(&self, partials: &[Option<Partial>], mut cancel: Cancel) -> Result<(), Error> {
        for (output, partial) in self.stage.run.outputs.iter().zip(partials) {
            let Some(partial) = partial else { continue };
            let check = verify(self.context.tools, partial.path(), &output.expected);
            let verified = async { tokio::join!(check, partial.write_out()).0 };
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

/// How a stage's turn comes.
enum Turn<'a> {
    Ours(tokio::sync::SemaphorePermit<'a>),
    Made(PathBuf),
}

/// Puts what was made before where it is wanted now.
async fn reuse(stage: &Stage, targets: Vec<Option<Target>>, outputs: &[PathBuf]) -> Result<Vec<Made>, Error> {
    let mut made = Vec::new();
    for (target, path) in targets.into_iter().flatten().zip(outputs) {
        let partial = target.open()?;
        tokio::fs::copy(path, partial.path())
            .await
            .map_err(Error::io("copy", path))?;
        made.push(partial.publish(&stage.key).await?);
    }
    Ok(made)
}

fn loudness(stage: &Stage, outcome: &Outcome) -> Result<Loudness, Error> {
    Loudness::from_log(&outcome.log.join("\n")).ok_or_else(|| {
        let mut failure = explain(&stage.title, &stage.run, outcome);
        failure.cause = Cause::NotMeasured;
        Error::Render(Box::new(failure))
    })
}

/// Runs a stage by itself for somebody else, and keeps what it makes: the file is in `folder`.
pub async fn run_alone(
    context: &ExecContext<'_>,
    stage: &Stage,
    facts: &Facts,
    folder: &Path,
    cancel: Cancel,
) -> Result<PathBuf, Error> {
    let kept = context
        .stage_cache
        .get(stage)
        .and_then(|kept| kept.held(&[folder], 0));
    if let Some([path]) = kept.as_ref().map(|kept| kept.outputs.as_slice()) {
        return Ok(path.clone());
    }
    let turns = Semaphore::new(1);
    let inputs = Inputs::of([stage], facts)?;
    let run = StageRun {
        context,
        facts,
        index: 0,
        stages: 1,
        stage,
        offered: None,
        turns: &turns,
        inputs: &inputs,
        before: Done::default(),
    };
    let target = Target::part(folder.join("part"));
    let (_, mut partials) = run.run(vec![Some(target)], &Unwatched, cancel).await?;
    run.keep(&partials, None).await;
    let made = match partials.pop() {
        Some(partial) => partial.publish(&stage.key).await?,
        None => return Err(Error::Internal(format!("`{}` made nothing", stage.title))),
    };
    Ok(made.into_path())
}

/// Nobody looks how far it is.
struct Unwatched;

impl Watcher for Unwatched {
    fn progress(&self, _: &Progress) {}

    fn log(&self, _: &str) {}
}
