//! When things are seen and heard: trim, concat, crossfades, fades, speed, delay, loop.

use vidc_tests::fixture::made;
use vidc_tests::media::{beeps, flashes};
use vidc_tests::picture::{frames, near, numbers};
use vidc_tests::sound::sound;

use super::{BLUE, RED, about, studio};

fn counted(range: std::ops::Range<i64>) -> Vec<i64> {
    range.collect()
}

#[test]
fn trim_is_exact_with_and_without_seeking() {
    let studio = studio(&["count.mp4"]);
    for (pipeline, expected) in [
        ("input(\"count.mp4\") | trim(1.24s..2s)", counted(31..50)),
        ("input(\"count.mp4\") | trim(0.4s..0.48s)", counted(10..12)),
        // Cuts fall on the nearest frame.
        ("input(\"count.mp4\") | trim(2.01s..3.03s)", counted(50..76)),
        ("input(\"count.mp4\") | trim(3.6s..)", counted(90..100)),
        (
            "input(\"count.mp4\") | trim(1s..3s) | trim(0.52s..1s)",
            counted(38..50),
        ),
        (
            "concat([input(\"count.mp4\") | trim(2s..3s), input(\"count.mp4\") | trim(0s..1s)]) | trim(0.8s..1.2s)",
            [counted(70..75), counted(0..5)].concat(),
        ),
        // One frame of the first is left, one is the second, and one is left of the third.
        (
            "concat([input(\"count.mp4\") | trim(2s..3s), input(\"count.mp4\") | trim(0.4s..0.44s), \
             input(\"count.mp4\")]) | trim(0.96s..1.08s)",
            vec![74, 10, 0],
        ),
    ] {
        for options in [&[][..], &["--no-pass", "seek-pushdown"]] {
            let clip = studio.clip_with(pipeline, options);
            assert_eq!(numbers(&clip), expected, "{pipeline} with {options:?}");
            about(sound(&clip).seconds(), expected.len() as f64 / 25.0, 0.021);
        }
    }
}

/// FFmpeg goes on with its last frame, and ends with code 0.
#[test]
fn a_file_that_ends_early_is_told() {
    let studio = studio(&["count.mp4"]);
    let whole = made(
        "whole.mkv",
        "-f lavfi -i testsrc2=s=320x180:r=25:d=8 -c:v libx264 -pix_fmt yuv420p",
    );
    let bytes = std::fs::read(whole).unwrap();
    studio.write("short.mkv", &bytes[..bytes.len() * 6 / 10]);
    let said = studio
        .run(
            "output(\"out.mkv\", from: concat([input(\"short.mkv\"), input(\"count.mp4\")]))",
            &[],
        )
        .expect(4)
        .stderr;
    assert!(said.contains("ends earlier than its header says"), "{said}");
    assert!(!studio.path("out.mkv").exists());
}

#[test]
fn sound_and_picture_stay_together_through_cuts() {
    let studio = studio(&["flash.mp4"]);
    let clip = studio.clip(
        "concat([input(\"flash.mp4\") | trim(0.52s..1.4s), input(\"flash.mp4\") | trim(1.72s..3.36s)])",
    );
    let (flashes, beeps) = (flashes(&clip, 25.0), beeps(&clip));
    for (found, expected) in flashes.iter().zip([0.48, 1.16, 2.16]) {
        about(*found, expected, 0.001);
    }
    assert_eq!((flashes.len(), beeps.len()), (3, 3), "{flashes:?} {beeps:?}");
    for (flash, beep) in flashes.iter().zip(&beeps) {
        about(*beep, *flash, 0.006);
    }
}

#[test]
fn concat_brings_clips_to_a_common_form() {
    let studio = studio(&["quarters.mp4", "tall.mp4"]);
    let clip = studio.clip("concat([input(\"quarters.mp4\"), input(\"tall.mp4\")])");
    let frames = frames(&clip);
    assert!(frames.len().abs_diff(75) <= 1, "{}", frames.len());
    let last = frames.last().unwrap();
    assert_eq!((last.width, last.height), (160, 120));
    assert!(near(last.at(10, 60), [0; 3], 16) && near(last.at(60, 20), RED, 24));
    assert!(near(frames[10].at(4, 4), RED, 24));
    let sound = sound(&clip);
    about(sound.seconds(), 3.0, 0.03);
    assert!(sound.level(0.5, 1.5) > -30.0 && sound.level(2.2, 2.8) < -80.0);
}

