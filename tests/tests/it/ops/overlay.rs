//! Overlays: position, timing, opacity and audio.

use vidc_tests::audio::decode_audio;
use vidc_tests::video::{Area, frame_numbers, frames, is_close};

use super::{BLACK, LIME, RED, WHITE, assert_close, fixture};

/// The area of a red 20x12 card on a black 160x120 video.
fn card(left: usize, top: usize) -> Option<Area> {
    Some(Area {
        left,
        top,
        right: left + 20,
        bottom: top + 12,
    })
}

#[test]
fn overlays_appear_at_their_position() {
    let fixture = fixture(&[]);
    let ground = "color(black, size: 160x120, duration: 80ms)";
    for (position, margin, expected) in [
        ("top-left", "10px", card(10, 10)),
        ("top", "10px", card(70, 10)),
        ("top-right", "10px", card(130, 10)),
        ("left", "10px", card(10, 54)),
        ("center", "10px", card(70, 54)),
        ("right", "10px", card(130, 54)),
        ("bottom-left", "10px", card(10, 98)),
        ("bottom", "10px", card(70, 98)),
        ("bottom-right", "10px", card(130, 98)),
        // Percentages are relative to the height.
        ("bottom-right", "5%", card(134, 102)),
        ("point(x: 50%, y: 50%, anchor: bottom-right)", "0px", card(60, 48)),
    ] {
        let clip = fixture.video_clip(&format!(
            "{ground} | overlay(color(red, size: 20x12), position: {position}, margin: {margin})"
        ));
        assert_eq!(
            frames(&clip)[0].bounding_box(BLACK),
            expected,
            "{position}, {margin}"
        );
    }
}

#[test]
fn overlays_honor_timing_and_opacity() {
    let fixture = fixture(&["count.mp4"]);
    let clip = fixture.video_clip(
        "color(black, size: 64x48, duration: 2s) \
         | overlay(color(white, size: 64x48), opacity: 0.5, during: 0.52s..1.2s)",
    );
    for (index, frame) in frames(&clip).iter().enumerate() {
        let expected = if (13..30).contains(&index) {
            [128; 3]
        } else {
            BLACK
        };
        assert!(
            is_close(frame.at(30, 20), expected, 6),
            "frame {index}: {:?}",
            frame.at(30, 20)
        );
    }
    // An overlaid clip plays from its start, and the base video is visible again after it.
    let clip = fixture.clip(
        "input(\"count.mp4\") | trim(0s..2s) | overlay(input(\"count.mp4\") | trim(2s..3s), during: 0.4s..1s)",
    );
    let expected: Vec<i64> = (0..10).chain(50..65).chain(25..50).collect();
    assert_eq!(frame_numbers(&clip), expected);
}

#[test]
fn pip_has_a_border_and_its_own_audio() {
    let fixture = fixture(&["low.wav", "high.wav"]);
    let pip = |audio: &str| {
        let clip = fixture.clip(&format!(
            "color(black, size: 160x120, duration: 2s) | replace-audio(input(\"low.wav\")) \
             | pip(color(red, size: 160x120, duration: 2s) | replace-audio(input(\"high.wav\")), \
                   position: top-left, width: 40px, margin: 20px, border: 4px, border-color: lime, \
                   during: 1s..2s, {audio})"
        ));
        (frames(&clip), decode_audio(&clip))
    };
    let (frames, mixed) = pip("audio: mix, volume: -6dB");
    assert_eq!(frames[24].bounding_box(BLACK), None);
    let shown = &frames[25];
    let outside = Area {
        left: 20,
        top: 20,
        right: 68,
        bottom: 58,
    };
    assert_eq!(
        shown.bounding_box(BLACK),
        Some(outside),
        "the margin is from the border's outside"
    );
    for ((x, y), color) in [
        ((30, 30), RED),
        ((60, 48), RED),
        ((21, 21), LIME),
        ((30, 22), LIME),
        ((66, 40), LIME),
    ] {
        assert!(
            is_close(shown.at(x, y), color, 40),
            "{:?} at {x}, {y}",
            shown.at(x, y)
        );
    }
    assert_eq!(shown.count(WHITE), 0);
    assert!(mixed.tone(2000.0, 0.1, 0.9) < -60.0, "silent before it is seen");
    assert_close(mixed.tone(2000.0, 1.1, 1.9), -12.0, 0.5);
    assert_close(mixed.tone(300.0, 1.1, 1.9), -6.0, 0.5);
    let (_, muted) = pip("audio: mute");
    assert!(muted.tone(2000.0, 1.1, 1.9) < -60.0);
}
