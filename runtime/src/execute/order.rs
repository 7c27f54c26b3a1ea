//! Which stages can run, and how many side by side.

use std::collections::BTreeSet;
use std::num::NonZero;

use vidc_compiler::plan::Plan;

/// More would not be faster: each encodes with several threads itself.
const MOST: usize = 8;

/// The stages that have not begun, with those that each still waits for.
pub(super) struct Order {
    waiting: Vec<(usize, BTreeSet<usize>)>,
    side_by_side: usize,
}

impl Order {
    /// All that is to be done where some stages' work was kept: what only those would use is not.
    pub(super) fn of(plan: &Plan, is_kept: impl Fn(usize) -> bool) -> Order {
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
                stage.uses()
            };
            wanted.extend(&uses);
            waiting.push((index, uses));
        }
        waiting.reverse();
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        Order {
            waiting,
            side_by_side: cores.min(MOST),
        }
    }

    /// Whether a stage is still to begin.
    pub(super) fn has(&self, stage: usize) -> bool {
        self.waiting.iter().any(|(waiting, _)| *waiting == stage)
    }

    /// The first stage that can run beside so many; it counts as begun.
    pub(super) fn next(&mut self, running: usize) -> Option<usize> {
        let ready = self.waiting.iter().position(|(_, uses)| uses.is_empty())?;
        (running < self.side_by_side).then(|| self.waiting.remove(ready).0)
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
