//! The estimate of a plan on a machine.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{EncodeWork, Rates, Work};
use crate::plan::{Destination, Plan, RunOutput, RunSource, Segment, SegmentSource, Stage};

/// The estimated cost of a plan. Much depends on the content: half as much or twice as much is not unusual.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Estimate {
    /// Whether the rates were measured on this machine.
    pub measured: bool,
    /// Wall time in seconds.
    pub wall: f64,
    /// CPU time in seconds.
    pub cpu: f64,
    /// Bytes of the files that the recipe names.
    pub bytes: u64,
    /// Stage by stage.
    pub stages: Vec<StageEstimate>,
}

/// The estimated cost of a stage.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct StageEstimate {
    /// Wall time in seconds.
    pub wall: f64,
    /// CPU time in seconds.
    pub cpu: f64,
    /// Bytes of its outputs.
    pub bytes: u64,
    /// What limits its speed.
    pub bottleneck: Bottleneck,
    /// Seconds that its filters take on the one thread that runs them.
    pub filter_seconds: f64,
    /// Wall time in seconds if its filters ran on all processors: if segments of the output were rendered in parallel, each
    /// with a filter graph of its own.
    pub parallel_wall: f64,
}

impl StageEstimate {
    /// Seconds saved if its filter graph did not run on one thread.
    pub fn parallel_saving(&self) -> f64 {
        self.wall - self.parallel_wall
    }
}

/// What limits the speed of a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bottleneck {
    /// Process starts, verification, and copying packets: there is no other work.
    Overhead,
    /// One decoder, which cannot use more processors.
    Decoder,
    /// The thread that runs the filter graph and everything that has no thread of its own.
    FilterGraph,
    /// One encoder, which cannot use more processors.
    Encoder,
    /// The CPU time of all processors.
    Cpu,
}

/// The container's own bytes in a file.
const CONTAINER_BYTES: f64 = 2000.0;
/// The share of time that processors are busy when several work on one run.
const UTILIZATION: f64 = 0.8;
/// x264's `crf` below which no content needs more bits.
const BEST_QUALITY: f64 = 8.0;

/// Estimates a plan with a machine's rates.
pub fn estimate(plan: &Plan, rates: &Rates) -> Estimate {
    let mut total = Estimate {
        measured: rates.measured,
        ..Estimate::default()
    };
    for stage in &plan.stages {
        let artifact_bytes: u64 = copied_stages(stage)
            .into_iter()
            .filter_map(|index| Some(total.stages.get(index)?.bytes))
            .sum();
        let estimated = estimate_stage(stage, rates, artifact_bytes);
        total.cpu += estimated.cpu;
        let is_named = |output: &RunOutput| matches!(output.destination, Destination::Named(_));
        if stage.run.outputs.iter().any(is_named) {
            total.bytes += estimated.bytes;
        }
        total.stages.push(estimated);
    }
    total.wall = wall(plan, &total.stages, rates.total_cores());
    total
}

/// The wall time of a plan. A stage starts as soon as its dependencies are done; all stages share the processors.
fn wall(plan: &Plan, stages: &[StageEstimate], cores: u32) -> f64 {
    let mut ends: Vec<f64> = Vec::new();
    for (stage, estimated) in plan.stages.iter().zip(stages) {
        let dependencies = stage.dependencies();
        let starts = dependencies.iter().filter_map(|index| ends.get(*index).copied());
        ends.push(starts.fold(0.0, f64::max) + estimated.wall);
    }
    let critical_path = ends.into_iter().fold(0.0, f64::max);
    let cpu: f64 = stages.iter().map(|stage| stage.cpu).sum();
    critical_path.max(cpu / f64::from(cores.max(1)))
}

/// The earlier stages whose packets a stage copies.
fn copied_stages(stage: &Stage) -> BTreeSet<usize> {
    let of_segment = |segment: &Segment| match segment.source {
        SegmentSource::Artifact { id, .. } => Some(id.stage),
        SegmentSource::Media { .. } => None,
    };
    stage
        .run
        .inputs
        .iter()
        .flat_map(move |input| match &input.source {
            RunSource::Artifact(id) => vec![id.stage],
            RunSource::Concat(segments) => segments.iter().filter_map(of_segment).collect(),
            RunSource::Media(_) | RunSource::File(_) => Vec::new(),
        })
        .collect()
}

/// The CPU time of a decoder, an encoder, or the filter graph, and its serial part, in seconds.
#[derive(Clone, Copy, Default)]
struct Lane {
    cpu: f64,
    serial: f64,
}

impl Lane {
    fn new(cpu: f64, serial_share: f64) -> Lane {
        Lane {
            cpu,
            serial: cpu * serial_share,
        }
    }
}

