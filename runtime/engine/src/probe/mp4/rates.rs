//! FFmpeg's two guesses of a frame rate.

/// `r_frame_rate` and `avg_frame_rate` are ratios of numbers up to this.
const LARGEST: i64 = i32::MAX as i64;
/// How many decoding times the guess is made by.
const LOOKED_AT: usize = 99;
/// A standard rate is counted in this many parts of a frame per second.
const PARTS: i64 = 12 * 1001;

/// A ratio in its lowest terms, or the nearest one of numbers that are not too large: the last convergent of its
/// continued fraction that is, or a semiconvergent behind it.
pub(super) fn reduced(numer: i64, denom: i64) -> Option<(i64, i64)> {
    if numer <= 0 || denom <= 0 {
        return None;
    }
    let common = greatest_common(numer, denom);
    let (mut numer, mut denom) = (numer / common, denom / common);
    if numer <= LARGEST && denom <= LARGEST {
        return Some((numer, denom));
    }
    let (mut before, mut last) = ((0_i64, 1_i64), (1_i64, 0_i64));
    while denom != 0 {
        let whole = numer / denom;
        let next = (
            whole.checked_mul(last.0)?.checked_add(before.0)?,
            whole.checked_mul(last.1)?.checked_add(before.1)?,
        );
        if next.0 > LARGEST || next.1 > LARGEST {
            let room = |before: i64, last: i64| (last != 0).then(|| (LARGEST - before) / last);
            let part = [room(before.0, last.0), room(before.1, last.1)]
                .into_iter()
                .flatten()
                .fold(whole, i64::min);
            let nearer = i128::from(denom) * i128::from(2 * part * last.1 + before.1)
                > i128::from(numer) * i128::from(last.1);
            if nearer {
                last = (part * last.0 + before.0, part * last.1 + before.1);
            }
            break;
        }
        (before, last) = (last, next);
        (numer, denom) = (denom, numer % denom);
    }
    Some(last)
}

fn greatest_common(a: i64, b: i64) -> i64 {
    match b {
        0 => a,
        _ => greatest_common(b, a % b),
    }
}

/// How far decoding times are from multiples of a standard rate's frame: sums of the errors and of their squares.
#[derive(Clone, Copy, Default)]
struct Errors {
    sum: f64,
    squares: f64,
}

impl Errors {
    fn add(&mut self, error: f64) {
        self.sum += error;
        self.squares += error * error;
    }

    fn variance(self, count: f64) -> f64 {
        let mean = self.sum / count;
        self.squares / count - mean * mean
    }
}

/// The lowest rate that the first decoding times fit, from their greatest common step or by the standard rate that
/// they are nearest to; none if they fit none.
pub(super) fn base(times: impl Iterator<Item = i64>, ticks_a_second: u32) -> Option<(i64, i64)> {
    let tick = 1.0 / f64::from(ticks_a_second);
    let ticks_a_second = i64::from(ticks_a_second);
    // For times at whole frames, and at halves.
    let mut errors = vec![Some([Errors::default(); 2]); STANDARD];
    let (mut last, mut count, mut sum, mut step) = (None, 0_i64, 0_i64, 0_i64);
    for time in times.take(LOOKED_AT) {
        if let Some(last) = last.filter(|last| time > *last) {
            for (number, errors) in errors.iter_mut().enumerate() {
                let Some(errors) = errors else { continue };
                let frames = time as f64 * tick * standard(number) as f64 / PARTS as f64;
                for (errors, half) in errors.iter_mut().zip([0.0, 0.5]) {
                    errors.add(frames - (frames + half).round_ties_even() + half);
                }
            }
            count += 1;
            sum += time - last;
            if count % 10 == 0 {
                for place in &mut errors {
                    let far = |errors: &[Errors; 2]| errors.iter().all(|e| e.variance(count as f64) > 0.04);
                    *place = place.filter(|errors| !far(errors));
                }
            }
            // The first few may have some jitter.
            if count > 3 {
                step = greatest_common(step, time - last);
            }
        }
        last = Some(time);
    }
    if count > 15 && step > (ticks_a_second / 500).max(1) {
        return reduced(ticks_a_second, step);
    }
    let mean = tick * sum as f64 / count as f64;
    let mut best: Option<(i64, f64)> = None;
    for (number, errors) in errors.into_iter().enumerate() {
        let rate = standard(number);
        let Some(errors) = errors.filter(|_| count > 1 && rate >= PARTS) else {
            continue;
        };
        if mean < PARTS as f64 * 0.8 / rate as f64 {
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
        best.filter(|(rate, _)| (*rate as f64) / (PARTS as f64) < 1.01 * ticks_a_second as f64)?;
    reduced(rate, PARTS)
}

/// How many standard rates there are.
const STANDARD: usize = 30 * 12 + 30 + 3 + 6;

/// Every twelfth of a frame per second up to 30, every whole one up to 60, and some that are in use.
fn standard(number: usize) -> i64 {
    const WHOLE: usize = 30 * 12;
    const ODD: usize = WHOLE + 30;
    match number {
        0..WHOLE => (number as i64 + 1) * 1001,
        WHOLE..ODD => ((number - WHOLE) as i64 + 31) * PARTS,
        _ => {
            let odd = [
                80 * PARTS,
                120 * PARTS,
                240 * PARTS,
                24 * 12_000,
                30 * 12_000,
                60 * 12_000,
                12 * 12_000,
                15 * 12_000,
                48 * 12_000,
            ];
            odd.get(number - ODD).copied().unwrap_or(PARTS)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_in_their_lowest_terms_or_near() {
        assert_eq!(reduced(90_000, 3003), Some((30_000, 1001)));
        assert_eq!(reduced(0, 1), None);
        // π, whose convergents are known.
        let (numer, denom) = reduced(3_141_592_653_589_793, 1_000_000_000_000_000).unwrap();
        assert!(numer <= LARGEST && denom <= LARGEST);
        assert!((numer as f64 / denom as f64 - std::f64::consts::PI).abs() < 1e-15);
        assert_eq!(reduced(i64::MAX, 1).map(|(numer, _)| numer), Some(LARGEST));
        for (a, b) in [(i64::MAX, i64::MAX - 1), (1, i64::MAX), (i64::MAX / 2, 3)] {
            reduced(a, b);
        }
    }

    #[test]
    fn rates_of_times() {
        assert_eq!(base((0..99).map(|n| n * 512), 15_360), Some((30, 1)));
        assert_eq!(base((0..99).map(|n| n * 1001), 30_000), Some((30_000, 1001)));
        // In thousandths of a second, steps are 33 or 34.
        assert_eq!(base((0..99).map(|n| n * 1000 / 30), 1000), Some((30, 1)));
        assert_eq!(base([0].into_iter(), 1000), None);
        assert_eq!(base([].into_iter(), 1000), None);
    }
}
