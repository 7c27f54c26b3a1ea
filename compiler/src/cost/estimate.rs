//! What a plan takes on a machine.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{EncodeWork, Rates, Work};
use crate::plan::{Destination, Plan, RunSource, Segment, SegmentSource, Stage};

/// What a plan is likely to take. Content decides on much of it: half as much or twice as much is not unusual.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Estimate {
    /// Whether it is by figures that were measured on this machine.
    pub measured: bool,
    /// Seconds from beginning to end.
    pub wall: f64,
    /// Seconds of processors' time.
    pub cpu: f64,
    /// Bytes of the files that the recipe names.
    pub bytes: u64,
    /// Stage by stage.
    pub stages: Vec<StageEstimate>,
}

/// What a stage is likely to take.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct StageEstimate {
    /// Seconds from beginning to end.
    pub wall: f64,
    /// Seconds of processors' time.
    pub cpu: f64,
    /// Bytes of what it writes.
    pub bytes: u64,
    /// What its time is spent on, as far as there is a choice.
    pub bottleneck: Bottleneck,
    /// Seconds that its filters take on the one thread that runs them.
    pub filter_seconds: f64,
    /// Seconds that it would take if its filters could be spread over all processors: by making stretches of the
    /// result side by side, each with a filter graph of its own.
    pub parallel_wall: f64,
}

impl StageEstimate {
    /// Seconds that would be saved if its filter graph were not one thread.
    pub fn parallel_saving(&self) -> f64 {
        self.wall - self.parallel_wall
    }
}

/// What a stage cannot be faster than.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bottleneck {
    /// Starting, checking, and moving packets: there is no other work.
    Overhead,
    /// One decoder, which has no more use for processors.
    Decoder,
    /// The thread that filters, and does whatever has no thread of its own.
    FilterGraph,
    /// One encoder, which has no more use for processors.
    Encoder,
    /// All processors together.
    Cpu,
}

/// What a plan takes by a machine's figures.
pub fn estimate(plan: &Plan, rates: &Rates) -> Estimate {
    let mut whole = Estimate {
        measured: rates.measured,
        ..Estimate::default()
    };
    for stage in &plan.stages {
        let made: u64 = parts(stage)
            .into_iter()
            .filter_map(|part| Some(whole.stages.get(part)?.bytes))
            .sum();
        let estimated = of_stage(stage, rates, made);
        whole.cpu += estimated.cpu;
        let named = |output: &crate::plan::RunOutput| matches!(output.destination, Destination::Named(_));
        if stage.run.outputs.iter().any(named) {
            whole.bytes += estimated.bytes;
        }
        whole.stages.push(estimated);
    }
    whole.wall = wall(plan, &whole.stages, rates.total_cores());
    whole
}

/// Seconds from beginning to end. A stage begins once those that it uses are done, beside others; all share the
/// processors.
fn wall(plan: &Plan, stages: &[StageEstimate], cores: u32) -> f64 {
    let mut ends: Vec<f64> = Vec::new();
    for (stage, estimated) in plan.stages.iter().zip(stages) {
        let used = stage.dependencies();
        let begins = used.iter().filter_map(|index| ends.get(*index).copied());
        ends.push(begins.fold(0.0, f64::max) + estimated.wall);
    }
    let longest = ends.into_iter().fold(0.0, f64::max);
    let cpu: f64 = stages.iter().map(|stage| stage.cpu).sum();
    longest.max(cpu / f64::from(cores.max(1)))
}

/// The earlier stages whose packets a stage copies.
fn parts(stage: &Stage) -> BTreeSet<usize> {
    let of_segment = |segment: &Segment| match segment.source {
        SegmentSource::Artifact { id: part, .. } => Some(part.stage),
        SegmentSource::Media { .. } => None,
    };
    stage
        .run
        .inputs
        .iter()
        .flat_map(move |input| match &input.source {
            RunSource::Artifact(part) => vec![part.stage],
            RunSource::Concat(segments) => segments.iter().filter_map(of_segment).collect(),
            RunSource::Media(_) | RunSource::File(_) => Vec::new(),
        })
        .collect()
}

/// Seconds of CPU, and of those the ones that must follow each other.
#[derive(Clone, Copy, Default)]
struct Lane {
    cpu: f64,
    serial: f64,
}

impl Lane {
    fn new(cpu: f64, serial: f64) -> Lane {
        Lane {
            cpu,
            serial: cpu * serial,
        }
    }
}

