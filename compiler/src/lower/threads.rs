//! The number of threads of encoders whose own choice is not the best.

use crate::facts::Facts;

/// FFmpeg's option for it.
pub(super) const OPTION: &str = "threads";

/// The thread option of an encoder; none if the encoder chooses.
///
/// x264 uses 1.5 threads per processor. Before FFmpeg 7 the thread that filters also waits until the encoder accepts each
/// frame; with few processors, 2 threads per processor keep them busy meanwhile. Measured on 2 processors, that is 10 %
/// faster with files of the same size; 3 threads per processor make files up to 3 % larger.
pub(super) fn option(encoder: &str, facts: &Facts) -> Option<(String, String)> {
    let cores = facts.rates.cores;
    let encoder_blocks_filters = !facts.rates.pipelined && (2..=4).contains(&cores);
    (encoder == "libx264" && encoder_blocks_filters).then(|| (OPTION.to_owned(), (2 * cores).to_string()))
}
