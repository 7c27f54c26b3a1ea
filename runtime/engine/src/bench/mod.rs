//! Measuring what decoding, filtering and encoding take on this machine (`vidc doctor --bench`).
//!
//! Media are made of FFmpeg's own test pictures and run through one part at a time, which is told by what ffmpeg says
//! of its processor time (`-benchmark`). That is less disturbed by other work on the machine than the time it takes.

mod cases;
mod fit;
mod known;
mod trial;

use vidc_compiler::cost::Rates;
use vidc_compiler::facts::Capabilities;

use crate::error::Error;
use crate::ffmpeg::Tools;
use crate::probe_cache::ProbeCache;
use fit::Fit;
use trial::Bench;

pub use known::rates;

/// Measures this machine, keeps the figures for later estimates, and returns them. `tell` hears what is measured.
///
/// # Errors
/// If media cannot be made. What this FFmpeg does not have, or fails at, keeps its built-in figure, scaled by how this
/// machine does otherwise.
pub async fn bench(
    tools: &Tools,
    cache: &ProbeCache,
    able: &Capabilities,
    tell: &(dyn Fn(&str) + Send + Sync),
) -> Result<Rates, Error> {
    let bench = Bench::new(tools)?;
    let mut fit = Fit::new(known::machine(able));
    tell("starting");
    fit.start(bench.start().await?);
    tell("media");
    bench.media().await?;
    let without = bench.unfiltered().await?;

    for case in cases::encoders().filter(|case| able.encoders.contains(case.encoder)) {
        tell(&case.name());
        let mut runs = Vec::new();
        for content in case.contents() {
            runs.extend(bench.encode(&case, content, &without).await);
        }
        fit.encoder(&case.name(), &runs);
    }
    for case in cases::decoders().filter(|case| able.encoders.contains(case.encoder)) {
        tell(&format!("decoding {}", case.codec));
        let mut runs = Vec::new();
        for content in case.contents() {
            runs.extend(bench.decode(&case, content).await);
        }
        fit.decoder(case.codec, &runs);
    }
    for case in cases::filters().filter(|case| able.has_filter(case.filter)) {
        let name = case.name();
        tell(&name);
        if let Some(seconds) = bench.filter(&case).await {
            fit.filter(&name, seconds - without.of(&case), case.amount);
        }
    }
    let rates = fit.finish();
    known::keep(cache, able, &rates);
    Ok(rates)
}
