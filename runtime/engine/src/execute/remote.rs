//! Stages that other workers run instead of this process.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use vidc_compiler::cost::estimate;
use vidc_compiler::facts::Facts;
use vidc_compiler::plan::{Destination, Plan, Stage, StageKind};

/// Stages estimated to take less than this, in seconds, are not worth sending to another machine.
const MIN_SHAREABLE: f64 = 2.0;

/// Runs stages of a plan on other workers.
#[async_trait]
pub trait RemoteExecutor: Send + Sync {
    /// Offers these stages, and only these, to other workers. Returns whether any worker may take them.
    async fn offer(&self, stages: &[&Stage], facts: &Facts) -> bool;

    /// Claims an offered stage for this process, unless another worker has it.
    async fn claim(&self, stage: &Stage) -> Claim;

    /// Fetches a result of another worker by its blob name; `None` if it is not available.
    async fn fetch(&self, blob: &str) -> Option<PathBuf>;

    /// Waits until the state of a stage claimed elsewhere may have changed.
    async fn changed(&self);
}

/// The state of an offered stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// This process runs it.
    Local,
    /// Another worker is running it.
    Remote,
    /// Another worker has finished it; its only output is this blob.
    Done(String),
}

/// No other workers.
#[derive(Clone, Copy, Debug)]
pub struct LocalOnly;

#[async_trait]
impl RemoteExecutor for LocalOnly {
    async fn offer(&self, _: &[&Stage], _: &Facts) -> bool {
        false
    }

    async fn claim(&self, _: &Stage) -> Claim {
        Claim::Local
    }

    async fn fetch(&self, _: &str) -> Option<PathBuf> {
        None
    }

    async fn changed(&self) {}
}

/// The stages that other workers could run, each with its timeout: those that read only media, produce one file and
/// take long enough. Empty if there is only one, since this process can run that itself.
pub(super) fn shareable(
    plan: &Plan,
    facts: &Facts,
    among: impl Fn(usize) -> bool,
) -> BTreeMap<usize, Duration> {
    let estimated = estimate(plan, &facts.rates).stages;
    let is_independent = |stage: &Stage| {
        let [output] = stage.run.outputs.as_slice() else {
            return false;
        };
        stage.kind == StageKind::Render
            && output.destination != Destination::Null
            && stage.dependencies().is_empty()
    };
    let stages = plan.stages.iter().zip(&estimated).enumerate();
    let found: BTreeMap<usize, Duration> = stages
        .filter(|(index, (stage, estimated))| {
            among(*index) && is_independent(stage) && estimated.wall >= MIN_SHAREABLE
        })
        .map(|(index, (_, estimated))| (index, patience(estimated.wall)))
        .collect();
    if found.len() > 1 { found } else { BTreeMap::new() }
}

/// The time to wait for another worker's result, from the stage's estimated seconds.
fn patience(estimated: f64) -> Duration {
    Duration::from_secs(60) + Duration::try_from_secs_f64(4.0 * estimated).unwrap_or_default()
}
