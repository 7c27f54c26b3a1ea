//! Progress events of a running plan.

use std::time::Duration;

/// An event of a running plan.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A stage starts.
    Started {
        /// Its index in the plan.
        stage: usize,
        /// The number of stages in the plan.
        stages: usize,
        /// Its title.
        title: String,
    },
    /// Progress of the plan.
    Progress {
        /// The stage that is running.
        stage: usize,
        /// Share of the whole plan, 0 to 100; monotonic.
        percent: f64,
        /// Seconds of media rendered per second.
        speed: Option<f64>,
        /// Estimated time left, if it can be estimated.
        eta: Option<Duration>,
    },
    /// FFmpeg logged a line.
    Log {
        /// The stage that is running.
        stage: usize,
        /// The line.
        line: String,
    },
    /// Copied packets failed verification; everything is encoded instead.
    Fallback {
        /// What failed verification.
        reason: String,
    },
    /// A stage was skipped: its result is in the cache.
    Reused {
        /// Its index in the plan.
        stage: usize,
    },
    /// A stage was run by another worker.
    Remote {
        /// Its index in the plan.
        stage: usize,
    },
    /// A stage has finished, with its outputs verified and in place.
    Finished {
        /// Its index in the plan.
        stage: usize,
        /// Wall time.
        elapsed: Duration,
        /// Peak memory of ffmpeg, in bytes.
        peak_memory: Option<u64>,
    },
}
