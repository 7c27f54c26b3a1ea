//! Size, shape and look of the picture.

use vidc_tests::fixture::Studio;
use vidc_tests::picture::{Frame, Rgb, frames, near};

use super::{BLACK, BLUE, LIME, RED, WHITE, about, studio};

/// The first frame of the quarters after some operations.
#[track_caller]
fn quarters(studio: &Studio, operations: &str) -> Frame {
    let clip = studio.clip(&format!(
        "input(\"quarters.mp4\") | trim(0s..80ms) | {operations}"
    ));
    frames(&clip).swap_remove(0)
}

/// Asserts the size of a frame and the colors of some of its pixels.
#[track_caller]
fn seen(frame: &Frame, size: (usize, usize), pixels: &[(usize, usize, Rgb)]) {
    assert_eq!((frame.width, frame.height), size);
    for &(x, y, color) in pixels {
        let found = frame.at(x, y);
        assert!(
            near(found, color, 24),
            "{found:?} instead of {color:?} at {x}, {y}"
        );
    }
}

#[test]
fn fit_brings_the_picture_to_a_size() {
    let studio = studio(&["quarters.mp4"]);
    let wide = (240, 120);
    let contained = quarters(&studio, "fit(240x120, color: white)");
    seen(
        &contained,
        wide,
        &[
            (4, 60, WHITE),
            (235, 20, WHITE),
            (60, 20, RED),
            (180, 20, LIME),
            (60, 100, BLUE),
        ],
    );
    let covered = quarters(&studio, "fit(240x120, mode: cover)");
    seen(
        &covered,
        wide,
        &[(4, 4, RED), (235, 4, LIME), (4, 115, BLUE), (235, 115, WHITE)],
    );
    let filled = quarters(&studio, "fit(240x120, mode: fill)");
    seen(
        &filled,
        wide,
        &[(4, 4, RED), (110, 50, RED), (130, 50, LIME), (4, 115, BLUE)],
    );
    let untouched = quarters(&studio, "fit(80x200, mode: none)");
    seen(
        &untouched,
        (80, 200),
        &[
            (4, 20, BLACK),
            (4, 180, BLACK),
            (4, 60, RED),
            (75, 60, LIME),
            (4, 140, BLUE),
        ],
    );
    let blurred = quarters(&studio, "fit(240x120, mode: blur)");
    seen(&blurred, wide, &[(60, 20, RED), (180, 20, LIME), (60, 100, BLUE)]);
    assert!(!near(blurred.at(4, 20), BLACK, 40), "no bar, but a blurred copy");
}

#[test]
fn crop_keeps_the_part_that_is_named() {
    let studio = studio(&["quarters.mp4"]);
    let size = (60, 40);
    for (position, color) in [
        ("top-left", RED),
        ("top-right", LIME),
        ("bottom-left", BLUE),
        ("bottom-right", WHITE),
    ] {
        let part = quarters(&studio, &format!("crop(60x40, position: {position})"));
        seen(&part, size, &[(2, 2, color), (57, 37, color)]);
    }
    let middle = quarters(&studio, "crop(60x40)");
    seen(
        &middle,
        size,
        &[(2, 2, RED), (57, 2, LIME), (2, 37, BLUE), (57, 37, WHITE)],
    );
    let by_point = quarters(
        &studio,
        "crop(60x40, position: point(x: 75%, y: 25%, anchor: center))",
    );
    seen(&by_point, size, &[(2, 2, LIME), (57, 37, LIME)]);
    let with_margin = quarters(&studio, "crop(60x40, position: top-left, margin: 40px)");
    seen(&with_margin, size, &[(2, 2, RED), (57, 2, LIME), (2, 37, BLUE)]);
}

