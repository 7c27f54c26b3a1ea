//! Executes a plan: each stage runs once its inputs exist, and each output is verified before it appears under its
//! name.

mod context;
mod event;
mod input_files;
mod outputs;
mod progress;
mod remote;
mod results;
mod scheduler;
mod stage;

use std::collections::BTreeMap;
use std::num::NonZero;
use std::path::Path;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tempfile::TempDir;
use tokio::sync::Semaphore;
use vidc_compiler::facts::Facts;
use vidc_compiler::plan::{PLAN_VERSION, Plan, Stage};

use crate::cancel::Cancel;
use crate::error::Error;
use crate::stage_cache::CachedStage;
use input_files::Inputs;
use progress::PlanProgress;
use results::Completed;
use scheduler::StageScheduler;
use stage::StageRun;

pub use context::ExecContext;
pub use event::Event;
pub use remote::{Claim, LocalOnly, RemoteExecutor};
pub use results::Artifact;
pub use stage::run_stage;

/// Maximum number of parallel stages. More would not be faster: each encodes with several threads.
const MAX_PARALLEL_STAGES: usize = 8;

/// Executes a plan and writes its outputs into `out_dir`. No output is ever incomplete: it is written under a hidden
/// name in the same directory, verified, and renamed. Stages with cached results are not run again.
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
    let out_dir = std::path::absolute(out_dir).map_err(Error::io("resolve", out_dir))?;
    let inputs = Inputs::resolve(&plan.stages, facts)?;
    let work = tempfile::Builder::new()
        .prefix("vidc-parts-")
        .tempdir()
        .map_err(Error::io("create a directory in", std::env::temp_dir()))?;
    let mut targets: Vec<Option<_>> = outputs::targets(plan, &out_dir, work.path(), &inputs.paths())?
        .into_iter()
        .map(Some)
        .collect();
    let progress = PlanProgress::new(plan);
    let stage_cache = context.stage_cache;
    let lease = stage_cache.holding();
    let lease_folders: Vec<&Path> = [Some(&work), lease.as_ref()]
        .into_iter()
        .flatten()
        .map(TempDir::path)
        .collect();
    let cached = |(index, stage): (usize, &Stage)| stage_cache.get(stage)?.held(&lease_folders, index);
    let mut cached: Vec<Option<CachedStage>> = plan.stages.iter().enumerate().map(cached).collect();
    let mut scheduler = StageScheduler::new(plan, |stage| cached[stage].is_some());
    for stage in (0..plan.stages.len()).filter(|stage| !scheduler.is_waiting(*stage)) {
        events(Event::Reused { stage });
        progress.finish(stage, events);
    }
    let open = |stage: usize| scheduler.is_waiting(stage) && cached[stage].is_none();
    let offered = offer(context.elsewhere, plan, facts, open).await;
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let permits = Semaphore::new(cores.min(MAX_PARALLEL_STAGES));
    let mut completed = Completed::default();
    let mut running = FuturesUnordered::new();
    loop {
        while let Some(index) = scheduler.next() {
            let run = StageRun {
                context,
                facts,
                index,
                stages: plan.stages.len(),
                stage: &plan.stages[index],
                offered: offered.get(&index).copied(),
                permits: &permits,
                inputs: &inputs,
                completed: completed.clone(),
            };
            let targets = targets[index].take().unwrap_or_default();
            let cached = cached[index].take();
            let (progress, cancel) = (&progress, cancel.clone());
            running.push(async move {
                Ok::<_, Error>((
                    index,
                    run.complete(cached, targets, progress, events, cancel).await?,
                ))
            });
        }
        let Some(ended) = running.next().await else { break };
        let (index, result) = ended?;
        scheduler.complete(index);
        completed.add(index, result);
    }
    if let Some((stage, by)) = scheduler.blocked() {
        let title = &plan.stages[stage].title;
        return Err(Error::Internal(format!(
            "`{title}` needs the output of stage {by}, which did not run"
        )));
    }
    Ok(completed.artifacts.into_values().flatten().collect())
}

/// Offers the stages that other workers could run. Returns those offered, each with the time to wait for its result.
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
