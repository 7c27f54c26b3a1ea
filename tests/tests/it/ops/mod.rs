//! Every operation on real media, judged by the pixels and samples that come out.

mod batches;
mod color;
mod copying;
mod frame;
mod frame_timing;
mod outputs;
mod overlay;
mod remuxed;
mod sound;
mod subtitles;
mod text;
mod time;
mod timestamps;
mod transparency;

use vidc_tests::fixture::Studio;

use crate::VIDC;

const BLACK: [u8; 3] = [0, 0, 0];
const WHITE: [u8; 3] = [255, 255, 255];
const RED: [u8; 3] = [255, 0, 0];
const LIME: [u8; 3] = [0, 255, 0];
const BLUE: [u8; 3] = [0, 0, 255];

/// A studio with some sources in it.
fn studio(sources: &[&str]) -> Studio {
    Studio::with(VIDC, sources)
}

/// Asserts that two figures are no farther apart than a tolerance.
#[track_caller]
fn about(found: f64, expected: f64, tolerance: f64) {
    assert!(
        (found - expected).abs() <= tolerance,
        "{found} instead of {expected} ± {tolerance}"
    );
}
