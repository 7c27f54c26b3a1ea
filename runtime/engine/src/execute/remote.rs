//! Stages that other workers run instead of this process.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use vidc_compiler::cost::estimate;
use vidc_compiler::facts::Facts;
use vidc_compiler::plan::{Destination, Plan, Stage, StageKind};

/// A stage that is estimated to take less, in seconds, is not worth carrying to another machine and back.
const WORTH: f64 = 2.0;

/// Runs stages of a plan on other workers.
#[async_trait]
pub trait RemoteExecutor: Send + Sync {
    /// Tells them of stages that they may run, each by itself, and that they may run no others. Whether they may.
    async fn offer(&self, stages: &[&Stage], facts: &Facts) -> bool;

    /// Takes an offered stage for this process, unless somebody else has it.
    async fn take(&self, stage: &Stage) -> Claim;

    /// Brings what somebody else has made, by the name it has there, to this machine; none if it cannot be had.
    async fn fetch(&self, made: &str) -> Option<PathBuf>;

    /// Waits until it is worth asking again for a stage that somebody else has.
    async fn changed(&self);
}

/// What has become of an offered stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is this process's to run.
    Local,
    /// Somebody else runs it.
    Remote,
    /// Somebody else has run it; its only output can be fetched by this name.
    Done(String),
}

/// There is nobody else.
#[derive(Clone, Copy, Debug)]
pub struct LocalOnly;

#[async_trait]
impl RemoteExecutor for LocalOnly {
    async fn offer(&self, _: &[&Stage], _: &Facts) -> bool {
        false
    }

    async fn take(&self, _: &Stage) -> Claim {
        Claim::Local
    }

    async fn fetch(&self, _: &str) -> Option<PathBuf> {
        None
    }

    async fn changed(&self) {}
}

/// Which of some stages somebody else could run, each with how long that may take: each reads nothing but media, makes one
/// file, and takes its time. One alone is none, for this process runs it as well as any.
pub(super) fn shareable(
    plan: &Plan,
    facts: &Facts,
    among: impl Fn(usize) -> bool,
) -> BTreeMap<usize, Duration> {
    let estimated = estimate(plan, &facts.rates).stages;
    let alone = |stage: &Stage| {
        let [output] = stage.run.outputs.as_slice() else {
            return false;
        };
        stage.kind == StageKind::Render
            && output.destination != Destination::Null
            && stage.dependencies().is_empty()
    };
    let stages = plan.stages.iter().zip(&estimated).enumerate();
    let found: BTreeMap<usize, Duration> = stages
        .filter(|(index, (stage, estimated))| among(*index) && alone(stage) && estimated.wall >= WORTH)
        .map(|(index, (_, estimated))| (index, patience(estimated.wall)))
        .collect();
    if found.len() > 1 { found } else { BTreeMap::new() }
}

/// How long somebody else's run of a stage is waited for that is estimated to take some seconds.
fn patience(estimated: f64) -> Duration {
    Duration::from_secs(60) + Duration::try_from_secs_f64(4.0 * estimated).unwrap_or_default()
}
