//! FFmpeg's estimates of a frame rate: `av_reduce` for `avg_frame_rate`, and `ff_rfps_calculate` for `r_frame_rate`.

/// The largest numerator and denominator of either rate.
const MAX_TERM: i64 = i32::MAX as i64;
/// How many DTS the estimate is based on.
const MAX_DTS: usize = 99;
/// Standard rates are in units of 1/12012 frames per second.
const UNITS_PER_FPS: i64 = 12 * 1001;

/// Reduces a ratio to its lowest terms or, if those are too large, to the nearest ratio with terms up to [`MAX_TERM`]: the
/// last convergent of its continued fraction that fits, or a semiconvergent after it.
pub(super) fn reduce(numer: i64, denom: i64) -> Option<(i64, i64)> {
    if numer <= 0 || denom <= 0 {
        return None;
    }
    let common = greatest_common_divisor(numer, denom);
    let (mut numer, mut denom) = (numer / common, denom / common);
    if numer <= MAX_TERM && denom <= MAX_TERM {
        return Some((numer, denom));
    }
    let (mut previous, mut last) = ((0_i64, 1_i64), (1_i64, 0_i64));
    while denom != 0 {
        let quotient = numer / denom;
        let next = (
            quotient.checked_mul(last.0)?.checked_add(previous.0)?,
            quotient.checked_mul(last.1)?.checked_add(previous.1)?,
        );
        if next.0 > MAX_TERM || next.1 > MAX_TERM {
            let room = |previous: i64, last: i64| (last != 0).then(|| (MAX_TERM - previous) / last);
            let partial = [room(previous.0, last.0), room(previous.1, last.1)]
                .into_iter()
                .flatten()
                .fold(quotient, i64::min);
            let is_nearer = i128::from(denom) * i128::from(2 * partial * last.1 + previous.1)
                > i128::from(numer) * i128::from(last.1);
            if is_nearer {
                last = (partial * last.0 + previous.0, partial * last.1 + previous.1);
            }
            break;
        }
        (previous, last) = (last, next);
        (numer, denom) = (denom, numer % denom);
    }
    Some(last)
}

fn greatest_common_divisor(a: i64, b: i64) -> i64 {
    match b {
        0 => a,
        _ => greatest_common_divisor(b, a % b),
    }
}

/// How far DTS are from multiples of a standard rate's frame duration: the sum of the errors and of their squares.
#[derive(Clone, Copy, Default)]
struct Errors {
    sum: f64,
    sum_of_squares: f64,
}

impl Errors {
    fn add(&mut self, error: f64) {
        self.sum += error;
        self.sum_of_squares += error * error;
    }

    fn variance(self, count: f64) -> f64 {
        let mean = self.sum / count;
        self.sum_of_squares / count - mean * mean
    }
}

/// Estimates the lowest frame rate that the first DTS fit, by their greatest common step or by the nearest standard rate;
/// `None` if they fit none.
pub(super) fn estimate(dts: impl Iterator<Item = i64>, timescale: u32) -> Option<(i64, i64)> {
    let tick = 1.0 / f64::from(timescale);
    let timescale = i64::from(timescale);
    // The errors with frames at multiples of the frame duration, and halfway between them.
    let mut errors = vec![Some([Errors::default(); 2]); STANDARD_RATES];
    let (mut last, mut count, mut sum, mut step) = (None, 0_i64, 0_i64, 0_i64);
    for time in dts.take(MAX_DTS) {
        if let Some(last) = last.filter(|last| time > *last) {
            for (index, errors) in errors.iter_mut().enumerate() {
                let Some(errors) = errors else { continue };
                let frames = time as f64 * tick * standard_rate(index) as f64 / UNITS_PER_FPS as f64;
                for (errors, phase) in errors.iter_mut().zip([0.0, 0.5]) {
                    errors.add(frames - (frames + phase).round_ties_even() + phase);
                }
            }
            count += 1;
            sum += time - last;
            if count % 10 == 0 {
                for slot in &mut errors {
                    let is_far =
                        |errors: &[Errors; 2]| errors.iter().all(|e| e.variance(count as f64) > 0.04);
                    *slot = slot.filter(|errors| !is_far(errors));
                }
            }
            // The first few steps may have jitter.
            if count > 3 {
                step = greatest_common_divisor(step, time - last);
            }
        }
        last = Some(time);
    }
    if count > 15 && step > (timescale / 500).max(1) {
        return reduce(timescale, step);
    }
    let mean = tick * sum as f64 / count as f64;
    let mut best: Option<(i64, f64)> = None;
    for (index, errors) in errors.into_iter().enumerate() {
        let rate = standard_rate(index);
        let Some(errors) = errors.filter(|_| count > 1 && rate >= UNITS_PER_FPS) else {
            continue;
        };
        if mean < UNITS_PER_FPS as f64 * 0.8 / rate as f64 {
            continue;
        }
        for errors in errors {
            let (error, least) = (
                errors.variance(count as f64),
                best.map_or(0.01, |(_, least)| least),
            );
            if error < least && least > 1e-9 {
                best = Some((rate, error));
            }
        }
    }
    let (rate, _) =
        best.filter(|(rate, _)| (*rate as f64) / (UNITS_PER_FPS as f64) < 1.01 * timescale as f64)?;
    reduce(rate, UNITS_PER_FPS)
}

/// The number of standard rates.
const STANDARD_RATES: usize = 30 * 12 + 30 + 3 + 6;

/// The standard rates: every twelfth of a frame per second up to 30, every integer up to 60, and some common ones.
fn standard_rate(index: usize) -> i64 {
    const TWELFTHS: usize = 30 * 12;
    const INTEGERS: usize = TWELFTHS + 30;
    match index {
        0..TWELFTHS => (index as i64 + 1) * 1001,
        TWELFTHS..INTEGERS => ((index - TWELFTHS) as i64 + 31) * UNITS_PER_FPS,
        _ => {
            let common = [
                80 * UNITS_PER_FPS,
                120 * UNITS_PER_FPS,
                240 * UNITS_PER_FPS,
                24 * 12_000,
                30 * 12_000,
                60 * 12_000,
                12 * 12_000,
                15 * 12_000,
                48 * 12_000,
            ];
            common.get(index - INTEGERS).copied().unwrap_or(UNITS_PER_FPS)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_reduced_or_approximated() {
        assert_eq!(reduce(90_000, 3003), Some((30_000, 1001)));
        assert_eq!(reduce(0, 1), None);
        // The convergents of π are known.
        let (numer, denom) = reduce(3_141_592_653_589_793, 1_000_000_000_000_000).unwrap();
        assert!(numer <= MAX_TERM && denom <= MAX_TERM);
        assert!((numer as f64 / denom as f64 - std::f64::consts::PI).abs() < 1e-15);
        assert_eq!(reduce(i64::MAX, 1).map(|(numer, _)| numer), Some(MAX_TERM));
        for (a, b) in [(i64::MAX, i64::MAX - 1), (1, i64::MAX), (i64::MAX / 2, 3)] {
            reduce(a, b);
        }
    }

    #[test]
    fn rates_are_estimated_from_dts() {
        assert_eq!(estimate((0..99).map(|n| n * 512), 15_360), Some((30, 1)));
        assert_eq!(estimate((0..99).map(|n| n * 1001), 30_000), Some((30_000, 1001)));
        // With a timescale of 1000, steps are 33 or 34.
        assert_eq!(estimate((0..99).map(|n| n * 1000 / 30), 1000), Some((30, 1)));
        assert_eq!(estimate([0].into_iter(), 1000), None);
        assert_eq!(estimate([].into_iter(), 1000), None);
    }
}