#[test]
fn pad_lays_the_picture_on_a_ground() {
    let studio = studio(&["quarters.mp4"]);
    let centred = quarters(&studio, "pad(200x160, color: blue)");
    seen(
        &centred,
        (200, 160),
        &[(10, 80, BLUE), (24, 24, RED), (176, 24, LIME), (100, 150, BLUE)],
    );
    let corner = quarters(&studio, "pad(200x160, position: bottom-right, margin: 10px)");
    seen(
        &corner,
        (200, 160),
        &[
            (26, 80, BLACK),
            (34, 34, RED),
            (186, 146, WHITE),
            (195, 155, BLACK),
        ],
    );
}

#[test]
fn rotate_flip_and_scale_move_the_quarters() {
    let studio = studio(&["quarters.mp4"]);
    let corners = |frame: &Frame, expected: [Rgb; 4]| {
        let (right, bottom) = (frame.width - 5, frame.height - 5);
        let places = [(4, 4), (right, 4), (4, bottom), (right, bottom)];
        for ((x, y), color) in places.into_iter().zip(expected) {
            let found = frame.at(x, y);
            assert!(
                near(found, color, 24),
                "{found:?} instead of {color:?} at {x}, {y}"
            );
        }
    };
    let quarter = quarters(&studio, "rotate(90deg)");
    assert_eq!((quarter.width, quarter.height), (120, 160));
    corners(&quarter, [BLUE, RED, WHITE, LIME]);
    corners(&quarters(&studio, "rotate(-90deg)"), [LIME, WHITE, RED, BLUE]);
    corners(&quarters(&studio, "rotate(180deg)"), [WHITE, BLUE, LIME, RED]);
    corners(&quarters(&studio, "flip(horizontal)"), [LIME, RED, WHITE, BLUE]);
    corners(&quarters(&studio, "flip(vertical)"), [BLUE, WHITE, RED, LIME]);

    let free = quarters(&studio, "rotate(45deg)");
    about(free.width as f64, 280.0 / 2.0_f64.sqrt(), 3.0);
    corners(&free, [BLACK; 4]);
    let (x, y) = (free.width / 2, free.height / 2);
    seen(
        &free,
        (free.width, free.height),
        &[
            (x, y - 30, RED),
            (x + 30, y, LIME),
            (x - 30, y, BLUE),
            (x, y + 30, WHITE),
        ],
    );

    let half = quarters(&studio, "scale(width: 50%)");
    assert_eq!((half.width, half.height), (80, 60));
    corners(&half, [RED, LIME, BLUE, WHITE]);
    let tall = quarters(&studio, "scale(height: 60px)");
    assert_eq!((tall.width, tall.height), (80, 60));
}

#[test]
fn fps_leaves_out_and_repeats_frames() {
    let studio = studio(&["count.mp4"]);
    for (rate, frames_expected) in [("5", 20), ("50", 200), ("30000/1001", 120)] {
        let clip = studio.clip(&format!("input(\"count.mp4\") | fps({rate})"));
        let numbers = vidc_tests::picture::numbers(&clip);
        assert!(
            numbers.len().abs_diff(frames_expected) <= 1,
            "{rate}: {}",
            numbers.len()
        );
        assert!(numbers.is_sorted(), "{rate}: {numbers:?}");
        assert!(
            numbers[0] <= 2 && *numbers.last().unwrap() >= 95,
            "{rate}: {numbers:?}"
        );
    }
}

#[test]
fn colors_go_and_what_lies_below_shows_through() {
    let studio = studio(&["quarters.mp4"]);
    let gray = quarters(&studio, "grayscale");
    for (x, y) in [(4, 4), (155, 4), (4, 115), (155, 115)] {
        let [red, green, blue] = gray.at(x, y);
        assert!(red.abs_diff(green) < 4 && green.abs_diff(blue) < 4, "at {x}, {y}");
    }
    assert!(gray.at(155, 4)[0] > gray.at(4, 4)[0], "lime is lighter than red");
    let half = quarters(
        &studio,
        "overlay(color(black, size: 80x120, duration: 1s) | opacity(50%), position: right)",
    );
    seen(
        &half,
        (160, 120),
        &[(4, 4, RED), (155, 4, [0, 128, 0]), (155, 115, [128; 3])],
    );
}
