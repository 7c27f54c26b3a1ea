//! What Prometheus is told of tasks, renders and this process.

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

/// One label and its value.
type Label = [(&'static str, &'static str); 1];

/// The figures of one process; those of the queue are the same in all.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// Attempts by how they ended.
    pub(crate) attempts: Family<Label, Counter>,
    /// Seconds from the claim to the end.
    pub(crate) attempt_seconds: Histogram,
    /// Seconds from the task's creation to its first claim.
    pub(crate) wait_seconds: Family<Label, Histogram>,
    pub(crate) input_bytes: Counter,
    pub(crate) output_bytes: Counter,
    /// By whether the worker noticed, or the sweeper did.
    pub(crate) lease_losses: Family<Label, Counter>,
    /// Tasks by whether their result was there already.
    pub(crate) submitted: Family<Label, Counter>,
    /// Stages of this process's tasks by whether they were run, kept from an earlier render, or run elsewhere.
    pub(crate) stages: Family<Label, Counter>,
    /// Stages run for tasks of other workers by how they ended.
    pub(crate) remote_parts: Family<Label, Counter>,
    pub(crate) peak_memory: Histogram,
    tasks: Family<Label, Gauge>,
    depth: Family<Label, Gauge>,
    oldest: Family<Label, Gauge>,
    processor: Gauge<f64, std::sync::atomic::AtomicU64>,
    resident: Gauge,
}

/// From a twentieth of a second to half a day.
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
            attempts: register!("attempts", "Attempts, by how they ended", Family::default()),
            attempt_seconds: register!("attempt", Unit::Seconds, "From claim to end", seconds()),
            wait_seconds: register!(
                "task_wait",
                Unit::Seconds,
                "From creation to the first claim, by class",
                Family::new_with_constructor(seconds as fn() -> Histogram)
            ),
            input_bytes: register!(
                "input",
                Unit::Bytes,
                "Media that were received",
                Counter::default()
            ),
            output_bytes: register!(
                "output",
                Unit::Bytes,
                "Results that were stored",
                Counter::default()
            ),
            lease_losses: register!("lease_losses", "Leases lost, by who noticed", Family::default()),
            submitted: register!(
                "tasks_submitted",
                "Tasks accepted, by whether the result was there already",
                Family::default()
            ),
            stages: register!(
                "stages",
                "Stages, by whether they were run, kept from an earlier render, or run elsewhere",
                Family::default()
            ),
            remote_parts: register!(
                "parts",
                "Stages run for tasks of other workers, by how they ended",
                Family::default()
            ),
            peak_memory: register!(
                "render_peak_memory",
                Unit::Bytes,
                "The most memory FFmpeg held in a stage",
                Histogram::new(exponential_buckets(16e6, 2.0, 12))
            ),
            tasks: register!("tasks", "Tasks, by status", Family::default()),
            depth: register!("queue_depth", "Pending tasks, by class", Family::default()),
            oldest: register!(
                "queue_oldest",
                Unit::Seconds,
                "How long the oldest pending task has been waiting, by class",
                Family::default()
            ),
            processor: register!(
                "process_cpu",
                Unit::Seconds,
                "Processor time of this process and of the renders it has waited for",
                Gauge::default()
            ),
            resident: register!(
                "process_resident_memory",
                Unit::Bytes,
                "Memory of this process",
                Gauge::default()
            ),
            registry,
        }
    }
}

impl Metrics {
    /// Received media.
    pub fn count_input(&self, bytes: u64) {
        self.input_bytes.inc_by(bytes);
    }

    /// Everything in the OpenMetrics text format, with what `more` holds.
    pub async fn encode(&self, store: &Store, more: &Registry) -> Result<String, DatabaseError> {
        let statistics = store.statistics().await?;
        for status in Status::ALL {
            let count = statistics.tasks.iter().find(|(of, _)| *of == status);
            self.tasks
                .get_or_create(&[("status", status.name())])
                .set(count.map_or(0, |(_, count)| *count));
        }
        for class in Class::ALL {
            let backlog = statistics.backlog.iter().find(|backlog| backlog.class == class);
            let label = [("class", class.name())];
            self.depth
                .get_or_create(&label)
                .set(backlog.map_or(0, |backlog| backlog.depth));
            let oldest = backlog.map_or(Duration::ZERO, |backlog| backlog.oldest);
            self.oldest
                .get_or_create(&label)
                .set(i64::try_from(oldest.as_secs()).unwrap_or(i64::MAX));
        }
        if let Some(seconds) = processor_seconds() {
            self.processor.set(seconds);
        }
        if let Some(bytes) = resident_bytes() {
            self.resident.set(bytes);
        }
        let mut text = String::new();
        let encoded = encode_registry(&mut text, &self.registry)
            .and_then(|()| encode_registry(&mut text, more))
            .and_then(|()| encode_eof(&mut text));
        debug_assert!(encoded.is_ok(), "writing to a string does not fail");
        Ok(text)
    }
}

/// User and system time of this process and of its children that have ended, as proc(5) tells in hundredths of a second.
fn processor_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11).take(4);
    let ticks: f64 = fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    Some(ticks / 100.0)
}

fn resident_bytes() -> Option<i64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: i64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}
