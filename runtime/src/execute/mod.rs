//! Runs a plan: every stage once what it uses is there, every output verified before it appears under its name.

mod meter;
mod order;
mod outputs;
mod places;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::time::Instant;
use vidc_compiler::facts::Facts;
use vidc_compiler::plan::{Loudness, PLAN_VERSION, PartId, Plan, Stage, StageKind, argv};

use crate::cancel::Cancel;
use crate::error::Error;
use crate::ffmpeg::Tools;
use crate::ffmpeg::explain::{Cause, explain};
use crate::ffmpeg::process::{Ending, Limits, Outcome, drive};
use crate::finished::{Finished, Kept};
use crate::verify::verify;
use meter::Meter;
use order::Order;
use outputs::{Made, Target};
use places::Places;

/// A file that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// The name the recipe gives it.
    pub name: String,
    /// Where it is, absolute.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// The content key of the stage that made it.
    pub key: String,
}

/// News of a running plan.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A stage begins.
    Started {
        /// Its index in the plan.
        stage: usize,
        /// How many there are.
        stages: usize,
        /// Its title.
        title: String,
    },
    /// The plan got further.
    Progress {
        /// The stage that is running.
        stage: usize,
        /// Of the whole plan's work, 0 to 100; never less than before.
        percent: f64,
        /// Seconds of media made in a second.
        speed: Option<f64>,
        /// How long the rest of the plan will take, as far as can be told.
        eta: Option<Duration>,
    },
    /// FFmpeg logged a line.
    Log {
        /// The stage that is running.
        stage: usize,
        /// The line.
        line: String,
    },
    /// Parts of a picture did not fit each other; it is encoded as a whole, from the start.
    Fallback {
        /// What did not fit.
        reason: String,
    },
    /// A stage need not run: what it made before was kept.
    Reused {
        /// Its index in the plan.
        stage: usize,
    },
    /// A stage is done, its outputs verified and in their places.
    Finished {
        /// Its index in the plan.
        stage: usize,
        /// How long it took.
        elapsed: Duration,
        /// The most memory ffmpeg was seen to hold, in bytes.
        peak_memory: Option<u64>,
    },
}

/// Runs a plan and writes its outputs into `out_dir`. Whatever goes wrong, no output is ever half there: it is
/// written beside its place under a hidden name, verified, and renamed. What `finished` has of a stage is not made again.
pub async fn execute(
    tools: &Tools,
    plan: &Plan,
    facts: &Facts,
    out_dir: &Path,
    finished: &Finished,
    events: &(dyn Fn(Event) + Send + Sync),
    cancel: Cancel,
) -> Result<Vec<Artifact>, Error> {
    if plan.version != PLAN_VERSION {
        return Err(Error::PlanVersion {
            found: plan.version,
            runs: PLAN_VERSION,
        });
    }
    let out_dir = std::path::absolute(out_dir).map_err(Error::io("find", out_dir))?;
    let inputs = places::inputs(plan, facts)?;
    let work = tempfile::Builder::new()
        .prefix("vidc-parts-")
        .tempdir()
        .map_err(Error::io("make a directory in", std::env::temp_dir()))?;
    let mut targets: Vec<Option<_>> = outputs::targets(plan, &out_dir, work.path(), &inputs)?
        .into_iter()
        .map(Some)
        .collect();
    let meter = Meter::new(plan);
    let mut kept: Vec<Option<Kept>> = plan.stages.iter().map(|stage| finished.get(stage)).collect();
    let mut order = Order::of(plan, |stage| kept[stage].is_some());
    for stage in (0..plan.stages.len()).filter(|stage| !order.has(*stage)) {
        events(Event::Reused { stage });
        meter.finish(stage, events);
    }
    let mut done = Done::default();
    let mut running = FuturesUnordered::new();
    loop {
        while let Some(index) = order.next(running.len()) {
            let run = StageRun {
                tools,
                facts,
                index,
                stage: &plan.stages[index],
                finished,
                before: done.clone(),
            };
            events(Event::Started {
                stage: index,
                stages: plan.stages.len(),
                title: run.stage.title.clone(),
            });
            let targets = targets[index].take().unwrap_or_default();
            let kept = kept[index].take();
            let (meter, cancel) = (&meter, cancel.clone());
            running.push(async move {
                Ok::<_, Error>((index, run.done(kept, targets, meter, events, cancel).await?))
            });
        }
        let Some(ended) = running.next().await else { break };
        let (index, made) = ended?;
        order.ended(index);
        done.add(index, made);
    }
    if let Some((stage, by)) = order.stuck() {
        let title = &plan.stages[stage].title;
        return Err(Error::Internal(format!(
            "`{title}` uses what stage {by} makes, which did not run"
        )));
    }
    Ok(done.artifacts.into_values().flatten().collect())
}

