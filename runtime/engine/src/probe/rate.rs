//! Whether frames are evenly spaced, and how many there are in a second.
//!
//! The rates that a container names are not evidence. `r_frame_rate` and `avg_frame_rate` differ for evenly spaced
//! frames (interlaced ones, or after a cut without re-encoding) and agree for uneven ones (Matroska keeps a nominal
//! rate). So the timestamps decide.

use vidc_compiler::facts::{Problem, Stream, StreamFacts};
use vidc_compiler::time::Rational;

use super::reading::Reading;
use super::report::{FIRST_PACKETS, Packet, RawStream, Report};
use super::streams::DEFAULT_RATE;

/// Sets rate and spacing of each video stream that moves.
pub(super) async fn settle(
    reading: &Reading<'_>,
    report: &Report,
    streams: &mut [Stream],
) -> Result<(), Problem> {
    for stream in streams {
        let StreamFacts::Video(video) = &mut stream.facts else {
            continue;
        };
        let Some(raw) = report.streams.iter().find(|raw| raw.index == stream.index) else {
            continue;
        };
        if video.still {
            continue;
        }
        let cut = report.packets.len() >= FIRST_PACKETS;
        let mine = report
            .packets
            .iter()
            .filter(|packet| packet.stream_index == stream.index);
        let mut spacing = spacing(mine, cut, raw);
        if cut && contradicts(&spacing, raw) {
            // Even where it begins, and by its average not all the way. If all of it takes too long to read, the
            // average decides.
            spacing = match reading.packets(Some(stream.index), None).await {
                Ok(packets) => self::spacing(packets.iter(), false, raw),
                Err(_) => Spacing::Uneven { ticks: 0 },
            };
        }
        (video.frame_rate, video.variable_rate) = rate(&spacing, raw);
    }
    Ok(())
}

/// How the frames of a stream follow each other.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Spacing {
    /// Too few to tell.
    Unknown,
    /// Always as far apart, as far as the clock can tell: `frames` steps in `ticks`.
    Even { frames: i64, ticks: i64 },
    /// Mostly as far apart, but some are missing or late: `ticks` from one to the next.
    Gaps { ticks: i64 },
    /// Anything else: half of them follow the one before in `ticks` or less.
    Uneven { ticks: i64 },
}

fn spacing<'a>(packets: impl Iterator<Item = &'a Packet>, cut: bool, raw: &RawStream) -> Spacing {
    let mut times = Vec::new();
    let mut dts = None;
    for packet in packets {
        times.extend(packet.time());
        dts = packet.dts.max(dts);
    }
    times.sort_unstable();
    // Two fields of a frame may come as two packets of one time.
    times.dedup();
    if cut {
        // Frames shown after the last decoding time may have others before them that were not read any more.
        match dts {
            Some(dts) => times.retain(|time| *time <= dts),
            None => times.truncate(times.len().saturating_sub(16)),
        }
    }
    let (Some(first), Some(last)) = (times.first(), times.last()) else {
        return Spacing::Unknown;
    };
    let Ok(frames) = i64::try_from(times.len() - 1) else {
        return Spacing::Unknown;
    };
    let ticks = last.saturating_sub(*first);
    if frames == 0 || raw.time_base().is_none() {
        return Spacing::Unknown;
    }
    let steps = || times.windows(2).map(|pair| pair[1].saturating_sub(pair[0]));
    // A time is off by half a tick at most, so a step by one; a thousandth is for clocks of a fine grain. Where the
    // clock hardly ticks oftener than there are frames (AVI), a tick too many is a missing frame.
    let (wide_frames, wide_ticks) = (i128::from(frames), i128::from(ticks));
    let tolerance = match 2 * wide_ticks < 5 * wide_frames {
        true => 0,
        false => wide_frames.max(wide_ticks / 1000),
    };
    if steps().all(|step| (i128::from(step) * wide_frames - wide_ticks).abs() <= tolerance) {
        return Spacing::Even { frames, ticks };
    }
    let mut sorted: Vec<i64> = steps().collect();
    sorted.sort_unstable();
    let ticks = sorted.get(sorted.len() / 2).copied().unwrap_or(1);
    let alike = steps().filter(|step| *step == ticks).count();
    match alike * 10 >= sorted.len() * 9 {
        true => Spacing::Gaps { ticks },
        false => Spacing::Uneven { ticks },
    }
}

