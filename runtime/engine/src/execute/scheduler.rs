//! Which stages can run.

use std::collections::BTreeSet;

use vidc_compiler::plan::Plan;

/// The stages that have not begun, with those that each still waits for.
pub(super) struct StageScheduler {
    waiting: Vec<(usize, BTreeSet<usize>)>,
}

impl StageScheduler {
    /// All that is to be done where some stages' work was kept: what only those would use is not.
    pub(super) fn of(plan: &Plan, is_kept: impl Fn(usize) -> bool) -> StageScheduler {
        let mut wanted: BTreeSet<usize> = BTreeSet::new();
        let mut waiting = Vec::new();
        for (index, stage) in plan.stages.iter().enumerate().rev() {
            let named = stage.run.outputs.iter().any(|output| output.name().is_some());
            if !named && !wanted.contains(&index) {
                continue;
            }
            let uses = if is_kept(index) {
                BTreeSet::new()
            } else {
                stage.dependencies()
            };
            wanted.extend(&uses);
            waiting.push((index, uses));
        }
        waiting.reverse();
        StageScheduler { waiting }
    }

    /// Whether a stage is still to begin.
    pub(super) fn has(&self, stage: usize) -> bool {
        self.waiting.iter().any(|(waiting, _)| *waiting == stage)
    }

    /// The first stage that can run; it counts as begun.
    pub(super) fn next(&mut self) -> Option<usize> {
        let ready = self.waiting.iter().position(|(_, uses)| uses.is_empty())?;
        Some(self.waiting.remove(ready).0)
    }

    /// A stage that nothing it waits for will ever let begin, with the first of those: no plan of ours has any.
    pub(super) fn stuck(&self) -> Option<(usize, usize)> {
        let (stage, uses) = self.waiting.first()?;
        Some((*stage, uses.first().copied()?))
    }

    /// A stage is done.
    pub(super) fn ended(&mut self, stage: usize) {
        for (_, uses) in &mut self.waiting {
            uses.remove(&stage);
        }
    }
}
