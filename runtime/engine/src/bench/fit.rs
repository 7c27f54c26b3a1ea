//! Fits rates to samples.

use std::collections::{BTreeMap, BTreeSet};

use vidc_compiler::cost::{Rate, Rates};

use super::runner::Sample;

/// Built-in rates, replaced one after another by measured ones.
pub(super) struct Fit {
    rates: Rates,
    built_in: Rates,
    measured: BTreeSet<String>,
}

impl Fit {
    pub(super) fn new(built_in: Rates) -> Fit {
        Fit {
            rates: built_in.clone(),
            built_in,
            measured: BTreeSet::new(),
        }
    }

    /// Sets the CPU time of starting ffmpeg.
    pub(super) fn process_start(&mut self, seconds: f64) {
        self.rates.process_start = seconds;
    }

    pub(super) fn encoder(&mut self, name: &str, samples: &[Sample]) {
        if let Some(rate) = fitted(self.rates.encoders.get(name), samples) {
            self.rates.encoders.insert(name.to_owned(), rate);
            self.measured.insert(format!("encoder {name}"));
        }
    }

    pub(super) fn decoder(&mut self, name: &str, samples: &[Sample]) {
        if let Some(rate) = fitted(self.rates.decoders.get(name), samples) {
            self.rates.decoders.insert(name.to_owned(), rate);
            self.measured.insert(format!("decoder {name}"));
        }
    }

    /// Sets the rate of a filter that took so many seconds of CPU time for so many units.
    pub(super) fn filter(&mut self, name: &str, seconds: f64, units: f64) {
        let per_unit = (seconds / units).max(0.0);
        let known = self.rates.filters.get(name).copied();
        let serial = known.map_or(1.0, |known| known.serial_share);
        self.rates
            .filters
            .insert(name.to_owned(), Rate::new(per_unit, 0.0, serial));
        self.measured.insert(format!("filter {name}"));
    }

    /// The rates. Those not measured are scaled by how the measured ones of their kind compare with the built-in ones.
    pub(super) fn finish(mut self) -> Rates {
        let groups = [
            ("encoder", &mut self.rates.encoders, &self.built_in.encoders),
            ("decoder", &mut self.rates.decoders, &self.built_in.decoders),
            ("filter", &mut self.rates.filters, &self.built_in.filters),
        ];
        for (group, rates, built_in) in groups {
            scale_rest(rates, built_in, |name| {
                self.measured.contains(&format!("{group} {name}"))
            });
        }
        self.rates.per_megabyte *= self.rates.process_start / self.built_in.process_start.max(1e-6);
        self.rates.measured = true;
        self.rates
    }
}

/// Scales the rates that were not measured: by other presets of the same encoder if any was measured, else by all.
fn scale_rest(
    rates: &mut BTreeMap<String, Rate>,
    built_in: &BTreeMap<String, Rate>,
    measured: impl Fn(&str) -> bool,
) {
    let family = |name: &str| name.split(' ').next().unwrap_or(name).to_owned();
    let mut all = Vec::new();
    let mut by_family: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for (name, rate) in rates.iter().filter(|(name, _)| measured(name)) {
        if let Some(known) = built_in.get(name).filter(|known| known.per_unit > 0.0) {
            all.push(rate.per_unit / known.per_unit);
            by_family
                .entry(family(name))
                .or_default()
                .push(rate.per_unit / known.per_unit);
        }
    }
    for (name, rate) in rates.iter_mut().filter(|(name, _)| !measured(name)) {
        let factor = by_family
            .get_mut(&family(name))
            .and_then(|values| median(values))
            .or_else(|| median(&mut all));
        let factor = factor.unwrap_or(1.0);
        rate.per_unit *= factor;
        rate.per_megabit *= factor;
    }
}

fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// Fits CPU time per unit and per megabit. The other properties of a rate depend on the implementation and stay unchanged.
fn fitted(known: Option<&Rate>, samples: &[Sample]) -> Option<Rate> {
    let known = known.copied().unwrap_or(Rate::new(0.0, 0.0, 1.0));
    let of = |unit: f64, megabit: f64| Rate {
        per_unit: unit,
        per_megabit: megabit,
        ..known
    };
    let (a, b) = match samples {
        [] => return None,
        [one] => return Some(of(one.cpu / one.units, 0.0)),
        [a, b, ..] => (a, b),
    };
    let plain = of((a.cpu + b.cpu) / (a.units + b.units), 0.0);
    let across = a.units * b.megabits - b.units * a.megabits;
    if across.abs() < 1e-9 {
        return Some(plain);
    }
    let unit = (a.cpu * b.megabits - b.cpu * a.megabits) / across;
    let megabit = (a.units * b.cpu - b.units * a.cpu) / across;
    // Noise can make a solution of two equations negative.
    Some(match unit > 0.0 && megabit > 0.0 {
        true => of(unit, megabit),
        false => plain,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(cpu: f64, units: f64, megabits: f64) -> Sample {
        Sample { cpu, units, megabits }
    }

    #[test]
    fn two_samples_separate_the_cost_of_pixels_and_bits() {
        let samples = [
            sample(10.0 * 0.02 + 1.0 * 0.1, 10.0, 1.0),
            sample(10.0 * 0.02 + 5.0 * 0.1, 10.0, 5.0),
        ];
        let rate = fitted(None, &samples).unwrap();
        assert!(
            (rate.per_unit - 0.02).abs() < 1e-9 && (rate.per_megabit - 0.1).abs() < 1e-9,
            "{rate:?}"
        );
    }

    #[test]
    fn inseparable_costs_are_attributed_to_pixels() {
        let rate = fitted(None, &[sample(2.0, 10.0, 5.0), sample(1.0, 10.0, 9.0)]).unwrap();
        assert_eq!((rate.per_unit, rate.per_megabit), (0.15, 0.0));
        assert!(fitted(None, &[]).is_none());
    }

    #[test]
    fn unmeasured_presets_are_scaled_like_their_encoder() {
        let mut built_in = Rates::default();
        let of = |unit: f64| Rate::new(unit, 0.0, 0.1);
        built_in.encoders = [("x a", of(1.0)), ("x b", of(2.0)), ("y", of(3.0))]
            .map(|(name, rate)| (name.to_owned(), rate))
            .into();
        let mut fit = Fit::new(built_in);
        fit.encoder("x a", &[sample(5.0, 10.0, 0.0)]);
        let rates = fit.finish();
        assert_eq!(rates.encoders["x a"].per_unit, 0.5);
        assert_eq!(rates.encoders["x b"].per_unit, 1.0);
        assert_eq!(rates.encoders["y"].per_unit, 1.5);
        assert!(rates.measured);
    }
}
