//! How many threads an encoder gets where its own choice is not the best.

use crate::facts::Facts;

/// The option by which FFmpeg hands it on.
pub(super) const OPTION: &str = "threads";

/// x264 takes one and a half for each processor. Before FFmpeg 7 the thread that filters also waits for the encoder to
/// take each picture; where there are few processors, two for each keep them busy then. Measured on two, that is a tenth
/// faster, and files are as large; with three for each they grow by up to 3 %.
pub(super) fn of(encoder: &str, facts: &Facts) -> Option<(String, String)> {
    let cores = facts.rates.cores;
    let waits = !facts.rates.pipelined && (2..=4).contains(&cores);
    (encoder == "libx264" && waits).then(|| (OPTION.to_owned(), (2 * cores).to_string()))
}