/// An ffmpeg writes this much around the packets of a file, in bytes.
const CONTAINER: f64 = 2000.0;
/// Where several processors work on one thing, they wait for each other a part of the time.
const BUSY: f64 = 0.8;
/// A quality that no picture needs more bits for, in x264's `crf`.
const BEST: f64 = 8.0;

fn of_stage(stage: &Stage, rates: &Rates, made: u64) -> StageEstimate {
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
    for (name, amount) in &work.filtered {
        let rate = rates.filter(name);
        graph.cpu += rate.per_unit * amount;
        graph.serial += rate.per_unit * amount * rate.serial_share;
    }
    let mut encoders = Vec::new();
    let mut megabits = 0.0;
    for track in &work.encoded {
        let rate = rates.encoder(&track.encoder, &track.preset);
        let size = size(track, rates);
        let unlike = track.changing_share + (1.0 - track.changing_share) * rate.unchanged_factor;
        megabits += size;
        encoders.push(Lane::new(
            rate.per_unit * track.units * unlike + rate.per_megabit * size,
            rate.serial_share,
        ));
    }
    let coded: f64 = decoders.iter().chain(&encoders).map(|lane| lane.cpu).sum();
    let packets = rates.per_megabyte
        * (work.read_megabytes + work.copied_megabytes + (megabits / 8.0) + made as f64 / 1e6);
    let cpu = coded + graph.cpu + packets;
    let overhead = overhead(work, rates);
    let times = times(rates, graph, &decoders, &encoders, cpu);
    let outputs = stage.run.outputs.iter();
    let files = outputs
        .filter(|output| output.destination != Destination::Null)
        .count();
    let bytes = match files {
        0 => 0.0,
        files => work.copied_megabytes * 1e6 + megabits * 125e3 + made as f64 + files as f64 * CONTAINER,
    };
    StageEstimate {
        wall: overhead + times.wall,
        cpu: overhead + cpu,
        bytes: bytes as u64,
        bottleneck: if times.wall < overhead {
            Bottleneck::Overhead
        } else {
            times.bottleneck
        },
        filter_seconds: graph.serial,
        parallel_wall: overhead + times.spread,
    }
}

/// What is around the work, one thing after the other, in seconds.
fn overhead(work: &Work, rates: &Rates) -> f64 {
    let checks =
        f64::from(work.verification.probed_files + work.verification.processes) * rates.process_start;
    let decoded = rates.decoder("h264").per_unit * work.verification.decoded_megapixels;
    f64::from(work.processes) * rates.process_start + checks + decoded
}

struct Times {
    wall: f64,
    spread: f64,
    bottleneck: Bottleneck,
}

/// What the slowest part takes, or all processors together.
fn times(rates: &Rates, graph: Lane, decoders: &[Lane], encoders: &[Lane], cpu: f64) -> Times {
    // One alone has nobody to wait for.
    let busy = match rates.cores {
        0 | 1 => 1.0,
        cores => f64::from(cores) * BUSY,
    };
    // A part that makes no threads of its own shares the thread of the filters before FFmpeg 7.
    let shares = |lane: &&Lane| !rates.pipelined && lane.serial >= lane.cpu;
    let together: f64 = decoders
        .iter()
        .chain(encoders)
        .filter(shares)
        .map(|lane| lane.serial)
        .sum();
    let slowest = |lanes: &[Lane]| lanes.iter().map(|lane| lane.serial).fold(0.0, f64::max);
    let alone = [
        (Bottleneck::Cpu, cpu / busy),
        (Bottleneck::Decoder, slowest(decoders)),
        (Bottleneck::Encoder, slowest(encoders)),
    ];
    let longest = |a: (Bottleneck, f64), b: (Bottleneck, f64)| if b.1 > a.1 { b } else { a };
    let spread = alone.into_iter().fold((Bottleneck::Overhead, 0.0), longest);
    let (bottleneck, wall) = longest(spread, (Bottleneck::FilterGraph, graph.serial + together));
    Times {
        wall,
        spread: spread.1,
        bottleneck,
    }
}

/// Megabits of a track.
fn size(track: &EncodeWork, rates: &Rates) -> f64 {
    let density = rates.density(&track.encoder, &track.preset);
    match (track.target_megabits, track.quality) {
        // Nothing is gained by more bits than the best quality needs.
        (Some(told), _) if track.complexity > 0.0 && density.per_complexity > 0.0 => {
            told.min(track.complexity * density.of_quality(Some(BEST)))
        }
        (Some(told), _) => told,
        (None, quality) => density.per_unit * track.units + track.complexity * density.of_quality(quality),
    }
}
