//! Orders stages by their dependencies.

use std::collections::BTreeSet;

use vidc_compiler::plan::Plan;

/// The stages that have not started, each with the stages it still waits for.
pub(super) struct StageScheduler {
    waiting: Vec<(usize, BTreeSet<usize>)>,
}

impl StageScheduler {
    /// All stages needed for the outputs, except those that only cached stages would use.
    pub(super) fn new(plan: &Plan, is_cached: impl Fn(usize) -> bool) -> StageScheduler {
        let mut needed: BTreeSet<usize> = BTreeSet::new();
        let mut waiting = Vec::new();
        for (index, stage) in plan.stages.iter().enumerate().rev() {
            let named = stage.run.outputs.iter().any(|output| output.name().is_some());
            if !named && !needed.contains(&index) {
                continue;
            }
            let uses = if is_cached(index) {
                BTreeSet::new()
            } else {
                stage.dependencies()
            };
            needed.extend(&uses);
            waiting.push((index, uses));
        }
        waiting.reverse();
        StageScheduler { waiting }
    }

    /// Whether a stage has not started.
    pub(super) fn is_waiting(&self, stage: usize) -> bool {
        self.waiting.iter().any(|(waiting, _)| *waiting == stage)
    }

    /// Takes the first stage that can run.
    pub(super) fn next(&mut self) -> Option<usize> {
        let ready = self.waiting.iter().position(|(_, uses)| uses.is_empty())?;
        Some(self.waiting.remove(ready).0)
    }

    /// A stage whose dependency will never complete, with that dependency. Valid plans have none.
    pub(super) fn blocked(&self) -> Option<(usize, usize)> {
        let (stage, uses) = self.waiting.first()?;
        Some((*stage, uses.first().copied()?))
    }

    /// Marks a stage as completed.
    pub(super) fn complete(&mut self, stage: usize) {
        for (_, uses) in &mut self.waiting {
            uses.remove(&stage);
        }
    }
}
