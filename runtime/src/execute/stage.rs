//! One stage: taken from what is kept, left to somebody else, or run, verified and put in its place.

use std::path::{Path, PathBuf};

use tokio::sync::Semaphore;
use tokio::time::Instant;
use vidc_compiler::facts::Facts;
use vidc_compiler::plan::{Loudness, Stage, StageKind, argv};

use super::meter::Meter;
use super::outputs::{Made, Partial, Target};
use super::places::Places;
use super::{Done, Event, Taken, Workshop};
use crate::cancel::Cancel;
use crate::error::Error;
use crate::ffmpeg::explain::{Cause, explain};
use crate::ffmpeg::process::{Ending, Limits, Outcome, Watcher, drive};
use crate::ffmpeg::progress::Progress;
use crate::finished::Kept;
use crate::verify::verify;

/// A stage with what it needs.
pub(super) struct StageRun<'a> {
    pub(super) workshop: &'a Workshop<'a>,
    pub(super) facts: &'a Facts,
    pub(super) index: usize,
    /// How many there are.
    pub(super) stages: usize,
    pub(super) stage: &'a Stage,
    /// Whether somebody else may run it.
    pub(super) offered: bool,
    /// As many permits as stages may run side by side.
    pub(super) turns: &'a Semaphore,
    pub(super) before: Done,
}

/// What a stage made, and measured.
pub(super) type Results = (Vec<Made>, Option<Loudness>);

impl StageRun<'_> {
    /// Takes what was kept of it or what somebody else made, or runs it and keeps what it makes.
    pub(super) async fn done(
        &self,
        kept: Option<Kept>,
        targets: Vec<Option<Target>>,
        meter: &Meter,
        events: &(dyn Fn(Event) + Send + Sync),
        cancel: Cancel,
    ) -> Result<Results, Error> {
        let (stage, index) = (self.index, self.index);
        if let Some(kept) = kept {
            let made = reuse(self.stage, targets, &kept.outputs).await?;
            events(Event::Reused { stage });
            meter.finish(index, events);
            return Ok((made, kept.loudness));
        }
        let _turn = match self.turn(&cancel).await? {
            Turn::Ours(permit) => permit,
            Turn::Made(path) => {
                let made = reuse(self.stage, targets, &[path]).await?;
                events(Event::Elsewhere { stage });
                meter.finish(index, events);
                return Ok((made, None));
            }
        };
        events(Event::Started {
            stage,
            stages: self.stages,
            title: self.stage.title.clone(),
        });
        let started = Instant::now();
        let (outcome, made) = self.run(targets, &meter.of_stage(index, events), cancel).await?;
        let measured = match self.stage.kind {
            StageKind::Measure => Some(loudness(self.stage, &outcome)?),
            _ => None,
        };
        // Mere copies of packets are not worth their space.
        if self.stage.kind != StageKind::Copy {
            let products = made.iter().map(Made::product).collect();
            self.workshop
                .finished
                .put(&self.stage.key, products, measured)
                .await;
        }
        meter.finish(index, events);
        events(Event::Finished {
            stage,
            elapsed: started.elapsed(),
            peak_memory: outcome.peak_memory,
        });
        Ok((made, measured))
    }

    /// Waits until it may run here, or somebody else has run it.
    async fn turn(&self, cancel: &Cancel) -> Result<Turn<'_>, Error> {
        let elsewhere = self.workshop.elsewhere;
        loop {
            let permit = self.turns.acquire().await;
            let permit = permit.map_err(|error| Error::Internal(format!("waiting for a turn: {error}")))?;
            if !self.offered {
                return Ok(Turn::Ours(permit));
            }
            match elsewhere.take(self.stage).await {
                Taken::Ours => return Ok(Turn::Ours(permit)),
                Taken::Made(path) => return Ok(Turn::Made(path)),
                Taken::Theirs => drop(permit),
            }
            let mut cancel = cancel.clone();
            tokio::select! {
                () = elsewhere.changed() => {}
                () = cancel.cancelled() => return Err(Error::Interrupted),
            }
        }
    }

    /// Runs it, and puts what it makes in its places once that is right.
    pub(super) async fn run(
        &self,
        targets: Vec<Option<Target>>,
        watcher: &dyn Watcher,
        mut cancel: Cancel,
    ) -> Result<(Outcome, Vec<Made>), Error> {
        let partials = targets
            .into_iter()
            .map(|target| target.map(Target::open).transpose())
            .collect::<Result<Vec<_>, Error>>()?;
        let paths = partials.iter().map(|partial| partial.as_ref().map(Partial::path));
        let places = Places::prepare(self.stage, self.facts, paths.collect(), &self.before)?;
        let (arguments, script) =
            argv(&self.stage.run, &places).vector(self.facts.ffmpeg.version, &places.script());
        if let Some(script) = script {
            places.write_script(&script)?;
        }
        let tools = self.workshop.tools;
        let outcome = drive(
            &tools.ffmpeg,
            &arguments,
            Limits::default(),
            watcher,
            cancel.clone(),
        )
        .await?;
        match outcome.ending {
            Ending::Cancelled => return Err(Error::Interrupted),
            Ending::Exited(status) if status.success() => {}
            _ => {
                let failure = explain(&self.stage.title, &self.stage.run, &outcome);
                return Err(Error::Render(Box::new(failure)));
            }
        }
        for (output, partial) in self.stage.run.outputs.iter().zip(&partials) {
            let Some(partial) = partial else { continue };
            let verified = async {
                let verify = verify(tools, partial.path(), &output.expected);
                tokio::join!(verify, partial.write_out()).0
            };
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
        let mut made = Vec::new();
        for partial in partials.into_iter().flatten() {
            made.push(partial.publish(&self.stage.key).await?);
        }
        Ok((outcome, made))
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
pub(crate) async fn run_alone(
    workshop: &Workshop<'_>,
    stage: &Stage,
    facts: &Facts,
    folder: &Path,
    cancel: Cancel,
) -> Result<PathBuf, Error> {
    if let Some(kept) = workshop.finished.get(stage)
        && let [path] = kept.outputs.as_slice()
    {
        return Ok(path.clone());
    }
    let turns = Semaphore::new(1);
    let run = StageRun {
        workshop,
        facts,
        index: 0,
        stages: 1,
        stage,
        offered: false,
        turns: &turns,
        before: Done::default(),
    };
    let target = Target::part(folder.join("part"));
    let (_, made) = run.run(vec![Some(target)], &Unwatched, cancel).await?;
    let [made] = made.as_slice() else {
        return Err(Error::Internal(format!(
            "`{}` was to make one file and made {}",
            stage.title,
            made.len()
        )));
    };
    let product = made.product();
    let path = product.path.clone();
    workshop.finished.put(&stage.key, vec![product], None).await;
    Ok(path)
}

/// Nobody looks how far it is.
struct Unwatched;

impl Watcher for Unwatched {
    fn progress(&self, _: &Progress) {}

    fn log(&self, _: &str) {}
}
