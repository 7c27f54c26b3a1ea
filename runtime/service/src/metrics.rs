//! Prometheus metrics of tasks, renders and this process.

use std::fs;
use std::time::Duration;

use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use crate::store::model::{Class, Status};
use crate::store::{DatabaseError, Store};

/// A label and its value.
type Label = [(&'static str, &'static str); 1];

/// The metrics of one process. Those of the queue are the same in all processes.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// Attempts, by outcome.
    pub(crate) attempts: Family<Label, Counter>,
    /// Seconds from the claim to the end of an attempt.
    pub(crate) attempt_seconds: Histogram,
    /// Seconds from a task's creation to its first claim, by class.
    pub(crate) wait_seconds: Family<Label, Histogram>,
    pub(crate) input_bytes: Counter,
    pub(crate) output_bytes: Counter,
    /// Lost leases, by whether the worker or the sweeper noticed.
    pub(crate) lease_losses: Family<Label, Counter>,
    /// Accepted tasks, by whether their results existed.
    pub(crate) submitted: Family<Label, Counter>,
    /// Stages of this process's tasks, by whether they were run here, reused from an earlier render, or run by another
    /// worker.
    pub(crate) stages: Family<Label, Counter>,
    /// Stages run for other workers' tasks, by outcome.
    pub(crate) remote_parts: Family<Label, Counter>,
    pub(crate) peak_memory: Histogram,
    tasks: Family<Label, Gauge>,
    queue_depth: Family<Label, Gauge>,
    queue_oldest: Family<Label, Gauge>,
    cpu_seconds: Gauge<f64, std::sync::atomic::AtomicU64>,
    resident_bytes: Gauge,
}

/// Returns a histogram of durations from 50 ms to seven hours.
fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.05, 2.0, 20))
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("vidc");
        macro_rules! register {
            ($name:literal, $help:literal, $metric:expr) => {{
                let metric = $metric;
                registry.register($name, $help, metric.clone());
                metric
            }};
            ($name:literal, $unit:expr, $help:literal, $metric:expr) => {{
                let metric = $metric;
                registry.register_with_unit($name, $help, $unit, metric.clone());
                metric
            }};
        }
        Metrics {
            attempts: register!("attempts", "Attempts, by outcome", Family::default()),
            attempt_seconds: register!(
                "attempt",
                Unit::Seconds,
                "Time from claim to end of an attempt",
                seconds()
            ),
            wait_seconds: register!(
                "task_wait",
                Unit::Seconds,
                "Time from creation to first claim, by class",
                Family::new_with_constructor(seconds as fn() -> Histogram)
            ),
            input_bytes: register!(
                "input",
                Unit::Bytes,
                "Uploaded and fetched media",
                Counter::default()
            ),
            output_bytes: register!("output", Unit::Bytes, "Stored outputs", Counter::default()),
            lease_losses: register!(
                "lease_losses",
                "Lost leases, by whether the worker or the sweeper noticed",
                Family::default()
            ),
            submitted: register!(
                "tasks_submitted",
                "Accepted tasks, by whether their results existed",
                Family::default()
            ),
            stages: register!(
                "stages",
                "Stages, by whether they were run, reused from an earlier render, or run by another worker",
                Family::default()
            ),
            remote_parts: register!(
                "parts",
                "Stages run for other workers' tasks, by outcome",
                Family::default()
            ),
            peak_memory: register!(
                "render_peak_memory",
                Unit::Bytes,
                "Peak memory of FFmpeg in a stage",
                Histogram::new(exponential_buckets(16e6, 2.0, 12))
            ),
            tasks: register!("tasks", "Tasks, by status", Family::default()),
            queue_depth: register!("queue_depth", "Pending tasks, by class", Family::default()),
            queue_oldest: register!(
                "queue_oldest",
                Unit::Seconds,
                "Waiting time of the oldest pending task, by class",
                Family::default()
            ),
            cpu_seconds: register!(
                "process_cpu",
                Unit::Seconds,
                "CPU time of this process and its finished renders",
                Gauge::default()
            ),
            resident_bytes: register!(
                "process_resident_memory",
                Unit::Bytes,
                "Resident memory of this process",
                Gauge::default()
            ),
            registry,
        }
    }
}

impl Metrics {
    /// Counts the bytes of an uploaded or fetched file.
    pub fn count_input(&self, bytes: u64) {
        self.input_bytes.inc_by(bytes);
    }

    /// Encodes all metrics in the OpenMetrics text format, along with those of another registry.
    pub async fn encode(&self, store: &Store, extra: &Registry) -> Result<String, DatabaseError> {
        let statistics = store.statistics().await?;
        for status in Status::ALL {
            let count = statistics.tasks.iter().find(|(counted, _)| *counted == status);
            self.tasks
                .get_or_create(&[("status", status.name())])
                .set(count.map_or(0, |(_, count)| *count));
        }
        for class in Class::ALL {
            let backlog = statistics.backlog.iter().find(|backlog| backlog.class == class);
            let label = [("class", class.name())];
            self.queue_depth
                .get_or_create(&label)
                .set(backlog.map_or(0, |backlog| backlog.depth));
            let oldest = backlog.map_or(Duration::ZERO, |backlog| backlog.oldest);
            self.queue_oldest
                .get_or_create(&label)
                .set(i64::try_from(oldest.as_secs()).unwrap_or(i64::MAX));
        }
        if let Some(seconds) = read_cpu_seconds() {
            self.cpu_seconds.set(seconds);
        }
        if let Some(bytes) = read_resident_bytes() {
            self.resident_bytes.set(bytes);
        }
        let mut text = String::new();
        let encoded = encode_registry(&mut text, &self.registry)
            .and_then(|()| encode_registry(&mut text, extra))
            .and_then(|()| encode_eof(&mut text));
        debug_assert!(encoded.is_ok(), "writing to a string does not fail");
        Ok(text)
    }
}

/// Reads the user and system time of this process and of its waited-for children, which proc(5) gives in ticks of a
/// hundredth of a second.
fn read_cpu_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11).take(4);
    let ticks: f64 = fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    Some(ticks / 100.0)
}

fn read_resident_bytes() -> Option<i64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: i64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}
