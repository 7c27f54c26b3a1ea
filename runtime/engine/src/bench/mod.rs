//! Measures the cost of decoding, filtering, and encoding on this machine (`vidc doctor --bench`).
//!
//! FFmpeg's own test sources pass through one component at a time, and `-benchmark` reports the CPU time, which other work on
//! the machine disturbs less than wall time.

mod cases;
mod fit;
mod machine_rates;
mod runner;

use vidc_compiler::cost::Rates;
use vidc_compiler::facts::Capabilities;

use crate::error::Error;
use crate::ffmpeg::Tools;
use crate::probe_cache::ProbeCache;
use fit::Fit;
use runner::Runner;

pub use machine_rates::rates;

/// Measures this machine, caches the rates for later estimates, and returns them. `on_start` is called with the name of each
/// measurement.
///
/// # Errors
/// If the test media cannot be written. What this FFmpeg does not have or fails to run keeps its built-in rate, scaled by how
/// the measured rates compare with the built-in ones.
pub async fn bench(
    tools: &Tools,
    cache: &ProbeCache,
    capabilities: &Capabilities,
    on_start: &(dyn Fn(&str) + Send + Sync),
) -> Result<Rates, Error> {
    let runner = Runner::new(tools)?;
    let mut fit = Fit::new(machine_rates::built_in(capabilities));
    on_start("start of ffmpeg");
    fit.process_start(runner.process_start().await?);
    on_start("test media");
    runner.write_media().await?;
    let baseline = runner.baseline().await?;

    let has_encoder = |name: &str| capabilities.encoders.contains(name);
    for case in cases::encoders().filter(|case| has_encoder(case.encoder)) {
        on_start(&case.name());
        let mut samples = Vec::new();
        for content in case.contents() {
            samples.extend(runner.encode(&case, content, &baseline).await);
        }
        fit.encoder(&case.name(), &samples);
    }
    for case in cases::decoders().filter(|case| has_encoder(case.encoder)) {
        on_start(&format!("decoding {}", case.codec));
        let mut samples = Vec::new();
        for content in case.contents() {
            samples.extend(runner.decode(&case, content).await);
        }
        fit.decoder(case.codec, &samples);
    }
    for case in cases::filters().filter(|case| capabilities.has_filter(case.filter)) {
        let name = case.name();
        on_start(&name);
        if let Some(seconds) = runner.filter(&case).await {
            fit.filter(&name, seconds - baseline.for_filter(&case), case.units);
        }
    }
    let rates = fit.finish();
    machine_rates::store(cache, capabilities, &rates);
    Ok(rates)
}
