//! The rates of this machine: measured and cached, or built in.

use std::num::NonZero;

use vidc_compiler::cost::Rates;
use vidc_compiler::facts::Capabilities;

use crate::probe_cache::ProbeCache;

/// The kind of the cache entry.
const KIND: &str = "rates";
/// The first FFmpeg release in which every part of a run has a thread of its own.
const PIPELINED_SINCE: u32 = 7;

/// The rates measured on this machine, else the built-in ones.
pub fn rates(cache: &ProbeCache, capabilities: &Capabilities) -> Rates {
    let built_in = built_in(capabilities);
    match cache.get::<Rates>(KIND, &key(capabilities, built_in.cores)) {
        // Sizes are not measured, and an earlier version may have measured fewer filters.
        Some(measured) => {
            let mut filters = built_in.filters;
            filters.extend(measured.filters);
            Rates {
                sizes: built_in.sizes,
                filters,
                ..measured
            }
        }
        None => built_in,
    }
}

/// Caches measured rates.
pub(super) fn store(cache: &ProbeCache, capabilities: &Capabilities, rates: &Rates) {
    cache.put(KIND, &key(capabilities, rates.cores), rates);
}

/// The built-in rates, for this machine's number of processors and this FFmpeg.
pub(super) fn built_in(capabilities: &Capabilities) -> Rates {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    Rates {
        cores: u32::try_from(cores).unwrap_or(u32::MAX),
        pipelined: capabilities.version.major >= PIPELINED_SINCE,
        ..Rates::default()
    }
}

fn key(capabilities: &Capabilities, cores: u32) -> String {
    format!("{}\0{cores}", capabilities.build)
}
