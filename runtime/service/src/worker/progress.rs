//! Progress and log of an attempt, from the engine's events.

use std::sync::{Mutex, MutexGuard, PoisonError};

use vidc_engine::execute::Event;

use crate::metrics::Metrics;
use crate::store::model::TaskId;

/// Size in bytes after which an attempt's log is cut off.
const MAX_LOG_BYTES: usize = 1 << 20;

/// Collects an attempt's events until they are written to the database.
pub(super) struct Progress<'a> {
    task: TaskId,
    metrics: &'a Metrics,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    percent: i64,
    stage: String,
    /// Lines that were not taken yet.
    log: String,
    /// Bytes of all lines, including those that were taken.
    log_bytes: usize,
}

impl<'a> Progress<'a> {
    pub(super) fn new(task: TaskId, metrics: &'a Metrics) -> Self {
        Progress {
            task,
            metrics,
            state: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the percentage and the title of the current stage.
    pub(super) fn current(&self) -> (i64, String) {
        let state = self.lock();
        (state.percent, state.stage.clone())
    }

    /// Takes the lines that were logged since the last call.
    pub(super) fn take_log(&self) -> String {
        std::mem::take(&mut self.lock().log)
    }

    /// Records an event.
    pub(super) fn record(&self, event: Event) {
        let mut state = self.lock();
        let stages = &self.metrics.stages;
        let line = match event {
            Event::Started { title, .. } => {
                state.stage.clone_from(&title);
                format!("# {title}")
            }
            Event::Progress { percent, .. } => {
                // 100 % is reached by the commit alone.
                state.percent = state.percent.max(percent.clamp(0.0, 99.0) as i64);
                return;
            }
            Event::Log { line, .. } => line,
            Event::Fallback { reason } => {
                format!("# falling back to a full encode, because the copied packets do not fit: {reason}")
            }
            Event::Reused { .. } => {
                stages.get_or_create(&[("result", "kept")]).inc();
                "# reused the result of an earlier render".to_owned()
            }
            Event::Remote { .. } => {
                stages.get_or_create(&[("result", "elsewhere")]).inc();
                "# rendered by another worker".to_owned()
            }
            Event::Finished {
                elapsed, peak_memory, ..
            } => {
                stages.get_or_create(&[("result", "new")]).inc();
                let peak = peak_memory.unwrap_or(0) as f64;
                self.metrics.peak_memory.observe(peak);
                tracing::info!(task = %self.task, seconds = elapsed.as_secs_f64(), peak, "ffmpeg ended");
                format!("# done in {:.1} s", elapsed.as_secs_f64())
            }
        };
        if state.log_bytes < MAX_LOG_BYTES {
            state.log_bytes += line.len();
            state.log.push_str(&line);
            state.log.push('\n');
        }
    }
}
