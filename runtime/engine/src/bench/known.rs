//! The figures of this machine: measured and kept, or built in.

use std::num::NonZero;

use vidc_compiler::cost::Rates;
use vidc_compiler::facts::Capabilities;

use crate::probe_cache::ProbeCache;

/// What the cache calls them.
const KIND: &str = "rates";
/// From this release on every part of a run has a thread of its own.
const PIPELINED: u32 = 7;

/// The figures of this machine as they were measured, else the built-in ones.
pub fn rates(cache: &ProbeCache, able: &Capabilities) -> Rates {
    let machine = machine(able);
    match cache.get::<Rates>(KIND, &key(able, machine.cores)) {
        // Sizes are not measured, and an earlier version may have measured fewer filters.
        Some(measured) => {
            let mut filters = machine.filters;
            filters.extend(measured.filters);
            Rates {
                sizes: machine.sizes,
                filters,
                ..measured
            }
        }
        None => machine,
    }
}

/// Keeps measured figures.
pub(super) fn keep(cache: &ProbeCache, able: &Capabilities, rates: &Rates) {
    cache.put(KIND, &key(able, rates.cores), rates);
}

/// The built-in figures, for as many processors as this machine has.
pub(super) fn machine(able: &Capabilities) -> Rates {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    Rates {
        cores: u32::try_from(cores).unwrap_or(u32::MAX),
        pipelined: able.version.major >= PIPELINED,
        ..Rates::default()
    }
}

fn key(able: &Capabilities, cores: u32) -> String {
    format!("{}\0{cores}", able.build)
}
