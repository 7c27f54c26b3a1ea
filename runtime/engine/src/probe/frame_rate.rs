//! Determines the frame rate of video, and whether it is constant (CFR) or variable (VFR).
//!
//! The rates that ffprobe reports are not evidence. `r_frame_rate` and `avg_frame_rate` differ for some CFR video
//! (interlaced, or cut without re-encoding) and agree for some VFR video (Matroska keeps a nominal rate). So the timestamps
//! decide.

use vidc_compiler::facts::{Problem, Stream, StreamFacts};
use vidc_compiler::time::Rational;

use super::reader::MediaReader;
use super::report::{FIRST_PACKETS, Packet, RawStream, Report};
use super::streams::DEFAULT_FRAME_RATE;

/// Sets the frame rate of each video stream, and whether it is variable.
pub(super) async fn set_frame_rates(
    reader: &MediaReader<'_>,
    report: &Report,
    streams: &mut [Stream],
) -> Result<(), Problem> {
    for stream in streams {
        let StreamFacts::Video(video) = &mut stream.facts else {
            continue;
        };
        let Some(raw) = report.stream(stream.index) else {
            continue;
        };
        if video.still {
            continue;
        }
        let is_partial = report.packets.len() >= FIRST_PACKETS;
        let stream_packets = report
            .packets
            .iter()
            .filter(|packet| packet.stream_index == stream.index);
        let mut spacing = measure_spacing(stream_packets, is_partial, raw);
        if is_partial && contradicts_average(&spacing, raw) {
            // CFR at the beginning, but by its average rate not throughout. If reading the whole file takes too long, the
            // average decides.
            spacing = match reader.packets(Some(stream.index), None).await {
                Ok(packets) => measure_spacing(packets.iter(), false, raw),
                Err(_) => FrameSpacing::Variable { median_ticks: 0 },
            };
        }
        (video.frame_rate, video.variable_rate) = choose_rate(&spacing, raw);
    }
    Ok(())
}

/// The intervals between the frames of a stream.
#[derive(Clone, Copy, Debug, PartialEq)]
enum FrameSpacing {
    /// There are too few frames.
    Unknown,
    /// All intervals are equal as far as the time base can express that: `intervals` take `ticks`.
    Constant { intervals: i64, ticks: i64 },
    /// Nine in ten intervals take `ticks`; other frames are missing or late.
    ConstantWithGaps { ticks: i64 },
    /// Anything else.
    Variable { median_ticks: i64 },
}

/// Measures the intervals between packets. If `is_partial`, the stream has more packets than these.
fn measure_spacing<'a>(
    packets: impl Iterator<Item = &'a Packet>,
    is_partial: bool,
    raw: &RawStream,
) -> FrameSpacing {
    let mut times = Vec::new();
    let mut last_dts = None;
    for packet in packets {
        times.extend(packet.presented_at());
        last_dts = packet.dts.max(last_dts);
    }
    times.sort_unstable();
    // The two fields of a frame may be two packets with the same PTS.
    times.dedup();
    if is_partial {
        // Frames presented after the last DTS may be preceded by others that were not read.
        match last_dts {
            Some(last_dts) => times.retain(|time| *time <= last_dts),
            None => times.truncate(times.len().saturating_sub(16)),
        }
    }
    let (Some(first), Some(last)) = (times.first(), times.last()) else {
        return FrameSpacing::Unknown;
    };
    let Ok(intervals) = i64::try_from(times.len() - 1) else {
        return FrameSpacing::Unknown;
    };
    let ticks = last.saturating_sub(*first);
    if intervals == 0 || raw.time_base().is_none() {
        return FrameSpacing::Unknown;
    }
    let steps = || times.windows(2).map(|pair| pair[1].saturating_sub(pair[0]));
    // Rounding moves a time by half a tick at most, so an interval by one; fine time bases get a thousandth. If the time
    // base is hardly finer than the frame rate (AVI), an extra tick is a missing frame.
    let (wide_intervals, wide_ticks) = (i128::from(intervals), i128::from(ticks));
    let tolerance = match 2 * wide_ticks < 5 * wide_intervals {
        true => 0,
        false => wide_intervals.max(wide_ticks / 1000),
    };
    if steps().all(|step| (i128::from(step) * wide_intervals - wide_ticks).abs() <= tolerance) {
        return FrameSpacing::Constant { intervals, ticks };
    }
    let mut sorted: Vec<i64> = steps().collect();
    sorted.sort_unstable();
    let median_ticks = sorted.get(sorted.len() / 2).copied().unwrap_or(1);
    let equal = steps().filter(|step| *step == median_ticks).count();
    match equal * 10 >= sorted.len() * 9 {
        true => FrameSpacing::ConstantWithGaps { ticks: median_ticks },
        false => FrameSpacing::Variable { median_ticks },
    }
}

/// Whether the reported average rate differs by more than 1 % from a constant rate that was measured.
fn contradicts_average(spacing: &FrameSpacing, raw: &RawStream) -> bool {
    match (spacing, measured_rate(spacing, raw), raw.average_frame_rate()) {
        (FrameSpacing::Constant { .. }, Some(measured), Some(average)) => {
            !rates_match(measured, average, 0.01)
        }
        _ => false,
    }
}

