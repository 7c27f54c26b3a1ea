//! Every operation on real media, verified by decoded pixels and samples.

mod audio;
mod batches;
mod color;
mod frame;
mod frame_timing;
mod outputs;
mod overlay;
mod remux;
mod smart_render;
mod subtitles;
mod text;
mod time;
mod timestamps;
mod transparency;

use vidc_tests::fixture::Fixture;

use crate::VIDC;

const BLACK: [u8; 3] = [0, 0, 0];
const WHITE: [u8; 3] = [255, 255, 255];
const RED: [u8; 3] = [255, 0, 0];
const LIME: [u8; 3] = [0, 255, 0];
const BLUE: [u8; 3] = [0, 0, 255];

/// Creates a fixture with some sources.
fn fixture(sources: &[&str]) -> Fixture {
    Fixture::with(VIDC, sources)
}

/// Asserts that two numbers differ by at most a tolerance.
#[track_caller]
fn assert_close(found: f64, expected: f64, tolerance: f64) {
    assert!(
        (found - expected).abs() <= tolerance,
        "{found} instead of {expected} ± {tolerance}"
    );
}
