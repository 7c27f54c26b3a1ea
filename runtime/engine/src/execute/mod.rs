//! Runs a plan: every stage once what it uses is there, every output verified before it appears under its name.

mod input_files;
mod outputs;
mod progress;
mod remote;
mod scheduler;
mod stage;

use std::collections::BTreeMap;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tempfile::TempDir;
use tokio::sync::Semaphore;
use vidc_compiler::facts::Facts;
use vidc_compiler::plan::{ArtifactId, Loudness, PLAN_VERSION, Plan, Stage};

use crate::cancel::Cancel;
use crate::error::Error;
use crate::ffmpeg::Tools;
use crate::stage_cache::{CachedStage, StageCache};
use input_files::Inputs;
use outputs::Made;
use progress::Meter;
use scheduler::StageScheduler;
use stage::{Results, StageRun};

pub use remote::{Claim, LocalOnly, RemoteExecutor};
pub use stage::run_alone;

/// More stages side by side would not be faster: each encodes with several threads itself.
const SIDE_BY_SIDE: usize = 8;

/// What plans are run with.
#[derive(Clone, Copy)]
pub struct ExecContext<'a> {
    /// FFmpeg.
    pub tools: &'a Tools,
    /// Stages that were run before.
    pub stage_cache: &'a StageCache,
    /// Who else may run stages.
    pub elsewhere: &'a dyn RemoteExecutor,
}

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
    /// What was copied did not fit; it is encoded as a whole, from the start.
    Fallback {
        /// What did not fit.
        reason: String,
    },
    /// A stage need not run: what it made before was kept.
    Reused {
        /// Its index in the plan.
        stage: usize,
    },
    /// A stage was run by somebody else.
    Remote {
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
/// written beside its place under a hidden name, verified, and renamed. What the workshop has kept of a stage is not made again.
pub async fn execute(
    context: &ExecContext<'_>,
    plan: &Plan,
    facts: &Facts,
    out_dir: &Path,
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
    let inputs = Inputs::of(&plan.stages, facts)?;
    let work = tempfile::Builder::new()
        .prefix("vidc-parts-")
        .tempdir()
        .map_err(Error::io("make a directory in", std::env::temp_dir()))?;
    let mut targets: Vec<Option<_>> = outputs::targets(plan, &out_dir, work.path(), &inputs.paths())?
        .into_iter()
        .map(Some)
        .collect();
    let meter = Meter::new(plan);
    let stage_cache = context.stage_cache;
    let holding = stage_cache.holding();
    let holders: Vec<&Path> = [Some(&work), holding.as_ref()]
        .into_iter()
        .flatten()
        .map(TempDir::path)
        .collect();
    let hold = |(index, stage): (usize, &Stage)| stage_cache.get(stage)?.held(&holders, index);
    let mut kept: Vec<Option<CachedStage>> = plan.stages.iter().enumerate().map(hold).collect();
    let mut order = StageScheduler::of(plan, |stage| kept[stage].is_some());
    for stage in (0..plan.stages.len()).filter(|stage| !order.has(*stage)) {
        events(Event::Reused { stage });
        meter.finish(stage, events);
    }
    let open = |stage: usize| order.has(stage) && kept[stage].is_none();
    let offered = offer(context.elsewhere, plan, facts, open).await;
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let turns = Semaphore::new(cores.min(SIDE_BY_SIDE));
    let mut done = Done::default();
    let mut running = FuturesUnordered::new();
    loop {
        while let Some(index) = order.next() {
            let run = StageRun {
                context,
                facts,
                index,
                stages: plan.stages.len(),
                stage: &plan.stages[index],
                offered: offered.get(&index).copied(),
                turns: &turns,
                inputs: &inputs,
                before: done.clone(),
            };
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

/// Offers what somebody else could run of the stages that are still to be run; those that were offered, and how long
/// somebody else's run of each is waited for.
async fn offer(
    elsewhere: &dyn RemoteExecutor,
    plan: &Plan,
    facts: &Facts,
    open: impl Fn(usize) -> bool,
) -> BTreeMap<usize, Duration> {
    let shareable = remote::shareable(plan, facts, open);
    let stages: Vec<&Stage> = shareable.keys().map(|index| &plan.stages[*index]).collect();
    match elsewhere.offer(&stages, facts).await {
        true => shareable,
        false => BTreeMap::new(),
    }
}

/// What stages have made so far.
#[derive(Clone, Default)]
struct Done {
    measured: BTreeMap<usize, Loudness>,
    parts: BTreeMap<ArtifactId, PathBuf>,
    artifacts: BTreeMap<usize, Vec<Artifact>>,
}

impl Done {
    fn add(&mut self, stage: usize, (made, loudness): Results) {
        self.measured.extend(loudness.map(|loudness| (stage, loudness)));
        for (output, made) in made.into_iter().enumerate() {
            match made {
                Made::Output(artifact) => self.artifacts.entry(stage).or_default().push(artifact),
                Made::Part(path) => drop(self.parts.insert(ArtifactId { stage, output }, path)),
            }
        }
    }
}
