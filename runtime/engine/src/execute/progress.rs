//! Computes a plan's progress from the progress of its stages.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;
use vidc_compiler::cost::{Rates, estimate};
use vidc_compiler::plan::Plan;

use super::event::Event;
use crate::ffmpeg::process::Watcher;
use crate::ffmpeg::progress::Progress;

/// Progress of a plan.
pub(super) struct PlanProgress {
    /// Each stage's share of the work; they add up to 1.
    shares: Vec<f64>,
    /// Each stage's length in seconds.
    lengths: Vec<f64>,
    started: Instant,
    state: Mutex<State>,
}

/// The mutable state.
struct State {
    /// The completed fraction of each stage, 0 to 1.
    parts: Vec<f64>,
    /// The last reported percentage; monotonic.
    percent: f64,
}

impl PlanProgress {
    pub(super) fn new(plan: &Plan) -> PlanProgress {
        // Relative costs are similar on all machines, so the default rates do. Every stage has some weight.
        let stages = estimate(plan, &Rates::default()).stages;
        let weights: Vec<f64> = stages.iter().map(|stage| stage.wall.max(0.01)).collect();
        let whole: f64 = weights.iter().sum();
        PlanProgress {
            shares: weights.iter().map(|weight| weight / whole).collect(),
            lengths: plan
                .stages
                .iter()
                .map(|stage| stage.duration.as_secs_f64())
                .collect(),
            started: Instant::now(),
            state: Mutex::new(State {
                parts: vec![0.0; plan.stages.len()],
                percent: 0.0,
            }),
        }
    }

    /// Returns a watcher for a stage's run.
    pub(super) fn stage<'a>(
        &'a self,
        stage: usize,
        events: &'a (dyn Fn(Event) + Send + Sync),
    ) -> StageProgress<'a> {
        StageProgress {
            progress: self,
            stage,
            events,
        }
    }

    /// Marks a stage as finished.
    pub(super) fn finish(&self, stage: usize, events: &(dyn Fn(Event) + Send + Sync)) {
        self.report(stage, 1.0, None, events);
    }

    /// Reports that `part` of the stage is done, 0 to 1.
    fn report(&self, stage: usize, part: f64, speed: Option<f64>, events: &(dyn Fn(Event) + Send + Sync)) {
        let percent = {
            let mut state = self
                .state
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            if let Some(known) = state.parts.get_mut(stage) {
                *known = part.max(*known);
            }
            let done: f64 = state
                .parts
                .iter()
                .zip(&self.shares)
                .map(|(part, share)| part * share)
                .sum();
            let all = state.parts.iter().all(|part| *part >= 1.0);
            let now = if all { 100.0 } else { 100.0 * done };
            state.percent = state.percent.max(now.clamp(0.0, 100.0));
            state.percent
        };
        events(Event::Progress {
            stage,
            percent,
            speed,
            eta: self.eta(percent),
        });
    }

    /// Extrapolates from the elapsed time; `None` at the very beginning.
    fn eta(&self, percent: f64) -> Option<Duration> {
        let elapsed = self.started.elapsed().as_secs_f64();
        let rest = elapsed * (100.0 - percent) / percent;
        (percent >= 1.0 && elapsed >= 0.5).then(|| Duration::try_from_secs_f64(rest).ok())?
    }
}

/// Watches one stage's run.
pub(super) struct StageProgress<'a> {
    progress: &'a PlanProgress,
    stage: usize,
    events: &'a (dyn Fn(Event) + Send + Sync),
}

impl Watcher for StageProgress<'_> {
    fn progress(&self, progress: &Progress) {
        let length = self.progress.lengths.get(self.stage).copied().unwrap_or(0.0);
        let done = progress.time.map_or(0.0, |time| time.as_secs_f64());
        let part = if length > 0.0 {
            (done / length).clamp(0.0, 1.0)
        } else {
            0.0
        };
        // Verification comes after, so only `finish` reports 100 %.
        self.progress
            .report(self.stage, part.min(0.999), progress.speed, self.events);
    }

    fn log(&self, line: &str) {
        (self.events)(Event::Log {
            stage: self.stage,
            line: line.to_owned(),
        });
    }
}