/// What stages have made so far.
#[derive(Clone, Default)]
struct Done {
    measured: BTreeMap<usize, Loudness>,
    parts: BTreeMap<PartId, PathBuf>,
    artifacts: BTreeMap<usize, Vec<Artifact>>,
}

impl Done {
    fn add(&mut self, stage: usize, (made, loudness): (Vec<Made>, Option<Loudness>)) {
        self.measured.extend(loudness.map(|loudness| (stage, loudness)));
        for (output, made) in made.into_iter().enumerate() {
            match made {
                Made::Output(artifact) => self.artifacts.entry(stage).or_default().push(artifact),
                Made::Part(path) => drop(self.parts.insert(PartId { stage, output }, path)),
            }
        }
    }
}

/// Puts what a stage made before where it is wanted now.
async fn reuse(stage: &Stage, targets: Vec<Option<Target>>, kept: &Kept) -> Result<Vec<Made>, Error> {
    let mut made = Vec::new();
    for (target, path) in targets.into_iter().flatten().zip(&kept.outputs) {
        let partial = target.open()?;
        std::fs::copy(path, partial.path()).map_err(Error::io("copy", path))?;
        made.push(partial.publish(&stage.key).await?);
    }
    Ok(made)
}

/// One stage with what it needs.
struct StageRun<'a> {
    tools: &'a Tools,
    facts: &'a Facts,
    index: usize,
    stage: &'a Stage,
    finished: &'a Finished,
    before: Done,
}

impl StageRun<'_> {
    /// Takes what was kept of it, or runs it and keeps what it makes.
    async fn done(
        &self,
        kept: Option<Kept>,
        targets: Vec<Option<Target>>,
        meter: &Meter,
        events: &(dyn Fn(Event) + Send + Sync),
        cancel: Cancel,
    ) -> Result<(Vec<Made>, Option<Loudness>), Error> {
        let (index, stage) = (self.index, self.stage);
        if let Some(kept) = kept {
            let made = reuse(stage, targets, &kept).await?;
            events(Event::Reused { stage: index });
            meter.finish(index, events);
            return Ok((made, kept.loudness));
        }
        let started = Instant::now();
        let (outcome, made) = self.run(targets, &meter.of_stage(index, events), cancel).await?;
        let measured = match stage.kind {
            StageKind::Measure => Some(loudness(stage, &outcome)?),
            _ => None,
        };
        let paths: Vec<PathBuf> = made.iter().map(|made| made.path().to_owned()).collect();
        self.finished.put(stage, &paths, measured);
        meter.finish(index, events);
        events(Event::Finished {
            stage: index,
            elapsed: started.elapsed(),
            peak_memory: outcome.peak_memory,
        });
        Ok((made, measured))
    }

    async fn run(
        &self,
        targets: Vec<Option<Target>>,
        meter: &meter::StageMeter<'_>,
        mut cancel: Cancel,
    ) -> Result<(Outcome, Vec<Made>), Error> {
        let partials = targets
            .into_iter()
            .map(|target| target.map(Target::open).transpose())
            .collect::<Result<Vec<_>, Error>>()?;
        let paths = partials
            .iter()
            .map(|partial| partial.as_ref().map(outputs::Partial::path));
        let places = Places::prepare(self.stage, self.facts, paths.collect(), &self.before)?;
        let (arguments, script) =
            argv(&self.stage.run, &places).vector(self.facts.ffmpeg.version, &places.script());
        if let Some(script) = script {
            places.write_script(&script)?;
        }

        let outcome = drive(
            &self.tools.ffmpeg,
            &arguments,
            Limits::default(),
            meter,
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
            let mismatches = tokio::select! {
                mismatches = verify(self.tools, partial.path(), &output.expected) => mismatches,
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

fn loudness(stage: &Stage, outcome: &Outcome) -> Result<Loudness, Error> {
    Loudness::from_log(&outcome.log.join("\n")).ok_or_else(|| {
        let mut failure = explain(&stage.title, &stage.run, outcome);
        failure.cause = Cause::NotMeasured;
        Error::Render(Box::new(failure))
    })
}