/// Frames per second by the measured intervals.
fn measured_rate(spacing: &FrameSpacing, raw: &RawStream) -> Option<Rational> {
    let (intervals, ticks) = match *spacing {
        FrameSpacing::Constant { intervals, ticks } => (intervals, ticks),
        FrameSpacing::ConstantWithGaps { ticks } => (1, ticks),
        FrameSpacing::Variable { median_ticks } => (1, median_ticks),
        FrameSpacing::Unknown => return None,
    };
    let time_base = raw.time_base()?;
    let numer = i128::from(intervals) * i128::from(*time_base.denom());
    let denom = i128::from(ticks) * i128::from(*time_base.numer());
    let (numer, denom) = (i64::try_from(numer).ok()?, i64::try_from(denom).ok()?);
    (numer > 0 && denom > 0).then(|| Rational::new(numer, denom))
}

/// Chooses the frame rate, and whether it is variable.
fn choose_rate(spacing: &FrameSpacing, raw: &RawStream) -> (Rational, bool) {
    let (base, average) = (raw.base_frame_rate(), raw.average_frame_rate());
    let reported = average.or(base).unwrap_or(DEFAULT_FRAME_RATE);
    match *spacing {
        FrameSpacing::Unknown => (snap_to_common(reported, 0.0004), false),
        FrameSpacing::ConstantWithGaps { .. } => {
            (cfr_rate(measured_rate(spacing, raw).unwrap_or(reported)), true)
        }
        FrameSpacing::Variable { .. } => {
            let median = measured_rate(spacing, raw).filter(|median| !rates_match(reported, *median, 0.1));
            (cfr_rate(median.unwrap_or(reported)), true)
        }
        FrameSpacing::Constant { intervals, .. } => {
            let Some(measured) = measured_rate(spacing, raw) else {
                return (snap_to_common(reported, 0.0004), false);
            };
            // The measurement is exact to one tick.
            let tick = raw.time_base().map_or(0.0, to_f64);
            let tolerance = (tick * to_f64(measured) / intervals as f64).max(0.0004);
            let nominal = [average, base]
                .into_iter()
                .flatten()
                .map(|rate| snap_to_common(rate, 0.0004))
                .find(|rate| rates_match(*rate, measured, tolerance));
            (
                nominal.unwrap_or_else(|| snap_to_common(measured, tolerance.min(0.005))),
                false,
            )
        }
    }
}

/// The frame rates of cameras, broadcasts and displays.
const COMMON_RATES: [Rational; 22] = [
    Rational::new_raw(5, 1),
    Rational::new_raw(10, 1),
    Rational::new_raw(12_000, 1001),
    Rational::new_raw(12, 1),
    Rational::new_raw(25, 2),
    Rational::new_raw(15_000, 1001),
    Rational::new_raw(15, 1),
    Rational::new_raw(20, 1),
    Rational::new_raw(24_000, 1001),
    Rational::new_raw(24, 1),
    Rational::new_raw(25, 1),
    Rational::new_raw(30_000, 1001),
    Rational::new_raw(30, 1),
    Rational::new_raw(48_000, 1001),
    Rational::new_raw(48, 1),
    Rational::new_raw(50, 1),
    Rational::new_raw(60_000, 1001),
    Rational::new_raw(60, 1),
    Rational::new_raw(100, 1),
    Rational::new_raw(120_000, 1001),
    Rational::new_raw(120, 1),
    Rational::new_raw(240, 1),
];

/// The nearest common rate if it differs by no more than a relative `tolerance`, else the rate itself.
fn snap_to_common(rate: Rational, tolerance: f64) -> Rational {
    let common = nearest(COMMON_RATES.into_iter(), rate);
    common
        .filter(|common| rates_match(*common, rate, tolerance))
        .unwrap_or(rate)
}

/// The rate that VFR video is converted to: a common one that is high enough for smooth motion of overlays.
fn cfr_rate(rate: Rational) -> Rational {
    let smooth_rates = Rational::from_integer(23)..=Rational::from_integer(60);
    if rate < *smooth_rates.start() {
        return Rational::from_integer(24);
    }
    let common = COMMON_RATES
        .into_iter()
        .filter(|common| smooth_rates.contains(common));
    nearest(common, rate).unwrap_or(DEFAULT_FRAME_RATE)
}

fn nearest(common: impl Iterator<Item = Rational>, rate: Rational) -> Option<Rational> {
    let distance = |common: &Rational| (to_f64(*common) / to_f64(rate) - 1.0).abs();
    common.min_by(|a, b| distance(a).total_cmp(&distance(b)))
}

/// Whether two rates differ by no more than a relative `tolerance`.
pub(crate) fn rates_match(a: Rational, b: Rational, tolerance: f64) -> bool {
    (to_f64(a) / to_f64(b) - 1.0).abs() <= tolerance
}

fn to_f64(rate: Rational) -> f64 {
    *rate.numer() as f64 / *rate.denom() as f64
}
