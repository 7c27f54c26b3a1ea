//! Size, geometry and color operations.

use vidc_tests::fixture::Fixture;
use vidc_tests::video::{Frame, Rgb, frames, is_close};

use super::{BLACK, BLUE, LIME, RED, WHITE, assert_close, fixture};

/// The first frame of the quadrants after some operations.
#[track_caller]
fn quadrants(fixture: &Fixture, operations: &str) -> Frame {
    let clip = fixture.clip(&format!(
        "input(\"quarters.mp4\") | trim(0s..80ms) | {operations}"
    ));
    frames(&clip).swap_remove(0)
}

/// Asserts the size of a frame and the colors of some of its pixels.
#[track_caller]
fn assert_frame(frame: &Frame, size: (usize, usize), pixels: &[(usize, usize, Rgb)]) {
    assert_eq!((frame.width, frame.height), size);
    for &(x, y, color) in pixels {
        let found = frame.at(x, y);
        assert!(
            is_close(found, color, 24),
            "{found:?} instead of {color:?} at {x}, {y}"
        );
    }
}

#[test]
fn fit_resizes_the_video() {
    let fixture = fixture(&["quarters.mp4"]);
    let wide = (240, 120);
    let contained = quadrants(&fixture, "fit(240x120, color: white)");
    assert_frame(
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
    let covered = quadrants(&fixture, "fit(240x120, mode: cover)");
    assert_frame(
        &covered,
        wide,
        &[(4, 4, RED), (235, 4, LIME), (4, 115, BLUE), (235, 115, WHITE)],
    );
    let filled = quadrants(&fixture, "fit(240x120, mode: fill)");
    assert_frame(
        &filled,
        wide,
        &[(4, 4, RED), (110, 50, RED), (130, 50, LIME), (4, 115, BLUE)],
    );
    let untouched = quadrants(&fixture, "fit(80x200, mode: none)");
    assert_frame(
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
    let blurred = quadrants(&fixture, "fit(240x120, mode: blur)");
    assert_frame(&blurred, wide, &[(60, 20, RED), (180, 20, LIME), (60, 100, BLUE)]);
    assert!(
        !is_close(blurred.at(4, 20), BLACK, 40),
        "no bar, but a blurred copy"
    );
}

#[test]
fn crop_keeps_the_given_area() {
    let fixture = fixture(&["quarters.mp4"]);
    let size = (60, 40);
    for (position, color) in [
        ("top-left", RED),
        ("top-right", LIME),
        ("bottom-left", BLUE),
        ("bottom-right", WHITE),
    ] {
        let part = quadrants(&fixture, &format!("crop(60x40, position: {position})"));
        assert_frame(&part, size, &[(2, 2, color), (57, 37, color)]);
    }
    let middle = quadrants(&fixture, "crop(60x40)");
    assert_frame(
        &middle,
        size,
        &[(2, 2, RED), (57, 2, LIME), (2, 37, BLUE), (57, 37, WHITE)],
    );
    let by_point = quadrants(
        &fixture,
        "crop(60x40, position: point(x: 75%, y: 25%, anchor: center))",
    );
    assert_frame(&by_point, size, &[(2, 2, LIME), (57, 37, LIME)]);
    let with_margin = quadrants(&fixture, "crop(60x40, position: top-left, margin: 40px)");
    assert_frame(&with_margin, size, &[(2, 2, RED), (57, 2, LIME), (2, 37, BLUE)]);
}

#[test]
fn pad_places_the_video_on_a_canvas() {
    let fixture = fixture(&["quarters.mp4"]);
    let centred = quadrants(&fixture, "pad(200x160, color: blue)");
    assert_frame(
        &centred,
        (200, 160),
        &[(10, 80, BLUE), (24, 24, RED), (176, 24, LIME), (100, 150, BLUE)],
    );
    let corner = quadrants(&fixture, "pad(200x160, position: bottom-right, margin: 10px)");
    assert_frame(
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
fn rotate_flip_and_scale_move_the_quadrants() {
    let fixture = fixture(&["quarters.mp4"]);
    let corners = |frame: &Frame, expected: [Rgb; 4]| {
        let (right, bottom) = (frame.width - 5, frame.height - 5);
        let places = [(4, 4), (right, 4), (4, bottom), (right, bottom)];
        for ((x, y), color) in places.into_iter().zip(expected) {
            let found = frame.at(x, y);
            assert!(
                is_close(found, color, 24),
                "{found:?} instead of {color:?} at {x}, {y}"
            );
        }
    };
    let quarter = quadrants(&fixture, "rotate(90deg)");
    assert_eq!((quarter.width, quarter.height), (120, 160));
    corners(&quarter, [BLUE, RED, WHITE, LIME]);
    corners(&quadrants(&fixture, "rotate(-90deg)"), [LIME, WHITE, RED, BLUE]);
    corners(&quadrants(&fixture, "rotate(180deg)"), [WHITE, BLUE, LIME, RED]);
    corners(&quadrants(&fixture, "flip(horizontal)"), [LIME, RED, WHITE, BLUE]);
    corners(&quadrants(&fixture, "flip(vertical)"), [BLUE, WHITE, RED, LIME]);

    let free = quadrants(&fixture, "rotate(45deg)");
    assert_close(free.width as f64, 280.0 / 2.0_f64.sqrt(), 3.0);
    corners(&free, [BLACK; 4]);
    let (x, y) = (free.width / 2, free.height / 2);
    assert_frame(
        &free,
        (free.width, free.height),
        &[
            (x, y - 30, RED),
            (x + 30, y, LIME),
            (x - 30, y, BLUE),
            (x, y + 30, WHITE),
        ],
    );

    let half = quadrants(&fixture, "scale(width: 50%)");
    assert_eq!((half.width, half.height), (80, 60));
    corners(&half, [RED, LIME, BLUE, WHITE]);
    let tall = quadrants(&fixture, "scale(height: 60px)");
    assert_eq!((tall.width, tall.height), (80, 60));
}

#[test]
fn fps_drops_and_repeats_frames() {
    let fixture = fixture(&["count.mp4"]);
    for (rate, frames_expected) in [("5", 20), ("50", 200), ("30000/1001", 120)] {
        let clip = fixture.clip(&format!("input(\"count.mp4\") | fps({rate})"));
        let numbers = vidc_tests::video::frame_numbers(&clip);
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
fn grayscale_removes_color_and_opacity_blends() {
    let fixture = fixture(&["quarters.mp4"]);
    let gray = quadrants(&fixture, "grayscale");
    for (x, y) in [(4, 4), (155, 4), (4, 115), (155, 115)] {
        let [red, green, blue] = gray.at(x, y);
        assert!(red.abs_diff(green) < 4 && green.abs_diff(blue) < 4, "at {x}, {y}");
    }
    assert!(gray.at(155, 4)[0] > gray.at(4, 4)[0], "lime is lighter than red");
    let half = quadrants(
        &fixture,
        "overlay(color(black, size: 80x120, duration: 1s) | opacity(50%), position: right)",
    );
    assert_frame(
        &half,
        (160, 120),
        &[(4, 4, RED), (155, 4, [0, 128, 0]), (155, 115, [128; 3])],
    );
}
