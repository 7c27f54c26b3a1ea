//! How far a whole plan is, from how far its running stages are.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;
use vidc_compiler::cost::{Rates, estimate};
use vidc_compiler::plan::Plan;

use super::Event;
use crate::ffmpeg::process::Watcher;
use crate::ffmpeg::progress::Progress;

/// The work of a plan, stage by stage.
pub(super) struct Meter {
    /// Each stage's share of the whole, all together 1.
    shares: Vec<f64>,
    /// Each stage's length in seconds.
    lengths: Vec<f64>,
    started: Instant,
    told: Mutex<Told>,
}

/// How far the work is.
struct Told {
    /// How much of each stage is done, 0 to 1.
    parts: Vec<f64>,
    /// The percentage last told: it never falls.
    percent: f64,
}

impl Meter {
    pub(super) fn new(plan: &Plan) -> Meter {
        // How stages compare is much the same on any machine. None counts for nothing, whatever is estimated.
        let stages = estimate(plan, &Rates::default()).stages;
        let weights: Vec<f64> = stages.iter().map(|stage| stage.wall.max(0.01)).collect();
        let whole: f64 = weights.iter().sum();
        Meter {
            shares: weights.iter().map(|weight| weight / whole).collect(),
            lengths: plan
                .stages
                .iter()
                .map(|stage| stage.duration.as_secs_f64())
                .collect(),
            started: Instant::now(),
            told: Mutex::new(Told {
                parts: vec![0.0; plan.stages.len()],
                percent: 0.0,
            }),
        }
    }

    /// A watcher of the stage's run.
    pub(super) fn of_stage<'a>(
        &'a self,
        stage: usize,
        events: &'a (dyn Fn(Event) + Send + Sync),
    ) -> StageMeter<'a> {
        StageMeter {
            meter: self,
            stage,
            events,
        }
    }

    /// The stage is done, whatever its progress said last.
    pub(super) fn finish(&self, stage: usize, events: &(dyn Fn(Event) + Send + Sync)) {
        self.tell(stage, 1.0, None, events);
    }

    /// `part` of the stage is done, 0 to 1.
    fn tell(&self, stage: usize, part: f64, speed: Option<f64>, events: &(dyn Fn(Event) + Send + Sync)) {
        let percent = {
            let mut told = self
                .told
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            if let Some(known) = told.parts.get_mut(stage) {
                *known = part.max(*known);
            }
            let done: f64 = told
                .parts
                .iter()
                .zip(&self.shares)
                .map(|(part, share)| part * share)
                .sum();
            let all = told.parts.iter().all(|part| *part >= 1.0);
            let now = if all { 100.0 } else { 100.0 * done };
            told.percent = told.percent.max(now.clamp(0.0, 100.0));
            told.percent
        };
        events(Event::Progress {
            stage,
            percent,
            speed,
            eta: self.eta(percent),
        });
    }

    /// By how long it took this far; the first moments tell nothing.
    fn eta(&self, percent: f64) -> Option<Duration> {
        let elapsed = self.started.elapsed().as_secs_f64();
        let rest = elapsed * (100.0 - percent) / percent;
        (percent >= 1.0 && elapsed >= 0.5).then(|| Duration::try_from_secs_f64(rest).ok())?
    }
}

/// Watches one stage's run.
pub(super) struct StageMeter<'a> {
    meter: &'a Meter,
    stage: usize,
    events: &'a (dyn Fn(Event) + Send + Sync),
}

impl Watcher for StageMeter<'_> {
    fn progress(&self, progress: &Progress) {
        let length = self.meter.lengths.get(self.stage).copied().unwrap_or(0.0);
        let done = progress.time.map_or(0.0, |time| time.as_secs_f64());
        let part = if length > 0.0 {
            (done / length).clamp(0.0, 1.0)
        } else {
            0.0
        };
        // Verifying comes after: the stage's last word is `finish`.
        self.meter
            .tell(self.stage, part.min(0.999), progress.speed, self.events);
    }

    fn log(&self, line: &str) {
        (self.events)(Event::Log {
            stage: self.stage,
            line: line.to_owned(),
        });
    }
}
