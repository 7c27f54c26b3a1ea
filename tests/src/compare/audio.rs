//! Whether two sounds are alike.

use super::{File, Found, Limits};
use crate::media::figure;

/// Samples that are looked at together.
const WINDOW: usize = 4096;
/// What is not heard, of full scale.
const FLOOR: f64 = 0.004;
/// How far a shift of the sound is looked for.
const FAR: usize = 2400;

/// Compares a sound of two files.
pub(super) fn compare(a: &File, b: &File, index: usize, limits: &Limits, found: &mut Found) {
    let Some(stream) = a.streams("audio").nth(index) else {
        return;
    };
    let rate = figure(stream, "sample_rate").unwrap_or(48_000.0);
    let channels = stream["channels"]
        .as_u64()
        .and_then(|n| usize::try_from(n).ok())
        .unwrap_or(1);
    let (start, mut other_start) = (a.audio_start(index), b.audio_start(index));
    // Matroska counts milliseconds.
    if (start - other_start).abs() <= 0.001 && a.path.extension().is_some_and(|e| e == "mkv" || e == "webm") {
        other_start = start;
    }
    let ours = Signal::from_samples(a.samples(index, start, rate, channels), channels);
    let theirs = Signal::from_samples(b.samples(index, other_start, rate, channels), channels);
    if ours.len().abs_diff(theirs.len()) > 2 * 1152 {
        found
            .faults
            .push(format!("samples: {} and {}", ours.len(), theirs.len()));
    }
    let count = ours.len().min(theirs.len());
    let mut worst = f64::INFINITY;
    let mut totals = [0.0; 3];
    // A stretch is most likely shifted as the one before it.
    let mut last = 0;
    for begin in (0..count).step_by(WINDOW) {
        let window = begin..(begin + WINDOW).min(count);
        // The last packet's end is anyone's guess.
        if window.len() < WINDOW && begin > 0 {
            break;
        }
        let level = ours.level(window.clone()).max(theirs.level(window.clone()));
        let apart = ours.apart(&theirs, window.clone(), 0);
        for (total, lag) in totals.iter_mut().zip([0, 1, -1]) {
            *total += ours.apart(&theirs, window.clone(), lag).powi(2);
        }
        let decibels = 20.0 * (level / apart.max(1e-9)).log10();
        if apart > FLOOR {
            worst = worst.min(decibels);
        }
        let fits = |apart: f64| apart <= FLOOR || 20.0 * (level / apart).log10() >= limits.sound;
        let bad = |lag: isize| !fits(ours.apart(&theirs, window.clone(), lag));
        let shift = isize::try_from(limits.shift).unwrap_or_default();
        let known = [0, last].into_iter().chain(-shift..=shift).find(|lag| !bad(*lag));
        // Where clips are joined, the next may be shifted otherwise.
        let joint = || {
            let next = window.end..(window.end + WINDOW).min(count);
            let lag = (-shift..=shift).min_by(|x, y| {
                let apart = |lag: isize| ours.apart(&theirs, next.clone(), lag);
                apart(*x).total_cmp(&apart(*y))
            })?;
            fits(ours.apart_in_two(&theirs, window.clone(), last, lag)).then_some(lag)
        };
        if let Some(lag) = known.or_else(joint) {
            last = lag;
        } else {
            let far = FAR as isize;
            let lag = (-far..=far)
                .min_by(|x, y| {
                    let apart = |lag: isize| ours.apart(&theirs, window.clone(), lag);
                    apart(*x).total_cmp(&apart(*y))
                })
                .unwrap_or_default();
            let hint = if !bad(lag) {
                format!("; it is {lag} samples off")
            } else {
                String::new()
            };
            let at = begin as f64 / rate;
            found.faults.push(format!(
                "the sound differs at {at:.3} s: {decibels:.1} dB, a level of {level:.4}{hint}"
            ));
            break;
        }
    }
    found.sound = worst.is_finite().then(|| found.sound.unwrap_or(worst).min(worst));
    let [here, later, earlier] = totals;
    let heard = (here / (count / WINDOW).max(1) as f64).sqrt() > FLOOR / 4.0;
    if limits.shift == 0 && found.faults.is_empty() && heard && later.min(earlier) < here * 0.8 {
        found.faults.push("the sound is about a sample off".to_owned());
    }
}

struct Signal {
    channels: usize,
    samples: Vec<f32>,
}

impl Signal {
    fn from_samples(samples: Vec<f32>, channels: usize) -> Signal {
        Signal { channels, samples }
    }

    /// Samples of each channel.
    fn len(&self) -> usize {
        self.samples.len() / self.channels
    }

    fn part(&self, window: std::ops::Range<usize>) -> &[f32] {
        let end = (window.end * self.channels).min(self.samples.len());
        &self.samples[(window.start * self.channels).min(end)..end]
    }

    /// Root mean square of a part.
    fn level(&self, window: std::ops::Range<usize>) -> f64 {
        let part = self.part(window);
        let sum: f32 = part.iter().map(|sample| sample * sample).sum();
        f64::from(sum / part.len().max(1) as f32).sqrt()
    }

    /// The same where the lag becomes another somewhere within the part.
    fn apart_in_two(
        &self,
        other: &Signal,
        window: std::ops::Range<usize>,
        before: isize,
        behind: isize,
    ) -> f64 {
        let splits = window.clone().step_by(32).map(|split| {
            let (first, second) = (window.start..split, split..window.end);
            let squares = |part: std::ops::Range<usize>, lag: isize| {
                self.apart(other, part.clone(), lag).powi(2) * part.len() as f64
            };
            squares(first, before) + squares(second, behind)
        });
        (splits.fold(f64::INFINITY, f64::min) / window.len().max(1) as f64).sqrt()
    }

    /// Root mean square of what a part differs by from another sound that is `lag` samples later.
    fn apart(&self, other: &Signal, window: std::ops::Range<usize>, lag: isize) -> f64 {
        // Nothing is there before the beginning.
        let start = window.start.max(lag.min(0).unsigned_abs());
        let window = start..window.end.max(start);
        let moved = |at: usize| at.saturating_add_signed(lag);
        let (ours, theirs) = (
            self.part(window.clone()),
            other.part(moved(window.start)..moved(window.end)),
        );
        let length = ours.len().min(theirs.len());
        let mut sum = 0.0;
        for (a, b) in ours[..length].iter().zip(&theirs[..length]) {
            let apart = a - b;
            sum += apart * apart;
        }
        f64::from(sum / length.max(1) as f32).sqrt()
    }
}