#[test]
fn a_crossfade_mixes_pictures_and_sounds() {
    let studio = studio(&["low.wav", "high.wav"]);
    let clip = studio.clip(
        "concat([color(red, size: 64x48, duration: 2s) | replace-audio(input(\"low.wav\")), \
                 color(blue, size: 64x48, duration: 2s) | replace-audio(input(\"high.wav\"))], \
                transition: xfade(fade, duration: 1s))",
    );
    let frames = frames(&clip);
    assert_eq!(frames.len(), 75);
    assert!(near(frames[20].at(30, 20), RED, 24) && near(frames[55].at(30, 20), BLUE, 24));
    let [red, _, blue] = frames[37].at(30, 20);
    assert!(
        (90..=165).contains(&red) && (90..=165).contains(&blue),
        "{red} {blue}"
    );
    let sound = sound(&clip);
    about(sound.tone(300.0, 0.2, 0.8), -6.0, 0.5);
    about(sound.tone(2000.0, 2.2, 2.8), -6.0, 0.5);
    assert!(sound.tone(2000.0, 0.2, 0.8) < -50.0 && sound.tone(300.0, 2.2, 2.8) < -50.0);
    let (going, coming) = (sound.tone(300.0, 1.4, 1.6), sound.tone(2000.0, 1.4, 1.6));
    about(going, coming, 1.0);
    assert!((-13.0..-7.0).contains(&going), "{going} dB in the middle");
}

#[test]
fn fades_come_out_of_nothing_and_go_back() {
    let studio = studio(&["low.wav"]);
    let clip = studio.clip(
        "color(red, size: 64x48, duration: 3s) | replace-audio(input(\"low.wav\")) | fade(in: 1s, out: 1s)",
    );
    let (frames, sound) = (frames(&clip), sound(&clip));
    let red = |index: usize| f64::from(frames[index].at(30, 20)[0]);
    assert!(red(0) < 16.0 && red(74) < 24.0, "{} {}", red(0), red(74));
    about(red(12), 126.0, 16.0);
    about(red(37), 254.0, 4.0);
    about(red(62), 126.0, 16.0);
    about(sound.tone(300.0, 1.2, 1.8), -6.0, 0.3);
    for (from, to) in [(0.45, 0.55), (2.45, 2.55)] {
        assert!(sound.tone(300.0, from, to) < -8.0, "half way, it is quieter");
    }
    assert!(sound.level(0.0, 0.02) < -35.0 && sound.level(2.98, 3.0) < -35.0);
}

#[test]
fn speed_changes_the_length_and_pitch_only_if_told() {
    let studio = studio(&["count.mp4"]);
    let kept = studio.clip("input(\"count.mp4\") | speed(2)");
    let seen = numbers(&kept);
    assert!(seen.len().abs_diff(50) <= 1, "{seen:?}");
    for (index, number) in seen.iter().enumerate() {
        assert!(number.abs_diff(index as i64 * 2) <= 1, "{seen:?}");
    }
    let heard = sound(&kept);
    about(heard.seconds(), 2.0, 0.05);
    assert!(heard.tone(1000.0, 0.9, 1.0) > heard.tone(2000.0, 0.9, 1.0) + 20.0);
    let shifted = sound(&studio.clip("input(\"count.mp4\") | speed(2, pitch: shift)"));
    assert!(shifted.tone(2000.0, 0.9, 1.0) > shifted.tone(1000.0, 0.9, 1.0) + 20.0);
    let slow = numbers(&studio.clip("input(\"count.mp4\") | trim(0s..1s) | speed(0.5)"));
    assert!(slow.len().abs_diff(50) <= 1 && slow.is_sorted(), "{slow:?}");
}

#[test]
fn delay_moves_the_sound_or_both() {
    let studio = studio(&["flash.mp4"]);
    for (operation, sound_at, picture_at) in [
        ("delay(200ms)", 1.2, 1.0),
        ("delay(-80ms)", 0.92, 1.0),
        ("delay(400ms, track: both)", 1.4, 1.4),
        ("delay(200ms, track: video)", 1.0, 1.2),
    ] {
        let clip = studio.clip(&format!("input(\"flash.mp4\") | {operation}"));
        let (beeps, flashes) = (beeps(&clip), flashes(&clip, 25.0));
        let has = |found: &[f64], at: f64| found.iter().any(|time| (time - at).abs() < 0.006);
        assert!(has(&beeps, sound_at), "{operation}: {beeps:?}");
        assert!(has(&flashes, picture_at), "{operation}: {flashes:?}");
    }
}

/// Where the picture is copied, packets of sound would be put up to 10.7 ms off.
#[test]
fn delay_beside_a_copy_is_to_the_sample() {
    let studio = studio(&["flash.mp4"]);
    for millis in [5, 30, 100, 500] {
        let delayed = format!("output(\"out.mp4\", from: input(\"flash.mp4\") | delay({millis}ms))");
        studio.render(&delayed);
        for (number, beep) in beeps(&studio.path("out.mp4"))
            .iter()
            .rev()
            .take(2)
            .rev()
            .enumerate()
        {
            about(*beep, 2.0 + number as f64 + f64::from(millis) / 1000.0, 0.0025);
        }
    }
}

#[test]
fn loop_plays_again_and_again() {
    let studio = studio(&["count.mp4"]);
    let endless = studio.clip("input(\"count.mp4\") | trim(2s..2.4s) | loop | trim(0s..1s)");
    let rounds = [counted(50..60), counted(50..60), counted(50..55)].concat();
    assert_eq!(numbers(&endless), rounds);
    let clip = studio.clip("input(\"count.mp4\") | trim(2s..2.4s) | loop(3)");
    assert_eq!(numbers(&clip), counted(50..60).repeat(3));
}