fn estimate_stage(stage: &Stage, rates: &Rates, artifact_bytes: u64) -> StageEstimate {
    let work = &stage.work;
    let mut decoders = Vec::new();
    for (codec, coded) in &work.decoded {
        let rate = rates.decoder(codec);
        decoders.push(Lane::new(
            rate.per_unit * coded.units + rate.per_megabit * coded.megabits,
            rate.serial_share,
        ));
    }
    let mut graph = Lane::default();
    for (cost_key, units) in &work.filtered {
        let rate = rates.filter(cost_key);
        graph.cpu += rate.per_unit * units;
        graph.serial += rate.per_unit * units * rate.serial_share;
    }
    let mut encoders = Vec::new();
    let mut megabits = 0.0;
    for track in &work.encoded {
        let rate = rates.encoder(&track.encoder, &track.preset);
        let size = encoded_megabits(track, rates);
        let factor = track.changing_share + (1.0 - track.changing_share) * rate.unchanged_factor;
        megabits += size;
        encoders.push(Lane::new(
            rate.per_unit * track.units * factor + rate.per_megabit * size,
            rate.serial_share,
        ));
    }
    let coding: f64 = decoders.iter().chain(&encoders).map(|lane| lane.cpu).sum();
    let megabytes =
        work.read_megabytes + work.copied_megabytes + (megabits / 8.0) + artifact_bytes as f64 / 1e6;
    let cpu = coding + graph.cpu + rates.per_megabyte * megabytes;
    let overhead = overhead(work, rates);
    let schedule = schedule(rates, graph, &decoders, &encoders, cpu);
    let outputs = stage.run.outputs.iter();
    let files = outputs
        .filter(|output| output.destination != Destination::Null)
        .count();
    let bytes = match files {
        0 => 0.0,
        files => {
            work.copied_megabytes * 1e6
                + megabits * 125e3
                + artifact_bytes as f64
                + files as f64 * CONTAINER_BYTES
        }
    };
    StageEstimate {
        wall: overhead + schedule.wall,
        cpu: overhead + cpu,
        bytes: bytes as u64,
        bottleneck: if schedule.wall < overhead {
            Bottleneck::Overhead
        } else {
            schedule.bottleneck
        },
        filter_seconds: graph.serial,
        parallel_wall: overhead + schedule.parallel_wall,
    }
}

/// Seconds of process starts and verification, one after another.
fn overhead(work: &Work, rates: &Rates) -> f64 {
    let verification = work.verification;
    let checks = f64::from(verification.probed_files + verification.processes) * rates.process_start;
    let decoding = rates.decoder("h264").per_unit * verification.decoded_megapixels;
    f64::from(work.processes) * rates.process_start + checks + decoding
}

/// The wall time of concurrent work.
struct Schedule {
    wall: f64,
    parallel_wall: f64,
    bottleneck: Bottleneck,
}

/// The wall time of the slowest lane, or of all processors together.
fn schedule(rates: &Rates, graph: Lane, decoders: &[Lane], encoders: &[Lane], cpu: f64) -> Schedule {
    // A single processor never waits for another.
    let busy_cores = match rates.cores {
        0 | 1 => 1.0,
        cores => f64::from(cores) * UTILIZATION,
    };
    // Before FFmpeg 7, coders without threads of their own run on the thread of the filter graph.
    let shares_thread = |lane: &&Lane| !rates.pipelined && lane.serial >= lane.cpu;
    let on_graph_thread: f64 = decoders
        .iter()
        .chain(encoders)
        .filter(shares_thread)
        .map(|lane| lane.serial)
        .sum();
    let slowest = |lanes: &[Lane]| lanes.iter().map(|lane| lane.serial).fold(0.0, f64::max);
    let limits = [
        (Bottleneck::Cpu, cpu / busy_cores),
        (Bottleneck::Decoder, slowest(decoders)),
        (Bottleneck::Encoder, slowest(encoders)),
    ];
    let longer = |a: (Bottleneck, f64), b: (Bottleneck, f64)| if b.1 > a.1 { b } else { a };
    let parallel = limits.into_iter().fold((Bottleneck::Overhead, 0.0), longer);
    let graph_limit = (Bottleneck::FilterGraph, graph.serial + on_graph_thread);
    let (bottleneck, wall) = longer(parallel, graph_limit);
    Schedule {
        wall,
        parallel_wall: parallel.1,
        bottleneck,
    }
}

/// The size of an encoded track in megabits.
fn encoded_megabits(track: &EncodeWork, rates: &Rates) -> f64 {
    let model = rates.size(&track.encoder, &track.preset);
    match (track.target_megabits, track.quality) {
        // An encoder does not use more bits than the best quality needs.
        (Some(target), _) if track.complexity > 0.0 && model.per_complexity > 0.0 => {
            target.min(track.complexity * model.at_quality(Some(BEST_QUALITY)))
        }
        (Some(target), _) => target,
        (None, quality) => model.per_unit * track.units + track.complexity * model.at_quality(quality),
    }
}