/// Whether the average rate is more than 1 % away from evenly spaced frames.
fn contradicts(spacing: &Spacing, raw: &RawStream) -> bool {
    match (spacing, measured(spacing, raw), raw.average_rate()) {
        (Spacing::Even { .. }, Some(measured), Some(average)) => !near(measured, average, 0.01),
        _ => false,
    }
}

fn measured(spacing: &Spacing, raw: &RawStream) -> Option<Rational> {
    let (frames, ticks) = match *spacing {
        Spacing::Even { frames, ticks } => (frames, ticks),
        Spacing::Gaps { ticks } | Spacing::Uneven { ticks } => (1, ticks),
        Spacing::Unknown => return None,
    };
    let base = raw.time_base()?;
    let numer = i128::from(frames) * i128::from(*base.denom());
    let denom = i128::from(ticks) * i128::from(*base.numer());
    let (numer, denom) = (i64::try_from(numer).ok()?, i64::try_from(denom).ok()?);
    (numer > 0 && denom > 0).then(|| Rational::new(numer, denom))
}

/// Frames per second, and whether they are unevenly spaced.
fn rate(spacing: &Spacing, raw: &RawStream) -> (Rational, bool) {
    let (base, average) = (raw.base_rate(), raw.average_rate());
    let named = average.or(base).unwrap_or(DEFAULT_RATE);
    match *spacing {
        Spacing::Unknown => (snap(named, 0.0004), false),
        Spacing::Gaps { .. } => (steady(measured(spacing, raw).unwrap_or(named)), true),
        Spacing::Uneven { .. } => {
            let usual = measured(spacing, raw).filter(|usual| !near(named, *usual, 0.1));
            (steady(usual.unwrap_or(named)), true)
        }
        Spacing::Even { frames, .. } => {
            let Some(measured) = measured(spacing, raw) else {
                return (snap(named, 0.0004), false);
            };
            // A tick at either end is as exact as it gets.
            let tick = raw.time_base().map_or(0.0, float);
            let tolerance = (tick * float(measured) / frames as f64).max(0.0004);
            let nominal = [average, base]
                .into_iter()
                .flatten()
                .map(|rate| snap(rate, 0.0004))
                .find(|rate| near(*rate, measured, tolerance));
            (
                nominal.unwrap_or_else(|| snap(measured, tolerance.min(0.005))),
                false,
            )
        }
    }
}

/// The rates that cameras, broadcasters and screens use, frames per second.
const COMMON: [Rational; 22] = [
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

/// The nearest common rate if it is within a share of it, else the rate as it is.
fn snap(rate: Rational, within: f64) -> Rational {
    let common = nearest(COMMON.into_iter(), rate);
    common
        .filter(|common| near(*common, rate, within))
        .unwrap_or(rate)
}

/// The rate that uneven frames are brought to: a common one, at which what is drawn on them moves smoothly.
fn steady(rate: Rational) -> Rational {
    let smooth = Rational::from_integer(23)..=Rational::from_integer(60);
    if rate < *smooth.start() {
        return Rational::from_integer(24);
    }
    let common = COMMON.into_iter().filter(|common| smooth.contains(common));
    nearest(common, rate).unwrap_or(DEFAULT_RATE)
}

fn nearest(common: impl Iterator<Item = Rational>, rate: Rational) -> Option<Rational> {
    let distance = |common: &Rational| (float(*common) / float(rate) - 1.0).abs();
    common.min_by(|a, b| distance(a).total_cmp(&distance(b)))
}

/// Whether two rates differ by no more than a share of them.
pub(crate) fn near(a: Rational, b: Rational, within: f64) -> bool {
    (float(a) / float(b) - 1.0).abs() <= within
}

fn float(rate: Rational) -> f64 {
    *rate.numer() as f64 / *rate.denom() as f64
}
